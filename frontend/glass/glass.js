/**
 * The glass box: one step of the run in numbers, done again by the engine. A walk of stops there and back; every number
 * opens into those that it was made from.
 */

import { fileOf } from "../server/api.js";
import { stepsOf } from "../server/one_step.js";
import { byId, make } from "../ui/element.js";
import { Ask } from "./ask.js";
import { Example } from "./example.js";
import { places, three } from "./figures.js";
import { Formula } from "./formula.js";
import { pictureOf } from "./kinds/index.js";
import { codeOf, LEVELS, LevelBar, shapesOf } from "./levels.js";
import { Matrices } from "./matrices.js";
import { keyOf, OpenedStep } from "./opened_step.js";
import { ParameterHistory } from "./parameter_history.js";
import { writePlace } from "./place.js";
import { nameOf, StopBar } from "./stops.js";

/** @import {ArrayPart, Cell, Role, Source, Stop} from "../server/one_step.js" */
/** @import {NumberPlace, Store} from "../state/store.js" */
/** @import {GlassPage, Lights, Spot} from "./opened_step.js" */
/** @import {KindClass, KindPicture} from "./kinds/index.js" */

const [SENTENCE, SHAPES, CELL, MATRICES, CODE] = [1, 2, 3, 4, 5];
const SHEETS = ["styles/glass/glass.css", "styles/glass/kinds.css"];
const HOVER_ASKS_AFTER = 60; // milliseconds over a cell whose formula has not come yet
const SAID_AFTER = 350; // milliseconds in which a person may go further

/** Do something when the frame that is made now has been seen. @param {() => void} act */
const afterNextFrame = (act) => requestAnimationFrame(() => setTimeout(act, 0));

