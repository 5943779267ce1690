/** What a person has in hand: a neuron, with its numbers to be set, and what can be done to it and to its layer. */

import { ownMark, understand } from "../state/typed.js";
import { addCanvas } from "../ui/canvas.js";
import { byId, make } from "../ui/element.js";
import { refusal, refuse } from "../ui/field.js";
import { place } from "../ui/menu.js";
import { deedButtons, deedsOf, silencing } from "./deeds.js";
import { drawLook } from "./large.js";
import { biasOf, incoming, signed } from "./look.js";
import { placeOf } from "./place.js";
import { ParameterTable } from "./table.js";

/** @import {Store, Touched} from "../state/store.js" */
/** @import {AnyPicture, Edit, Field} from "../state/types.js" */
/** @import {Look} from "./look.js" */
/** @import {Place} from "./place.js" */

/** @typedef {(edits: Edit[], words: string, refused: (words: string) => void) => Promise<void>} Do */
/**
 * A number that can be set; `last` is what was written into its field, of that run.
 * @typedef {{number: HTMLInputElement, slider: HTMLInputElement, slope: HTMLElement, last: string, run: string}} Row
 */

const PARTS = /** @type {const} */ (["network", "weights"]);
const DIGITS = 4;
const CELL = -2; // a row's key where it is a table's cell
const LARGEST = 1e6; // that a weight may be set to

/** What may be typed for a weight. @param {string} name */
const weightField = (name) =>
  /** @type {Field} */ ({
    name,
    type: "float",
    minimum: -LARGEST,
    maximum: LARGEST,
    among: /** @type {string[]} */ ([]),
  });

export class Panel {
  /**
   * @param {Store} store @param {Do} act does it @param {(touched: Touched) => AnyPicture | null} pictureOf
   * @param {() => HTMLElement | null} back what has the focus when it closes
   */
  constructor(store, act, pictureOf, back) {
    this.store = store;
    this.act = act;
    this.pictureOf = pictureOf;
    this.title = make("h2");
    this.words = make("p", { className: "hint" });
    this.rows = make("div", { className: "touched-rows" });
    this.deeds = make("div", { className: "touched-deeds" });
    this.locked = make("p", { className: "locked" });
    this.refusal = refusal();
    const close = make("button", { type: "button", className: "quiet", textContent: "Close" });
    close.onclick = () => this.element.hidePopover();
    this.figure = make("div", { className: "touched-small" });
    this.canvas = addCanvas(this.figure, "What is held, large");
    const head = make("div", { className: "touched-head" }, this.title, close);
    this.why = ""; // nothing can be set
    this.one = make("div", { className: "touched-rows" });
    this.table = new ParameterTable(
      store,
      (cell, parameter) => this.takeCell(cell, parameter),
      (cell, seen) => this.fill(CELL, { weight: cell.value ?? Number.NaN, gradient: cell.gradient }, seen),
    );
    this.table.focused = () => {
      this.fields.get(CELL)?.number.focus();
      this.fields.get(CELL)?.number.select();
    };
    this.table.grew = () => {
      const under = back();
      if (under && this.isOpen) place(this.element, under);
    };
    const all = make("div", {}, this.rows, this.table.element, this.one);
    const parts = [head, this.figure, this.words, this.locked, this.deeds, all, this.refusal];
    this.element = make("section", { className: "touched-panel", id: "touched-panel", popover: "auto" }, ...parts);
    this.element.setAttribute("role", "dialog");
    document.body.append(this.element);
    /** @type {Map<number, Row>} by where the line comes from; −1 is the bias */
    this.fields = new Map();
    this.element.addEventListener("toggle", () => {
      if (this.element.matches(":popover-open")) return;
      store.hold(null);
      if (document.activeElement === document.body) back()?.focus();
    });
  }

  get isOpen() {
    return this.element.matches(":popover-open");
  }

  /** Open for what is held. @param {Look} look @param {HTMLElement} under @param {AnyPicture | null} main */
  open(look, under, main) {
    const { held } = this.store;
    if (!held) return;
    this.build(held);
    this.element.setAttribute("aria-label", look.title);
    if (!this.isOpen) this.element.showPopover();
    this.show(look, main);
    place(this.element, under);
    const row = this.fields.get(held.from ?? CELL);
    const first =
      row?.number ?? this.element.querySelector(".touched-deeds button:not(:disabled), .touched-head button");
    /** @type {HTMLElement | null} */ (first)?.focus();
    row?.number.select();
  }

