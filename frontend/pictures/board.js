/** The middle of the page: a card for each picture of the task, the frame loop, and what is on screen. */

import { VIEWS } from "./index.js";

export class Board {
  /**
   * @param {HTMLElement} element
   * @param {HTMLElement} aside where the statistics go, beside the charts
   * @param {import("../state/store.js").Store} store
   * @param {{watch: (names: string[]) => void, drawn: (id: number) => void}} stream what the board tells
   */
  constructor(element, aside, store, stream) {
    this.element = element;
    this.aside = aside;
    this.store = store;
    this.stream = stream;
    /** @type {Map<string, {card: HTMLElement, view: any, visible: boolean, picture: any, live: any, pending: boolean}>} */
    this.cards = new Map();
    this.frame = 0;
    this.held = false; // while a moment of the past is shown
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
    this.sizes = new ResizeObserver(() => this.redraw());
    document.addEventListener("visibilitychange", () => this.tellWatched());
  }

  /** Make the cards of a task. @param {any} task */
  show(task) {
    this.clear();
    this.element.dataset.group = task.group;
    this.element.style.setProperty("--beside", String(Object.keys(task.pictures).length - 2)); // all but the first and the statistics
    for (const [name, kind] of Object.entries(task.pictures)) {
      const card = document.createElement("article");
      card.className = `card ${kind === "statistics" ? "chart" : "picture"} view-${kind}`;
      card.dataset.picture = name;
      const title = document.createElement("h2");
      title.textContent = name[0].toUpperCase() + name.slice(1);
      const body = document.createElement("div");
      body.className = "picture-body";
      const caption = document.createElement("p");
      caption.className = "caption";
      card.append(title, body, caption);
      (kind === "statistics" ? this.aside : this.element).append(card);
      caption.textContent = "this network has nothing to show here";
      const view = new VIEWS[kind](body, caption, this.store);
      this.cards.set(name, { card, view, visible: true, picture: null, live: null, pending: false });
      this.observer.observe(card);
      this.sizes.observe(body);
    }
    this.tellWatched();
  }

  clear() {
    for (const { card, view } of this.cards.values()) {
      this.observer.unobserve(card);
      card.remove();
      view.dispose?.();
    }
    this.cards.clear();
    this.sizes.disconnect();
    this.element.replaceChildren();
  }

  /** The names to ask for: what is on screen, with the number of the example where a picture shows one. */
  watched() {
    if (document.hidden) return [];
    return [...this.cards]
      .filter(([, c]) => c.visible)
      .map(([name, c]) => (c.view.example ? `${name}/${this.store.example}` : name));
  }

  /** Ask for what is on screen; while a moment of the past is, for nothing. */
  tellWatched() {
    this.stream.watch(this.held ? [] : this.watched());
  }

  /** Keep a picture until the next frame. @param {any} picture */
  take(picture) {
    const card = this.cards.get(picture.name.split("/")[0]);
    if (!card) {
      this.stream.drawn(picture.id);
      return;
    }
    if (card.pending) this.stream.drawn(card.live.id);
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
      if (!card.pending) continue;
      card.pending = false;
      this.paint(card, card.live);
      this.stream.drawn(card.live.id);
    }
  }

  /** @param {any} card @param {any} picture */
  paint(card, picture) {
    card.picture = picture;
    card.view.draw(picture);
    card.card.dataset.step = picture.step;
    card.view.caption.title = card.view.caption.textContent;
  }

  /** Let the pictures stand: what comes from the stream is kept for later. */
  hold() {
    if (this.held) return;
    this.held = true;
    this.draw();
    this.tellWatched();
  }

  /** Show a moment of the film. @param {Map<string, any>} pictures null for one that shows nothing there @param {number} step */
  showMoment(pictures, step) {
    if (!this.held) return;
    for (const [name, picture] of pictures) {
      const card = this.cards.get(name.split("/")[0]);
      if (card && picture) this.paint(card, picture);
      else if (card) this.empty(card, step);
    }
  }

  /** @param {any} card @param {number} step */
  empty(card, step) {
    card.picture = null;
    card.card.dataset.step = step;
    for (const canvas of card.card.querySelectorAll("canvas"))
      canvas.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
    card.view.caption.textContent = "nothing to show at this moment";
  }

  /** Show what the stream says again. */
  goLive() {
    this.held = false;
    this.tellWatched();
    for (const card of this.cards.values()) if (card.live) this.paint(card, card.live);
  }

  /** Draw what is there once more, after a change of size or theme. */
  redraw() {
    for (const { view, picture } of this.cards.values()) if (picture) view.draw(picture);
  }
}