export class GlassBox {
  /** @param {HTMLElement} element @param {Store} store @param {GlassPage} page @param {Source} [source] a file's */
  constructor(element, store, page, source) {
    this.element = element;
    this.store = store;
    this.page = page;
    this.fixed = source ?? null;
    /** @type {number | null} where nobody names one; a file has one alone */
    this.firstExample = null;
    /** @type {Source | null} */
    this.source = null;
    this.opened = /** @type {OpenedStep} */ (/** @type {unknown} */ (null));
    this.at = 0;
    this.level = CELL;
    /** @type {Cell | null} the number that is open */
    this.current = null;
    /** @type {Cell | null} the number that a person works out */
    this.blanked = null;
    this.newestAt = -1; // where the run stood when its newest step was opened
    this.k = -1; // the parameter that was open last, by its place in theta
    /** @type {Lights} */
    this.lights = { chosen: null, made: [], hot: [], from: [], to: [] };
    this.wish = 0;
    this.asking = 0;
    this.saying = 0;
    /** @type {HTMLElement | null} */
    this.focusBefore = null;
    /** @type {KindPicture | null} */
    this.picture = null;
    /** @type {KindClass | null} */
    this.pictureClass = null;
    this.shownIn = 0; // milliseconds from the wish to the numbers, for whoever measures
    this.litIn = 0; // milliseconds from pointing to the lights
    this.failed = (/** @type {unknown} */ error) => page.failed(error);
    /** @type {Promise<unknown> | null} */
    this.dressed = null;
    this.bar = new StopBar((at) => this.go(at));
    this.next = make("button", { type: "button", className: "primary", onclick: () => this.by(1) });
    const close = make("button", { type: "button", id: "glass-close", onclick: () => this.leave() }, "Close ");
    close.append(make("kbd", { textContent: "Esc" }));
    const nav = make("div", { className: "glass-nav" }, this.next, close);
    const name = make("h2", { textContent: "One step in numbers" });
    const head = make("header", { className: "glass-bar" }, name, this.bar.element, nav);
    this.example = new Example(this);
    this.ask = new Ask(this);
    const left = make("div", { className: "glass-left" }, this.example.element, this.ask.element);
    this.title = make("h2", { tabIndex: -1, id: "glass-title" });
    this.levels = new LevelBar((level) => this.show(level));
    this.formula = new Formula(this);
    this.sentence = make("p", { className: "glass-sentence" });
    this.exact = make("p", { className: "caption glass-exact" });
    this.body = make("div", { className: "glass-body" });
    this.history = new ParameterHistory(this);
    const midHead = make("header", {}, this.title, this.levels.element);
    this.middle = make("section", { className: "card glass-middle" }, midHead, this.body, this.sentence, this.exact);
    this.middle.setAttribute("aria-label", "The number");
    this.kind = make("div", { className: "glass-kind" });
    this.matrices = new Matrices(this);
    const legend = "Blue is plus, orange is minus, deeper is more. Point at a cell to see what it is made of.";
    this.legend = make("p", { className: "caption", textContent: legend });
    this.right = make("section", { className: "card glass-right", tabIndex: 0 });
    this.right.append(this.kind, this.matrices.element, this.legend);
    this.right.setAttribute("aria-label", "Pictures and matrices");
    const main = make("div", { className: "glass-main" }, left, this.middle, this.right);
    this.element.replaceChildren(head, main);
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !(/** @type {Element} */ (event.target).matches("input"))) return;
      event.preventDefault(); // first out of the field, then out of the box
      event.stopPropagation();
      this.title.focus();
    });
    this.element.addEventListener("copy", (event) => this.copy(event));
    this.element.addEventListener("pointerover", ({ target }) => {
      const number = /** @type {Element} */ (target).closest("[data-value]");
      if (number) this.exactly(number);
    });
    new ResizeObserver(() => this.matrices.redraw()).observe(this.right);
    this.store.on(
      "news",
      () => this.isOpen && this.example.showNewer(this.store.run?.step ?? 0, this.opened.walk.step),
    );
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** @returns {Stop} */
  get stop() {
    return this.opened.walk.stops[this.at];
  }

  get walk() {
    return this.opened.walk;
  }

  // ── opened, left ──

  /** @param {NumberPlace} place */
  async open(place) {
    const { store, element } = this;
    if (!this.isOpen) this.focusBefore = /** @type {HTMLElement | null} */ (document.activeElement);
    this.source = this.fixed ?? stepsOf(store.run?.id ?? "");
    this.run = store.run?.id;
    const wish = ++this.wish;
    const { source } = this;
    const example = place.example ?? this.firstExample;
    const [, walk] = await Promise.all([
      this.dress(),
      source.walk(place.step ?? null, example, example === null ? store.tracked : null),
    ]);
    if (wish !== this.wish) return;
    if (place.step === null || place.step === undefined) this.newestAt = store.run?.step ?? -1;
    const wasOpen = this.isOpen;
    this.begin(new OpenedStep(source, walk, false));
    element.hidden = false;
    document.body.classList.add("in-glass");
    if (place.level) this.level = Math.max(SENTENCE, Math.min(CODE, place.level));
    await this.goTo(place);
    if (!wasOpen) this.next.focus({ preventScroll: true });
  }

  /** Have its style sheet, which the page does not need before. */
  dress() {
    this.dressed ??= new Promise((resolve) => {
      if (this.fixed) return resolve(undefined);
      let waiting = SHEETS.length;
      for (const sheet of SHEETS) {
        const link = make("link", { rel: "stylesheet", href: fileOf(sheet) });
        link.onload = link.onerror = () => --waiting || resolve(undefined);
        document.head.append(link);
      }
      return undefined;
    });
    return this.dressed;
  }

  /** Take up a step. @param {OpenedStep} opened */
  begin(opened) {
    this.opened = opened;
    this.blanked = null;
    this.current = null;
    this.bar.show(opened.walk.stops);
    this.example.show().catch(this.failed);
    this.example.showNewer(this.store.run?.step ?? 0, opened.walk.step);
    this.ask.showEqual(opened.walk.equal, opened.walk.step);
  }

  /** Go to the number that a place names; where it names none, to what comes out first. @param {NumberPlace} place */
  async goTo({ stop, symbol, index, unit, layer }) {
    const { stops } = this.opened.walk;
    const found = stops.findIndex(
      ({ id, layer: its, way }) => id === stop || (stop === undefined && layer === its && way === "forward"),
    );
    const at = Math.max(0, found);
    const wanted = symbol ?? stops[at].main;
    const all = stops[at].quantities;
    const quantity = all.find((q) => q.symbol === wanted) ?? all.find((q) => q.symbol.endsWith(`.${wanted}`));
    if (quantity && !index && (unit !== undefined || symbol)) {
      const middle = quantity.shape.map((n) => Math.floor(n / 2));
      const heads = quantity.axes.indexOf("head");
      const axis = heads < 0 ? quantity.shape.length - 1 : heads;
      if (unit !== undefined) middle[axis] = Math.min(unit, quantity.shape[axis] - 1);
      if (quantity.example_axis) middle[0] = this.opened.walk.example;
      await this.go(at, { symbol: quantity.symbol, index: middle });
      return;
    }
    const isThere =
      index?.length === quantity?.shape.length && index?.every((i, axis) => i < (quantity?.shape[axis] ?? 0));
    await this.go(at, quantity && index && isThere ? { symbol: quantity.symbol, index } : undefined);
  }

  /** Another run is on the page. */
  follow() {
    if (!this.isOpen || this.store.run?.id === this.run) return;
    const { walk } = this.opened;
    const place = { step: walk.step, example: walk.example, stop: this.stop.id, level: this.level };
    const spot = this.current ? { symbol: this.current.symbol, index: this.current.index } : {};
    this.open({ ...place, ...spot })
      .then(() => this.title.focus({ preventScroll: true })) // what had the focus was of the run before
      .catch(() => this.open({ step: null, level: this.level }))
      .catch((error) => {
        this.leave();
        this.page.failed(error);
      });
  }

  /** Draw what is on canvases anew, in the colours that there are now. */
  redraw() {
    if (!this.isOpen) return;
    this.matrices.redraw();
    this.example.show().catch(this.failed);
    this.history.redraw();
  }

  leave() {
    if (!this.isOpen) return;
    this.wish++;
    this.element.hidden = true;
    document.body.classList.remove("in-glass");
    this.store.numbers = "";
    this.page.address();
    const { focusBefore } = this;
    if (focusBefore?.isConnected && focusBefore !== document.body) focusBefore.focus({ preventScroll: true });
    else byId("numbers").focus({ preventScroll: true });
  }

  /** Follow another example. @param {number} example */
  async openExample(example) {
    if (!this.source) return;
    const wish = ++this.wish;
    const { step } = this.opened.walk;
    try {
      const walk = await this.source.walk(step, example, null);
      if (wish !== this.wish) return;
      const before = this.current;
      const isBatch = this.opened.isBatch;
      const at = this.at;
      this.begin(new OpenedStep(this.source, walk, isBatch));
      const quantity = walk.stops[at]?.quantities.find(({ symbol }) => symbol === before?.symbol);
      const index = before && quantity?.example_axis ? [example, ...before.index.slice(1)] : before?.index;
      await this.go(at, before && index ? { symbol: before.symbol, index } : undefined);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Give matrices a row for each example, or those of one alone. @param {boolean} isBatch */
  openBatch(isBatch) {
    const { current: cell, at } = this;
    if (!this.source) return;
    this.begin(new OpenedStep(this.source, this.opened.walk, isBatch));
    this.go(at, cell ? { symbol: cell.symbol, index: cell.index } : undefined);
  }

  // ── the walk ──

  /** @param {string} key */
  actFor(key) {
    if (key === "ArrowRight") return () => this.by(1);
    if (key === "ArrowLeft") return () => this.by(-1);
    if (key === "ArrowDown") return () => this.show(Math.min(CODE, this.level + 1));
    if (key === "ArrowUp") return () => this.show(Math.max(SENTENCE, this.level - 1));
    if (key === "Escape" && this.right.contains(document.activeElement) && document.activeElement !== this.right)
      return () => this.title.focus();
    if (key === "Escape" || key === "g") return () => this.leave();
    if (key === "?") return () => byId("help")?.click();
    return undefined;
  }

  /** @param {number} stops */
  by(stops) {
    const to = this.at + stops;
    if (to >= 0 && to < this.opened.walk.stops.length) this.go(to);
  }

  /** Where a stop is opened when nobody says where: of a file, at what it has. @param {Stop} stop @returns {Spot} */
  spotAt(stop) {
    const spot = this.usualSpot(stop);
    const known = this.source?.spots?.(stop.id);
    if (!known?.length || known.some((one) => keyOf(one.symbol, one.index) === keyOf(spot.symbol, spot.index)))
      return spot;
    return known.find(({ symbol }) => symbol === stop.main) ?? known[0];
  }

  /** @param {Stop} stop @returns {Spot} */
  usualSpot(stop) {
    const there = [
      ...(this.current?.goes_to ?? []),
      ...(this.current?.comes_from ? [this.current.comes_from] : []),
    ].filter((place) => place.stop === stop.id && stop.quantities.some(({ symbol }) => symbol === place.symbol));
    const main = stop.quantities.find(({ symbol }) => symbol === stop.main) ?? stop.quantities[0];
    const linked = there.find(({ symbol }) => symbol === main?.symbol);
    if (linked) return linked;
    const alike = there.find(({ symbol }) => {
      const shape = stop.quantities.find((quantity) => quantity.symbol === symbol)?.shape;
      return shape?.length && String(shape) === String(main?.shape);
    });
    const isByNumber = !stop.quantities.some(({ role }) => role === "weight");
    if (alike && main?.opened && isByNumber) return { symbol: main.symbol, index: alike.index };
    const { example, parameters } = this.opened.walk;
    const size = parameters?.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    const isThere = this.k >= 0 && this.k < (size ?? 0);
    if (main?.shape.length === 1 && main.shape[0] === size && stop.layer === null && isThere)
      return { symbol: main.symbol, index: [this.k] };
    if (stop.start && main) return { symbol: main.symbol, index: stop.start };
    return {
      symbol: main?.symbol ?? "",
      index: (main?.shape ?? []).map((_, i) => (i === 0 && main.example_axis ? example : 0)),
    };
  }

  /** Go to a stop, and to a number there. @param {number} at @param {Spot} [spot] */
  async go(at, spot) {
    const start = performance.now();
    const wish = ++this.wish;
    const stop = this.opened.walk.stops[at];
    const there = spot ?? this.spotAt(stop);
    try {
      const cell = await this.opened.cell(stop, there.symbol, there.index);
      if (wish !== this.wish) return;
      this.at = at;
      this.current = cell;
      this.blanked = null;
      if (cell.parameter) this.k = cell.parameter.k;
      this.lights = { ...this.lights, chosen: there, made: cell.leaves, hot: [], from: [], to: [] };
      await this.draw();
      this.shownIn = performance.now() - start;
      this.element.dataset.stop = stop.id;
      this.tell();
      this.prefetch(at);
    } catch (error) {
      if (wish === this.wish) this.failed(error);
    }
  }

  /** Ask for what comes next, so that it is there. @param {number} at */
  async prefetch(at) {
    const { opened } = this;
    for (const next of [at + 1, at - 1]) {
      const stop = opened.walk.stops[next];
      if (!stop || opened !== this.opened || at !== this.at) continue;
      const spot = this.spotAt(stop);
      const cell = await opened.cell(stop, spot.symbol, spot.index).catch(() => null);
      const { matrices } = this;
      if (!cell || opened !== this.opened) continue;
      await Promise.all([
        ...(pictureOf(stop)?.alone ? [] : matrices.ahead(stop, cell).map((matrix) => matrix.fetch().catch(() => null))),
        this.ahead(stop, cell),
      ]);
    }
  }

  /** Have the picture of a stop ask for what it will draw. @param {Stop} stop @param {Cell} cell */
  async ahead(stop, cell) {
    const Picture = pictureOf(stop);
    const picture = Picture && new Picture(make("div"), this);
    await picture?.ahead(stop, cell, this.kind.clientWidth || this.matrices.width).catch(() => null);
  }

  /** Look at another level. @param {number} level */
  async show(level) {
    if (level === this.level) return;
    this.level = level;
    await this.draw().catch(this.failed);
    byId("live").textContent = `${LEVELS[level - 1]}: ${this.words()}`;
    this.write();
  }

  /** Draw the stop at this level. */
  async draw() {
    const { stop, current: cell, level } = this;
    this.element.dataset.level = String(level);
    this.element.dataset.way = stop.way;
    this.bar.mark(this.at);
    this.levels.mark(level);
    const next = this.opened.walk.stops[this.at + 1];
    const words = next ? `Next: ${nameOf(next)} ` : "The last stop ";
    this.next.replaceChildren(words, make("kbd", { textContent: "→" }));
    this.next.disabled = !next;
    this.title.textContent = cell ? `${stop.title}: ${this.fullName(cell)}` : stop.title;
    this.exact.textContent = "";
    this.formula.showStop(stop);
    if (cell) {
      this.formula.show(stop, cell);
      this.ask.show(cell);
    }
    this.sentence.textContent = this.words();
    const wish = this.wish;
    const matrices = () => this.matrices.show(stop, cell, level === MATRICES);
    const isBelow = pictureOf(stop) !== null && level !== MATRICES; // the picture is seen first
    await Promise.all([this.fill(wish), this.drawKind(wish), isBelow ? null : matrices()]);
    if (wish !== this.wish) return;
    this.light();
    if (isBelow)
      afterNextFrame(() => {
        if (wish === this.wish) matrices().catch(this.failed);
      });
    // it may take a second
    if (this.level === CELL && stop.way === "update") this.history.show(wish).catch(this.failed);
  }

  /** Fill the middle. @param {number} wish */
  async fill(wish) {
    const { stop, level, formula, body, history } = this;
    if (level === CODE) {
      const code = await this.opened.code(stop);
      if (wish === this.wish && this.level === CODE) body.replaceChildren(...codeOf(code, this.current?.symbol ?? ""));
      return;
    }
    if (level === SENTENCE)
      body.replaceChildren(make("p", { className: "glass-large", textContent: stop.sentence }), formula.general);
    else if (level === SHAPES) body.replaceChildren(formula.general, ...shapesOf(stop));
    else if (level === CELL && stop.way === "update")
      body.replaceChildren(formula.general, formula.numbers, history.element);
    else if (level === CELL) body.replaceChildren(formula.general, formula.numbers, formula.terms);
    else body.replaceChildren();
  }

  /** Show the picture of the stop's kind, where there is one. @param {number} wish */
  async drawKind(wish) {
    const { stop, current: cell, kind } = this;
    const Picture = pictureOf(stop);
    if (Picture !== this.pictureClass) {
      kind.replaceChildren();
      this.pictureClass = Picture;
      this.picture = Picture && new Picture(kind, this);
    }
    this.matrices.element.hidden = Boolean(Picture?.alone) && this.level !== MATRICES;
    kind.hidden = !Picture || this.level === MATRICES;
    if (this.picture && !kind.hidden && wish === this.wish) await this.picture.show(stop, cell).catch(this.failed);
  }

  /** The number in a sentence; not while it is to be worked out. */
  words() {
    const { stop, current: cell } = this;
    if (this.blanked) return "Work it out, then look.";
    return cell?.sentence || stop.sentence;
  }

  /** Say it to who does not see it, as soon as one stays; and let the address say it. */
  tell() {
    clearTimeout(this.saying);
    this.saying = window.setTimeout(() => {
      if (this.isOpen) byId("live").textContent = `${this.stop.title}. ${this.words()}`;
    }, SAID_AFTER);
    this.write();
  }

  write() {
    const { walk } = this.opened;
    const { symbol, index } = this.current ?? {};
    const place = { step: walk.step, example: walk.example, stop: this.stop.id, symbol, index, level: this.level };
    this.store.numbers = this.isOpen ? writePlace(place) : "";
    this.page.address();
  }

  // ── numbers ──

  /** @param {Stop} stop @param {string} symbol @param {string} [window] @returns {Promise<ArrayPart>} */
  array(stop, symbol, window = "") {
    return this.opened.array(stop, symbol, window);
  }

  /** @param {Stop} stop @param {string} symbol @param {string} window */
  ofBatch(stop, symbol, window) {
    return this.opened.ofBatch(stop, symbol, window);
  }

  /** @param {Stop} stop @param {string} symbol @param {number[]} index */
  cell(stop, symbol, index) {
    return this.opened.cell(stop, symbol, index);
  }

  /** What a number of this stop is for. @param {string} symbol @returns {Role} */
  role(symbol) {
    return this.stop.quantities.find((quantity) => quantity.symbol === symbol)?.role ?? "state";
  }

  /**
   * Name a number: "W[3,4]"; the example's own place goes without saying.
   * @param {string} symbol @param {number[]} index
   */
  nameOf(symbol, index) {
    const quantity = this.stop.quantities.find((one) => one.symbol === symbol);
    const place =
      quantity && this.opened.isOfExample(quantity) && index[0] === this.walk.example ? index.slice(1) : index;
    return (quantity?.letters ?? symbol) + (place.length ? `[${places(place)}]` : "");
  }

  /**
   * Name the number that is open; one of theta as the layer's weight that it is, one that goes in as a table calls it.
   * @param {Cell} cell
   */
  fullName({ symbol, index, parameter }) {
    const name = symbol === "x" && this.stop.layer === 0 ? this.walk.input.names?.[index.at(-1) ?? 0] : "";
    if (name) return `${this.nameOf(symbol, index)}, ${name}`;
    if (!parameter || this.stop.layer !== null) return this.nameOf(symbol, index);
    const letters = this.stop.quantities.find((one) => one.symbol === symbol)?.letters ?? symbol;
    return `${letters} of ${parameter.name}[${places(parameter.index)}], layer ${parameter.position + 1}`;
  }

  /** Open a number of a stop. @param {Stop} stop @param {string} symbol @param {number[]} index */
  async choose(stop, symbol, index) {
    const at = this.opened.walk.stops.findIndex(({ id }) => id === stop.id);
    const quantity = stop.quantities.find((one) => one.symbol === symbol);
    const { walk, isBatch } = this.opened;
    if (isBatch && quantity?.example_axis && index[0] !== walk.example && this.source) {
      const wish = this.wish + 2; // that of its walk, and of its stop
      await this.openExample(index[0]);
      if (wish === this.wish) await this.go(at, { symbol, index });
    } else await this.go(at, { symbol, index });
  }

  /** Open a number that this stop shows. @param {string} symbol @param {number[]} index */
  chooseHere(symbol, index) {
    const isHere = this.stop.quantities.some((quantity) => quantity.symbol === symbol);
    const leaf = this.current?.leaves.find((one) => keyOf(one.symbol, one.index) === keyOf(symbol, index));
    const stop = isHere ? this.stop : (this.opened.stop(leaf?.stop ?? "") ?? this.opened.updating(symbol));
    if (stop) this.choose(stop, symbol, index);
  }

  /** What a parameter is worth before the step. @param {Cell} cell */
  valueOf(cell) {
    const name = cell.parameter?.name;
    return cell.symbol === name ? cell.value : (cell.leaves.find(({ symbol }) => symbol === name)?.value ?? cell.value);
  }

  // ── lights ──

  /** Point at cells of this stop; an empty list leaves them. @param {Spot[]} cells */
  lightUp(cells) {
    const start = performance.now();
    clearTimeout(this.asking);
    this.lights = { ...this.lights, hot: cells, from: [], to: [] };
    this.light();
    this.litIn = performance.now() - start;
  }

  /** Point at one cell: light where it comes from and where it goes, at once where that is known. @param {Stop} stop
   * @param {string} symbol @param {number[]} index
   */
  hover(stop, symbol, index) {
    const start = performance.now();
    clearTimeout(this.asking);
    const known = this.opened.cellThere(stop, symbol, index);
    this.lights = { ...this.lights, hot: [{ symbol, index }], from: known?.leaves ?? [], to: known?.goes_to ?? [] };
    this.light();
    this.litIn = performance.now() - start;
    if (known) return;
    const { opened } = this;
    this.asking = window.setTimeout(async () => {
      const cell = await opened.cell(stop, symbol, index).catch(() => null);
      const [hot] = this.lights.hot;
      if (!cell || !hot || keyOf(hot.symbol, hot.index) !== keyOf(symbol, index) || opened !== this.opened) return;
      this.lights = { ...this.lights, from: cell.leaves, to: cell.goes_to };
      this.light();
    }, HOVER_ASKS_AFTER);
  }

  /** Show all lights. */
  light() {
    const { hot, from, to } = this.lights;
    const keys = new Set([...hot, ...from].map(({ symbol, index }) => keyOf(symbol, index)));
    this.formula.light(keys);
    this.history.light(keys);
    this.matrices.light();
    this.picture?.light([...hot, ...from]);
    const ids = [...to, ...from].flatMap((place) => ("stop" in place ? [String(place.stop)] : []));
    if (!hot.length && this.current) {
      ids.push(
        ...this.current.goes_to.map(({ stop }) => stop),
        ...(this.current.comes_from ? [this.current.comes_from.stop] : []),
      );
    }
    this.bar.light(new Set(ids.filter((id) => id !== this.stop.id)));
  }

  /** Say a number exactly. @param {Element | null} element that shows it */
  exactly(element) {
    const value = element?.getAttribute("data-value");
    const isHidden = this.blanked && element?.hasAttribute("data-own");
    if (value && !isHidden) this.exact.textContent = `exactly ${value.replace("-", "−")}`;
  }

  /** What is copied is the exact number. @param {ClipboardEvent} event */
  copy(event) {
    const selection = getSelection();
    const node = selection?.anchorNode;
    const element = node instanceof Element ? node : node?.parentElement;
    const number = element?.closest("[data-value]");
    if (
      !number ||
      !selection ||
      !number.contains(selection.focusNode) ||
      (this.blanked && number.hasAttribute("data-own"))
    )
      return;
    event.clipboardData?.setData("text/plain", number.getAttribute("data-value") ?? "");
    event.preventDefault();
  }

  // ── asked ──

  /** Hide a number, to be worked out; null shows it again. @param {Cell | null} cell */
  blank(cell) {
    this.blanked = cell;
    this.element.classList.toggle("blanked", cell !== null);
    this.sentence.textContent = this.words();
    this.exact.textContent = "";
    for (const element of this.element.querySelectorAll("[data-own]"))
      element.textContent = cell ? "?" : (this.current?.shown ?? three(this.current?.value ?? null));
    for (const matrix of this.matrices.all) matrix.draw();
  }

  /** Whether a number is hidden now. @param {string} symbol @param {number[]} index */
  isBlank(symbol, index) {
    const { blanked } = this;
    return blanked !== null && keyOf(blanked.symbol, blanked.index) === keyOf(symbol, index);
  }

  /**
   * Set a weight: a new run goes on from this step.
   * @param {{position: number, name: string, index: number[]}} at @param {number} value
   * @param {(words: string) => void} refused
   */
  setWeight({ position, name, index }, value, refused) {
    const { store } = this;
    const { step } = this.opened.walk;
    if (store.run?.step !== step) store.look(step);
    const edits = [{ do: "set", layer: position, parameter: name, index, value }];
    const words = `${name}[${places(index)}] of layer ${position + 1} is ${three(value)}`;
    store.emit("hand", { edits, words, refused });
  }

  /** Point at what is open in the picture of the network. */
  showInPicture() {
    const { stop, current: cell } = this;
    const layer = stop.layer ?? cell?.parameter?.position ?? 0;
    const unit = cell?.parameter ? (cell.parameter.index.at(-1) ?? null) : (cell?.index.at(-1) ?? null);
    this.leave();
    this.page.show(layer, unit);
  }
}
