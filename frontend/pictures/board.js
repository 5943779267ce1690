/**
 * The pictures of the page: a card for each of the task's, in its place; the frame loop, and what is on screen.
 */

import { isActive } from "../state/status.js";
import { make } from "../ui/element.js";
import { Card } from "./card.js";
import { placesOf, sharesOf } from "./places.js";
import { surroundingsIn } from "./view.js";

/** @typedef {import("./view.js").Picture} Picture */
/**
 * What the board knows of a card.
 * @typedef {object} Feed
 * @property {boolean} visible whether it is on screen
 * @property {Picture | null} live what came for it
 * @property {boolean} pending whether that is not drawn yet
 * @property {boolean} isStale whether what is drawn looks otherwise now
 * @property {boolean} isEmpty whether this network has nothing to show there
 * @property {boolean} isKnown whether that is known
 */
/**
 * Where pictures go: into the picture's place, beside it, or under tabs before a certain one.
 * @typedef {{picture: HTMLElement, beside: HTMLElement, tabs: import("../ui/tabs.js").Tabs, before: string}} Places
 */

const LAYERS = "layer statistics"; // its tab has the name of what it is about
const SOON = 100; // milliseconds in which a picture comes while it trains

/** A name as an id. @param {string} name */
const slug = (name) => name.replaceAll(" ", "-");