  close() {
    if (this.isOpen) this.element.hidePopover();
  }

  /**
   * Say what it is like now; what a person is about to type stays.
   * @param {Look} look @param {AnyPicture | null} main
   */
  show(look, main) {
    const { held } = this.store;
    const picture = held && this.pictureOf(held);
    if (!held || !picture || !this.isOpen) return;
    this.title.textContent = look.title;
    this.words.textContent = look.words;
    if (this.figure.checkVisibility()) drawLook(this.canvas, look, null, main);
    const bias = biasNow(picture, held);
    if (bias) this.fill(-1, bias, picture);
    for (const line of incoming(picture, held.column, held.unit, [])) this.fill(line.from, line, picture);
    this.table.soon(picture.step);
  }

  /**
   * Write a number into its row, but not over what a person types, or is about to.
   * @param {number} from @param {{weight: number, gradient: number | null}} now
   * @param {{step: number, run: string}} seen when, and in which run
   */
  fill(from, { weight, gradient }, { step, run }) {
    const row = this.fields.get(from);
    if (!row) return;
    const isAnothers = row.run !== run && row.number.value === row.last;
    if (document.activeElement !== row.number || isAnothers) {
      row.number.value = written(weight);
      Object.assign(row, { last: row.number.value, run });
    }
    if (!row.slider.matches(":active")) {
      const reach = Math.max(1, 2 * Math.abs(weight) || 0, Number(row.slider.max));
      Object.assign(row.slider, { min: String(-reach), max: String(reach), value: String(weight) });
      row.slider.style.setProperty("--at", `${(50 * (weight + reach)) / reach}%`);
    }
    row.slope.textContent = step && gradient !== null ? `gradient ${signed(gradient)}` : "";
  }

  /** Make its fields and buttons. @param {Touched} held */
  build(held) {
    const picture = this.pictureOf(held);
    this.fields.clear();
    this.rows.replaceChildren();
    this.deeds.replaceChildren();
    refuse(this.element, "");
    if (!picture) return;
    const place = placeOf(picture, held, this.store.run, this.store.catalog.layers);
    const why = this.store.looksBack ? this.store.whyNot(...PARTS, "timeline") : this.store.whyNot(...PARTS);
    this.locked.textContent = why;
    this.offerNumbers(picture, held, place);
    this.why = why;
    this.one.replaceChildren();
    if (!place) {
      this.locked.textContent = "Nothing can be set here: it is an input, or a layer without weights.";
      this.table.about(null);
      return;
    }
    this.offer(held, place, why);
    const { layer, part } = place;
    const lines = incoming(picture, held.column, held.unit, this.inputs);
    const isAll = lines.length > 0 && lines.length === picture.columns[held.column - 1].units;
    this.table.about(place.learns && !isAll ? { layer, part } : null);
    if (biasNow(picture, held)) this.add(-1, "bias", { layer, parameter: "b", index: [held.unit] }, why);
    for (const { from, source } of lines)
      this.add(from, source, { layer, parameter: "W", index: [from, held.unit] }, why);
  }

  /** @type {string[]} the names of the network's inputs */
  inputs = [];

  /**
   * Offer to open it in the glass box: a line as its weight, all else as what comes out there.
   * @param {AnyPicture} picture @param {Touched} held @param {Place | null} place
   */
  offerNumbers(picture, { unit, from }, place) {
    if (!this.store.allowed("glass")) return;
    const open = make("button", { type: "button", textContent: "Open in numbers" });
    const layer = place?.layer ?? 0;
    const isLine = from !== null && place && picture.view !== "filters";
    const weight = isLine && (from < 0 ? { symbol: "b", index: [unit] } : { symbol: "W", index: [from, unit] });
    open.onclick = () => {
      this.close();
      this.store.emit("numbers", { layer, ...(weight || (place ? whereOf(picture, unit) : { unit, symbol: "x" })) });
    };
    this.deeds.append(open);
  }

  /**
   * Offer what can be done to a neuron and to its layer.
   * @param {Touched} held @param {Place} place @param {string} why it is not offered
   */
  offer({ unit }, place, why) {
    const silences = place.isNeuron ? [silencing(place, unit, place.silenced.includes(unit), "it")] : [];
    const deeds = [...silences, ...deedsOf(place)];
    this.deeds.append(...deedButtons(deeds, why, ({ edit, done }) => this.do([edit], done)));
  }

