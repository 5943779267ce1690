/** Touching the network: what is pointed at is shown large, with its numbers, and goes when it is left. */

import { MOST_UNITS } from "../state/constants.js";
import { byId } from "../ui/element.js";
import { Large } from "./large.js";
import { lookOf } from "./look.js";
import { Panel } from "./panel.js";

/** @import {Board} from "../pictures/board.js" */
/** @import {Store, Touched} from "../state/store.js" */
/** @import {AnyPicture} from "../state/types.js" */
/** @import {Look} from "./look.js" */

const FRESH = 300; // milliseconds that a fine map may be older than the coarse one
const FEW = 2; // parts of a picture, which are large already
const SAID_AFTER = 400; // milliseconds in which a person may point at something else

export class Touching {
  /** @param {Store} store @param {Board} board @param {import("./panel.js").Do} act changes the network by hand */
  constructor(store, board, act) {
    this.store = store;
    this.board = board;
    this.large = new Large();
    this.panel = new Panel(
      store,
      act,
      (touched) => this.pictureOf(touched),
      () => this.canvas,
    );
    this.panel.again = () => this.show();
    /** @type {string | undefined} the picture that had what was held last */
    this.heldIn = undefined;
    /** @type {{name: string, picture: AnyPicture, at: number} | null} the map that was asked for alone */
    this.fine = null;
    /** @type {Touched | null} */
    this.before = null;
    this.shownIn = 0; // milliseconds from pointing to the large map, for whoever measures
    this.saying = 0;
    board.drew = (card) => {
      const { touched } = store;
      if (touched && (card.name === touched.picture || card === this.large.card)) this.show();
    };
    board.taken = (picture) => {
      this.fine = { name: picture.name, picture, at: performance.now() };
      this.show();
    };
    store.on("touched", () => this.touch());
    store.on("task", () => this.leave());
    store.on("run", () => {
      this.fine = null;
    });
    new ResizeObserver(() => this.show()).observe(this.large.element);
  }

  /** Another network may not have what was pointed at. */
  leave() {
    this.store.point(null);
    this.store.hold(null);
  }

  /** What is pointed at is another, or nothing is. */
  touch() {
    const { store, board, before } = this;
    const { touched } = store;
    this.before = touched;
    for (const name of new Set([before?.picture, touched?.picture])) if (name) board.cards.get(name)?.redraw();
    const asked = touched && this.fineName(touched);
    if (board.also !== asked) {
      board.also = asked;
      if (this.fine?.name !== asked) this.fine = null;
      board.tellWatched();
    }
    this.show();
    if (this.isNewInHand()) this.take();
    else if (!store.held) this.panel.close();
    clearTimeout(this.saying);
    if (touched) this.saying = window.setTimeout(() => this.say(), SAID_AFTER);
  }

  /** Whether something else is held than a moment ago. */
  isNewInHand() {
    const { held } = this.store;
    const isNew = held !== null && held !== this.inHand;
    this.inHand = held;
    return isNew;
  }

  /** @type {Touched | null} */
  inHand = null;

  /** Open the panel of what is held. */
  take() {
    const { held } = this.store;
    this.heldIn = held?.picture;
    const look = held && lookOf(held, this.pictureOf(held), this.inputs);
    this.panel.inputs = this.inputs;
    if (look && this.canvas) this.panel.open(look, this.canvas, this.main);
    else this.store.hold(null);
  }

  /** The canvas on which something was taken in hand. */
  get canvas() {
    return this.board.cards.get(this.heldIn ?? "")?.body.querySelector("canvas") ?? null;
  }

  /** The task's main picture. */
  get main() {
    return /** @type {AnyPicture | null} */ (this.board.main?.picture ?? null);
  }

  /** The picture in which it is. @param {Touched} touched @returns {AnyPicture | null} */
  pictureOf(touched) {
    return /** @type {AnyPicture | null} */ (this.board.cards.get(touched.picture)?.picture ?? null);
  }