export class Board {
  /**
   * @param {Places} places
   * @param {import("./view.js").Store} store
   * @param {{watch: (names: string[]) => void, drawn: (id: number) => void}} stream what the board tells
   */
  constructor(places, store, stream) {
    this.places = places;
    /** @type {string[]} the names of the tabs that pictures have */
    this.tabs = [];
    this.store = store;
    this.stream = stream;
    /** @type {Map<string, Card & Feed>} */
    this.cards = new Map();
    this.frame = 0;
    this.held = false; // while a snapshot is shown
    /** @type {string | null} a picture that has no card and is asked for too */
    this.also = null;
    /** @type {(picture: Picture) => void} hears of it */
    this.taken = () => {};
    /** @type {(card: Card) => void} hears what was drawn anew */
    this.drew = () => {};
    /** @type {(() => void)[]} those that wait until something is drawn */
    this.waiting = [];
    /** @type {(() => void)[]} what else is to be done in the next frame */
    this.acts = [];
    this.patience = 0;
    this.observer = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          const card = this.cards.get(/** @type {HTMLElement} */ (entry.target).dataset.picture ?? "");
          if (!card) continue;
          card.visible = entry.isIntersecting;
          if (card.visible && card.isStale) this.refresh(card);
        }
        this.tellWatched();
      },
      { rootMargin: "300px" },
    );
    document.addEventListener("visibilitychange", () => {
      this.catchUp(); // a page that is hidden has no frames
      this.tellWatched();
    });
    store.on("run", () => {
      for (const card of this.cards.values()) card.isKnown = false; // another network may have other pictures
    });
  }

  /** Make the cards of a task. @param {{pictures: Record<string, string>, fixed_network: boolean}} task */
  show(task) {
    this.clear();
    this.surroundings = surroundingsIn("page", this.store);
    this.surroundings.isPast = this.held;
    for (const [name, kind] of Object.entries(task.pictures)) {
      if (name === LAYERS && task.fixed_network) continue; // a network that is only a place has no layers to look at
      /** @type {Feed} */
      const feed = { visible: true, live: null, pending: false, isStale: false, isEmpty: false, isKnown: false };
      const card = Object.assign(new Card(name, kind, this.store, this.surroundings), feed);
      card.element.dataset.picture = name;
      card.settled = () => this.settle(card);
      this.cards.set(name, card);
      this.observer.observe(card.element);
    }
    this.place();
    this.tellWatched();
  }

  /** The tab under which a picture stands; undefined where it is under none. @param {string} name */
  tabOf(name) {
    return this.tabs.includes(name) ? slug(name) : undefined;
  }

  /** Put the cards that have something to show where they belong. */
  place() {
    const { picture, beside, tabs, before } = this.places;
    const cards = [...this.cards.values()].filter((card) => !card.isEmpty);
    const placed = placesOf(cards);
    for (const [slot, group] of /** @type {const} */ ([
      [picture, placed.picture],
      [beside, placed.beside],
    ])) {
      const shares = sharesOf(group);
      for (const [i, card] of group.entries()) card.element.style.setProperty("--share", String(shares[i]));
      slot.replaceChildren(...group.map((card) => card.element));
    }
    const wanted = placed.tabs.map((card) => card.element.dataset.picture ?? "");
    for (const name of this.tabs) if (!wanted.includes(name)) tabs.remove(slug(name));
    for (const card of placed.tabs) {
      const name = card.element.dataset.picture ?? "";
      const title = name === LAYERS ? "Layers" : card.words;
      const term = name === LAYERS ? "terms/layers" : `pictures/${name}`;
      if (!this.tabs.includes(name)) tabs.add(slug(name), title, make("div", {}, card.element), term, before);
    }
    this.tabs = wanted;
  }

  /**
   * Show no card for a picture of which this network has nothing, or one again.
   * @param {string} name @param {boolean} isEmpty
   */
  setEmpty(name, isEmpty) {
    const card = this.cards.get(name.split("/")[0]);
    if (!card) return;
    const wasKnown = card.isKnown;
    card.isKnown = true;
    if (card.isEmpty !== isEmpty) {
      card.isEmpty = isEmpty;
      this.place();
    }
    if (!wasKnown && [...this.cards.values()].every((one) => one.isKnown || !one.visible)) this.tellWatched();
  }

  clear() {
    this.observer.disconnect();
    for (const card of this.cards.values()) card.close();
    this.cards.clear();
    this.places.picture.replaceChildren();
    this.places.beside.replaceChildren();
    for (const name of this.tabs) this.places.tabs.remove(slug(name));
    this.tabs = [];
  }

  /** The card of the task's main picture. */
  get main() {
    return this.cards.values().next().value;
  }

  /** The card of the task's main picture, as soon as that is drawn. */
  async mainDrawn() {
    for (;;) {
      const { main } = this;
      if (main?.picture) return { card: main, picture: main.picture };
      await /** @type {Promise<void>} */ (new Promise((resolve) => this.waiting.push(resolve)));
    }
  }

  /** The names to ask for: what is on screen. */
  watched() {
    if (document.hidden) return [];
    const names = [...this.cards.values()].filter((card) => card.visible).map((card) => card.asked);
    return this.also ? [...names, this.also] : names;
  }

  /**
   * The names of what is under tabs and may be there or not: once all that is on screen has come, it is asked for until
   * that is known; what was not there may come.
   */
  doubtful() {
    const cards = [...this.cards.values()];
    if (document.hidden || cards.some((card) => card.visible && !card.isKnown)) return [];
    return cards.filter((card) => !card.visible && (card.isEmpty || !card.isKnown)).map((card) => card.asked);
  }

  /** Ask for what is on screen, and what may be; while a snapshot is, for nothing. */
  tellWatched() {
    this.stream.watch(this.held ? [] : [...this.watched(), ...this.doubtful()]);
  }

  /** Keep a picture until the next frame. @param {Picture} picture */
  take(picture) {
    const card = this.cards.get(picture.name.split("/")[0]);
    if (!card) {
      if (picture.name === this.also && !this.held) this.taken(picture);
      this.stream.drawn(picture.id);
      return;
    }
    this.setEmpty(picture.name, false);
    if (card.pending && card.live) this.stream.drawn(card.live.id);
    card.live = picture;
    if (this.held) {
      this.stream.drawn(picture.id);
      return;
    }
    card.pending = true;
    this.drawSoon();
  }

  /**
   * The view of a card is there: it draws what came; while a snapshot is shown, that stands.
   * @param {Card & Feed} card
   */
  settle(card) {
    if (!this.held || !card.pending || !card.live) {
      this.drawSoon();
      return;
    }
    card.pending = false;
    this.stream.drawn(card.live.id);
  }

  drawSoon() {
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.frame = 0;
    for (const card of this.cards.values()) {
      if (!card.pending || !card.live || card.isLoading) continue;
      card.pending = false;
      card.draw(card.live);
      this.drew(card);
      this.stream.drawn(card.live.id);
    }
    this.catchUp();
    for (const go of this.waiting.splice(0)) go();
  }

  /**
   * Do something in the frame of the next pictures, after them, or soon where none come: a frame costs the browser more
   * than what is new in it.
   * @param {() => void} act
   */
  withPictures(act) {
    this.acts.push(act);
    if (this.held || document.hidden || !isActive(this.store.run?.status)) this.catchUp();
    else this.patience ||= window.setTimeout(() => this.drawSoon(), SOON);
  }

  /** Do what waits for a frame. */
  catchUp() {
    clearTimeout(this.patience);
    this.patience = 0;
    for (let act = this.acts.shift(); act; act = this.acts.shift()) act();
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
      if (card) this.drew(card);
      else if (picture && name === this.also) this.taken(picture);
    }
  }

  /** Show what the stream says again. */
  goLive() {
    this.setHeld(false);
    this.tellWatched();
    for (const card of this.cards.values()) {
      if (card.live) card.draw(card.live);
      this.drew(card);
    }
  }

  /** Draw what is there once more; what nobody sees, when it comes into view. */
  redraw() {
    for (const card of this.cards.values())
      if (card.visible) this.refresh(card);
      else card.isStale = true;
  }

  /** @param {Card & Feed} card */
  refresh(card) {
    card.isStale = false;
    card.redraw();
  }
}
