/** The middle of the page: a card for each picture of the task, the frame loop, and what is on screen. */

import { Card } from "./card.js";
import { arrange } from "./grid.js";
import { surroundingsIn } from "./view.js";

/** @typedef {import("./view.js").Picture} Picture */
/**
 * Whether a card is on screen, and what came for it.
 * @typedef {{visible: boolean, live: Picture | null, pending: boolean}} Feed
 */

export class Board {
  /**
   * @param {HTMLElement} element
   * @param {HTMLElement} aside where views go that stand beside the charts
   * @param {import("./view.js").Store} store
   * @param {{watch: (names: string[]) => void, drawn: (id: number) => void}} stream what the board tells
   */
  constructor(element, aside, store, stream) {
    this.element = element;
    this.aside = aside;
    this.store = store;
    this.stream = stream;
    /** @type {Map<string, Card & Feed>} */
    this.cards = new Map();
    this.frame = 0;
    this.held = false; // while a snapshot is shown
    this.observer = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          const card = this.cards.get(/** @type {HTMLElement} */ (entry.target).dataset.picture ?? "");
          if (card) card.visible = entry.isIntersecting;
        }
        this.tellWatched();
      },
      { rootMargin: "300px" },
    );
    document.addEventListener("visibilitychange", () => this.tellWatched());
  }

  /** Make the cards of a task. @param {{pictures: Record<string, string>}} task */
  show(task) {
    this.clear();
    this.surroundings = surroundingsIn("page", this.store);
    this.surroundings.isPast = this.held;
    for (const [name, kind] of Object.entries(task.pictures)) {
      /** @type {Feed} */
      const feed = { visible: true, live: null, pending: false };
      const card = Object.assign(new Card(name, kind, this.store, this.surroundings), feed);
      card.element.dataset.picture = name;
      this.cards.set(name, card);
      this.observer.observe(card.element);
    }
    arrange([...this.cards.values()], this.element, this.aside);
    this.tellWatched();
  }

  clear() {
    this.observer.disconnect();
    for (const card of this.cards.values()) card.close();
    this.cards.clear();
    this.element.replaceChildren();
  }

  /** The card of the task's main picture. */
  get main() {
    return this.cards.values().next().value;
  }

  /** The names to ask for: what is on screen. */
  watched() {
    if (document.hidden) return [];
    return [...this.cards.values()].filter((card) => card.visible).map((card) => card.asked);
  }

  /** Ask for what is on screen; while a snapshot is, for nothing. */
  tellWatched() {
    this.stream.watch(this.held ? [] : this.watched());
  }

  /** Keep a picture until the next frame. @param {Picture} picture */
  take(picture) {
    const card = this.cards.get(picture.name.split("/")[0]);
    if (!card) {
      this.stream.drawn(picture.id);
      return;
    }
    if (card.pending && card.live) this.stream.drawn(card.live.id);
    card.live = picture;
    if (this.held) {
      this.stream.drawn(picture.id);
      return;
    }
    card.pending = true;
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.frame = 0;
    for (const card of this.cards.values()) {
      if (!card.pending || !card.live) continue;
      card.pending = false;
      card.draw(card.live);
      this.stream.drawn(card.live.id);
    }
  }

  /** Let the pictures stand: what comes from the stream is kept for later. */
  hold() {
    if (this.held) return;
    this.setHeld(true);
    this.draw();
    this.tellWatched();
  }

  /** @param {boolean} held */
  setHeld(held) {
    this.held = held;
    if (this.surroundings) this.surroundings.isPast = held;
  }

  /**
   * Show a snapshot.
   * @param {Map<string, Picture | null>} pictures null for one that shows nothing there @param {number} step
   */
  showSnapshot(pictures, step) {
    if (!this.held) return;
    for (const [name, picture] of pictures) {
      const card = this.cards.get(name.split("/")[0]);
      if (picture) card?.draw(picture);
      else card?.empty(step);
    }
  }

  /** Show what the stream says again. */
  goLive() {
    this.setHeld(false);
    this.tellWatched();
    for (const card of this.cards.values()) if (card.live) card.draw(card.live);
  }

  /** Draw what is there once more. */
  redraw() {
    for (const card of this.cards.values()) card.redraw();
  }
}