  /** The name of a neuron's fine map; null where there is none. @param {Touched} touched */
  fineName(touched) {
    const picture = this.pictureOf(touched);
    const last = picture?.columns?.[touched.column]?.last;
    if (!this.store.task.neuron_maps || picture?.shows !== "neurons" || last === undefined || last < 0) return null;
    return `neuron/${last * MOST_UNITS + touched.unit}`;
  }

  /** The names of the inputs, where the diagram says them, or the main picture does. */
  get inputs() {
    const { main } = this;
    const diagram = [...this.board.cards.values()].find(({ picture }) => picture?.view === "diagram")?.picture;
    const { names } = /** @type {AnyPicture | undefined} */ (diagram)?.columns[0] ?? {};
    if (names?.length) return names;
    const said = main?.choices?.length ? main.choices : (main?.axes ?? []);
    return main?.view === "curve" && !main.choices.length ? ["x"] : said;
  }

  /** The look of what is touched now. @returns {Look | null} */
  look() {
    const { touched } = this.store;
    if (!touched) return null;
    const picture = this.pictureOf(touched);
    const look = lookOf(touched, picture, this.inputs);
    const { fine } = this;
    if (!look || !picture || !fine || fine.name !== this.fineName(touched)) return look;
    const isOld = fine.picture.step < picture.step && performance.now() - fine.at > FRESH;
    const sharp = isOld ? null : lookOf({ ...touched, column: 0, unit: 0, from: null }, fine.picture);
    return sharp ? { ...look, bytes: sharp.bytes, shape: sharp.shape, scale: sharp.scale } : look;
  }

  /** Show it as it is now. */
  show() {
    const start = performance.now();
    const { touched } = this.store;
    const look = this.look();
    const card = touched && this.placeFor(touched);
    if (!touched || !look || !card?.picture) {
      this.large.hide();
      return;
    }
    this.large.show(look, this.beside(touched), card);
    const { held } = this.store;
    const own = held && (held === touched ? look : lookOf(held, this.pictureOf(held), this.inputs));
    if (own) this.panel.show(own, this.main);
    this.shownIn = performance.now() - start;
  }

  /**
   * The card over which it is shown: the main one. Where it is a part of that, and of few, it is large there already.
   * @param {Touched} touched
   */
  placeFor(touched) {
    const { main } = this.board;
    if (main?.name !== touched.picture) return main;
    const { maps, heads } = this.pictureOf(touched)?.shapes ?? {};
    return (maps ?? heads ?? [0])[0] > FEW ? main : undefined;
  }

  /** What a filter makes of the image that is followed. @param {Touched} touched @returns {Look | null} */
  beside(touched) {
    if (this.pictureOf(touched)?.view !== "filters") return null;
    const maps = [...this.board.cards.values()].find(({ picture }) => picture?.view === "maps");
    return maps ? lookOf(touched, /** @type {AnyPicture} */ (maps.picture)) : null;
  }

  /**
   * Point at a unit of a layer in the picture of the network, where one shows it; a layer without units of its own is
   * shown with the one that feeds it.
   * @param {number} layer @param {number | null} unit
   */
  showUnit(layer, unit) {
    for (const { name, picture, body } of this.board.cards.values()) {
      const columns = /** @type {AnyPicture | null} */ (picture)?.columns ?? [];
      const column = columns.findIndex((/** @type {any} */ one) => one.layer <= layer && layer <= one.last);
      if (column < 0) continue;
      const units = columns[column].units;
      this.store.point({ picture: name, column, unit: Math.min(unit ?? 0, units - 1), from: null });
      body.querySelector("canvas")?.focus();
      return true;
    }
    return false;
  }

  /** Say what is touched to who does not see it. */
  say() {
    const look = this.look();
    if (look) byId("live").textContent = `${look.title}: ${look.words}`;
  }
}