  /**
   * Add a number that can be typed or dragged.
   * @param {number} from @param {string} name @param {{layer: number, parameter: string, index: number[]}} where
   * @param {string} why it cannot be set
   */
  add(from, name, where, why) {
    const label = from === CELL ? name : from < 0 ? "bias" : `weight from ${name}`;
    const number = make("input", { type: "text", className: "number", inputMode: "decimal", disabled: Boolean(why) });
    const slider = make("input", { type: "range", step: "any", min: "-1", max: "1", disabled: Boolean(why) });
    number.setAttribute("aria-label", label);
    slider.setAttribute("aria-label", `${label}, dragged`);
    const slope = make("span", { className: "hint" });
    const row = { number, slider, slope, last: "", run: "" };
    let before = "";
    const element = make(
      "div",
      { className: "touched-row" },
      make("span", { textContent: name }),
      slider,
      number,
      slope,
    );
    const words = refusal();
    element.append(words);
    const set = async (/** @type {number} */ value) => {
      refuse(element, "");
      before = row.last = number.value;
      await this.do([{ do: "set", ...where, value }], `${label} is ${written(value)}`, (said) => refuse(element, said));
    };
    slider.oninput = () => {
      number.value = written(Number(slider.value));
    };
    slider.onchange = () => set(Number(slider.value));
    number.onfocus = () => {
      before = number.value;
      if (from !== CELL) this.store.point({ .../** @type {Touched} */ (this.store.held), from });
    };
    number.onblur = () => this.store.point(null);
    number.onchange = () => {
      const { value, words: said } = understand(number.value, weightField(label), ownMark());
      if (value === null) refuse(element, said);
      else if (number.value !== before) set(value);
    };
    number.onkeydown = (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by) return;
      const all = [...this.fields.values()].map((row) => row.number);
      all[(all.indexOf(number) + by + all.length) % all.length].focus();
      event.preventDefault();
    };
    this.fields.set(from, row);
    (from === CELL ? this.one : this.rows).append(element);
  }

  /**
   * A cell of the table is in hand, or none.
   * @param {import("./table.js").Cell | null} cell @param {string} parameter
   */
  takeCell(cell, parameter) {
    this.fields.delete(CELL);
    this.one.replaceChildren();
    const { layer } = this.table.asked;
    if (!cell || layer < 0) return;
    const name = `${parameter}, row ${cell.row + 1}, column ${cell.column + 1}`;
    this.add(CELL, name, { layer, parameter, index: cell.index }, this.why);
  }

  /** @param {Edit[]} edits @param {string} words @param {(words: string) => void} [refused] */
  async do(edits, words, refused = (said) => refuse(this.element, said)) {
    const before = this.store.run?.id;
    let isRefused = false;
    await this.act(edits, words, (said) => {
      isRefused = true;
      refused(said);
    });
    const isDone = this.store.run?.id !== before;
    if (isDone) byId("live").textContent = words;
    const { held } = this.store;
    // what is refused stays to be read; and where only a number is another, a person types the next one already
    if (!held || !this.isOpen || isRefused || (isDone && edits.every((edit) => edit.do === "set"))) return;
    const from = [...this.fields].find(([, row]) => row.number === document.activeElement)?.[0];
    this.build(held);
    if (from !== undefined) this.fields.get(from)?.number.focus();
    if (!isDone) this.again(); // as it is still
  }

  /** Has the panel shown as it is now. */
  again = () => {};
}

/** A number as it is typed. @param {number} v */
const written = (v) => String(Number(v.toPrecision(DIGITS)));

/** @param {AnyPicture} picture @param {Touched} held */
function biasNow(picture, { column, unit }) {
  if (picture.view === "filters")
    return picture.arrays.biases?.length ? { weight: picture.arrays.biases[unit], gradient: null } : null;
  return biasOf(picture, column, unit);
}

/**
 * Where the glass box shows a part of a picture: a gate by its letter, a head by its shares, all else by its unit.
 * @param {AnyPicture} picture @param {number} unit
 */
function whereOf({ view, names, parts }, unit) {
  /** @type {Record<string, string>} */
  const letters = { "hidden state": "h", cell: "c" };
  if (view === "states") return { symbol: letters[names[unit]] ?? names[unit].split(" ")[0] };
  return view === "attention" ? { unit: Number(parts?.[unit] ?? unit) || 0, symbol: "A" } : { unit };
}
