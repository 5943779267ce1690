/** Painting on a picture: points in classes, or a curve. What is drawn is data; training goes on with it. */

import { CLASS_COLOURS, DRAWING_DIGITS, DRAWING_FINEST, DRAWING_MOST } from "../../state/constants.js";
import { count } from "../../state/numbers.js";
import { movesOf } from "../../ui/canvas.js";
import { make } from "../../ui/element.js";
import { css } from "../../ui/palette.js";
import { markerShape } from "./marker.js";
import { nearest } from "./tracked_example.js";

const BRUSH = 13; // pixels between two points of a stroke
const PENCIL = 5; // of a curve
const ERASER = 13; // how far it reaches
const TELL_EVERY = 160; // milliseconds; browsers let the address change some 200 times in half a minute
const LEAST = 2; // points that a run can learn from
const SAID = 6000; // milliseconds that words stand on the sheet

let strokes = 0; // so far: each has a number of its own

/** @typedef {{k: number, u: number, v: number}} Spot a class, and a place from 0 to 1 over the sheet, v upwards */

/**
 * What is painted on: where on its sheet a pixel is, how large the sheet is, the points that are shown and where they
 * are on the canvas, and how to draw them again.
 * @typedef {object} Painted
 * @property {(x: number, y: number) => [number, number] | null} place
 * @property {() => {width: number, height: number}} box
 * @property {() => Spot[]} shown
 * @property {() => import("./tracked_example.js").Places | null} places
 * @property {() => void} repaint
 */

/** Write five characters a point, as the engine reads them. @param {Spot[]} spots */
export function encode(spots) {
  const two = (/** @type {number} */ t) => {
    const n = Math.round(Math.min(1, Math.max(0, t)) * DRAWING_FINEST);
    return DRAWING_DIGITS[n >> 6] + DRAWING_DIGITS[n & 63];
  };
  return spots.map(({ k, u, v }) => DRAWING_DIGITS[k] + two(u) + two(v)).join("");
}

/** @param {string} drawing @returns {Spot[]} */
export function decode(drawing) {
  const two = (/** @type {string} */ t) =>
    (64 * DRAWING_DIGITS.indexOf(t[0]) + DRAWING_DIGITS.indexOf(t[1])) / DRAWING_FINEST;
  return (drawing.match(/.{5}/g) ?? []).map((p) => ({
    k: DRAWING_DIGITS.indexOf(p[0]),
    u: two(p.slice(1, 3)),
    v: two(p.slice(3, 5)),
  }));
}

export class Painter {
  /**
   * @param {HTMLCanvasElement} canvas @param {import("../view.js").Mount} mount @param {Painted} view
   * @param {boolean} isCurve
   */
  constructor(canvas, mount, view, isCurve) {
    this.mount = mount;
    this.store = mount.store;
    this.view = view;
    this.isCurve = isCurve;
    this.kind = 0;
    this.erases = false;
    this.pending = false; // whether the picture does not have all of it yet
    /** @type {Spot[] | null} */
    this.spots = null;
    this.stroke = 0; // the number of the one that is drawn, or was last
    /** @type {string | null | undefined} what was drawn when the stroke began, or what the run was told of it last */
    this.told = null;
    /** @type {[number, number] | null} the pixel that the stroke has come to */
    this.last = null;
    /** @type {Spot | null} what it put there */
    this.end = null;
    this.pointer = 0; // that draws; another finger does not
    this.telling = 0;
    this.saying = 0;
    canvas.addEventListener("pointerdown", (event) => this.begin(event, canvas));
    canvas.addEventListener("pointermove", (event) => {
      if (!this.last || event.pointerId !== this.pointer) return;
      for (const each of movesOf(event)) this.go(each.offsetX, each.offsetY);
    });
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"]))
      canvas.addEventListener(end, (event) => {
        if (!this.last || event.pointerId !== this.pointer) return;
        if (end === "pointerup") this.go(event.offsetX, event.offsetY);
        this.finish();
      });
    this.words = make("p", { className: "sheet-words", hidden: true });
    this.words.setAttribute("role", "status");
    mount.body.append(this.words);
    this.tools = make("span", { className: "tools brushes" });
    if (mount.surroundings.isPaintable) {
      canvas.classList.add("paintable");
      mount.title.append(this.tools);
      this.build();
    }
    this.silence = [
      this.store.on("choices", () => this.takeUp()),
      this.store.on("run", () => {
        if (mount.surroundings.isPaintable) this.build();
        this.takeUp();
      }),
      this.store.on("news", () => this.missing && !this.saying && this.say(this.missing, 0)),
    ];
  }

  dispose() {
    if (this.telling) this.tell();
    clearTimeout(this.saying);
    for (const stop of this.silence) stop();
  }

  /** The tools: a brush for each class, eraser, undo, clear. Made anew where there are other classes. */
  build() {
    const classes = this.isCurve ? 1 : this.store.chosen.data.classes;
    if (this.brushes?.length === classes) return;
    this.kind = Math.min(this.kind, classes - 1);
    const tool = (
      /** @type {string} */ id,
      /** @type {string} */ textContent,
      /** @type {string} */ title,
      /** @type {() => void} */ onclick,
    ) => make("button", { type: "button", id, className: "tiny", textContent, title, onclick });
    this.brushes = Array.from({ length: classes }, (_, k) => {
      const title = this.isCurve ? "Draw the curve" : `Paint class ${k}`;
      const brush = tool(`brush-${k}`, this.isCurve ? "draw" : "", title, () => this.choose(k, false));
      if (!this.isCurve) brush.append(markerShape(k, css(CLASS_COLOURS[k])));
      brush.classList.add("brush");
      brush.setAttribute("aria-label", brush.title);
      return brush;
    });
    this.eraser = tool("eraser", "erase", "Erase points", () => this.choose(this.kind, true));
    const undo = "Undo the last stroke, or what was changed since (Ctrl+Z); Ctrl+Shift+Z does it again";
    const undoer = tool("undo-stroke", "undo", undo, () => this.store.emit("undo"));
    const clearer = tool("clear", "clear", "Begin with an empty sheet", () => this.clear());
    this.tools.replaceChildren(...this.brushes, this.eraser, undoer, clearer);
    this.mark();
  }

  /** @param {number} kind @param {boolean} erases */
  choose(kind, erases) {
    this.kind = kind;
    this.erases = erases;
    this.mark();
  }

  mark() {
    for (const [k, brush] of (this.brushes ?? []).entries())
      brush.setAttribute("aria-pressed", String(!this.erases && k === this.kind));
    this.eraser?.setAttribute("aria-pressed", String(this.erases));
  }

  /** What is drawn: as chosen, or before the first stroke what the picture shows. @returns {Spot[]} */
  get drawn() {
    const { drawing } = this.store.chosen.data;
    if (!this.pending || !this.spots) this.spots = drawing ? decode(drawing) : this.view.shown();
    return this.spots;
  }

  /** Why nobody can draw now; the empty string where one can. */
  get whyNot() {
    const { store, mount } = this;
    if (store.lost) return "Nothing can be drawn: the connection is lost.";
    if (mount.surroundings.isPast)
      return `This is step ${count(store.at ?? 0)}, in the past. Go back to now to draw: Esc.`;
    return store.whyNot("data", "drawing");
  }

  /**
   * Say something on the sheet, for a while or until it is said otherwise.
   * @param {string} words @param {number} [ms]
   */
  say(words, ms = SAID) {
    clearTimeout(this.saying);
    this.saying = 0;
    this.words.textContent = words;
    this.words.hidden = !words;
    if (words && ms) this.saying = window.setTimeout(() => this.say(this.missing, 0), ms);
  }

  /** What the run goes on with where too little is drawn to learn from; the empty string where enough is. */
  get missing() {
    if (!this.pending || !this.spots || this.spots.length >= LEAST) return "";
    const there = (this.store.run?.examples ?? []).reduce((sum, n) => sum + n, 0);
    const now = this.spots.length ? "One point is not enough to learn from" : "The sheet is empty";
    const kept = `the network keeps the ${count(there)} points from before`;
    return `${now}. Until you draw on, ${kept}; undo shows them again.`;
  }

  /** Begin with an empty sheet. */
  clear() {
    if (!this.isAllowed()) return;
    this.stroke = ++strokes;
    this.spots = [];
    this.changed();
    this.tell();
  }

  /** Whether a person may draw now; where not, say why. */
  isAllowed() {
    const why = this.whyNot;
    if (why) this.say(why);
    return !why;
  }

  /** @param {PointerEvent} event @param {HTMLCanvasElement} canvas */
  begin(event, canvas) {
    const { offsetX: x, offsetY: y } = event;
    if (event.button || this.last || !this.view.place(x, y)) return;
    const points = this.mount.surroundings.isPaintable ? null : this.view.places();
    if (points && nearest(points, x, y) !== null) return; // which is tracked then
    if (!this.isAllowed()) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.told = this.written;
    this.say("");
    this.stroke = ++strokes;
    this.spots = [...this.drawn];
    this.last = [x, y];
    this.end = null;
    this.dab(x, y);
    this.changed();
  }

  /**
   * A stroke goes on: points at equal distances, however few moves the pointer tells of.
   * @param {number} x @param {number} y
   */
  go(x, y) {
    if (!this.last) return;
    const [from, down] = this.last;
    const far = Math.hypot(x - from, y - down);
    const stride = this.erases ? ERASER / 2 : this.isCurve ? PENCIL : BRUSH;
    const n = Math.floor(far / stride);
    for (let i = 1; i <= n; i++) {
      const t = (i * stride) / far;
      this.last = [from + t * (x - from), down + t * (y - down)];
      this.dab(...this.last);
    }
    if (n) this.changed();
  }

  /** The stroke is done. */
  finish() {
    this.last = null;
    if (this.telling) this.tell();
  }

  /** Put a point at a pixel, or take away what is there; off the sheet nothing. @param {number} x @param {number} y */
  dab(x, y) {
    const at = this.view.place(x, y);
    if (!at) {
      this.end = null;
      return;
    }
    const [u, v] = at;
    if (this.erases) this.spots = this.without(u, v);
    else this.add({ k: this.kind, u, v });
  }

  /** What is drawn, without what is near a place. @param {number} u @param {number} v */
  without(u, v) {
    const { width, height } = this.view.box();
    return this.drawn.filter((s) => Math.hypot((s.u - u) * width, (s.v - v) * height) > ERASER);
  }

  /** @param {Spot} spot */
  add(spot) {
    const spots = this.isCurve ? this.aside(this.drawn, spot.u) : this.drawn;
    if (spots.length >= DRAWING_MOST) {
      this.say(`The sheet is full with ${count(DRAWING_MOST)} points: erase some, or clear it.`);
      return;
    }
    this.spots = [...spots, spot];
    this.end = spot;
  }

  /** Put one point, or take away what is there, by a key. @param {number} u @param {number} v */
  put(u, v) {
    if (!this.isAllowed()) return;
    this.say("");
    this.stroke = ++strokes;
    this.end = null;
    const { width } = this.view.box();
    if (this.erases) this.spots = this.without(u, v);
    else {
      this.spots = this.isCurve ? this.drawn.filter((s) => Math.abs(s.u - u) * width > BRUSH) : this.drawn;
      this.pending = true;
      this.add({ k: this.kind, u, v });
    }
    this.changed();
    this.tell();
  }

  /**
   * A curve has one value everywhere: what lies under the stroke since its last point goes, and that point itself where
   * the stroke goes straight up or down.
   * @param {Spot[]} spots @param {number} u
   */
  aside(spots, u) {
    const { width } = this.view.box();
    const { end } = this;
    const from = end?.u ?? u;
    const [low, high] = [Math.min(from, u) - 1 / width, Math.max(from, u) + 1 / width];
    const isSteep = Math.abs(from - u) * width < 1;
    return spots.filter((s) => s.u < low || s.u > high || (s === end && !isSteep));
  }

  /** Show it at once, and tell the run a few times a second. */
  changed() {
    this.pending = true;
    if (!this.saying) this.say(this.missing, 0);
    this.view.repaint();
    this.telling ||= window.setTimeout(() => this.tell(), TELL_EVERY);
  }

  /** Tell the run. */
  tell() {
    clearTimeout(this.telling);
    this.telling = 0;
    if (!this.spots) return;
    const isEnough = this.spots.length >= LEAST;
    this.told = encode(this.spots);
    if (isEnough) this.store.chosen.data.drawing = this.told;
    this.store.emit("drawing", { stroke: this.stroke, sheet: isEnough ? null : this.told });
  }

  /** What is drawn as the page knows it, where it is not only shown. */
  get written() {
    return this.store.sheet ?? this.store.chosen.data.drawing;
  }

  /** What is chosen is another, as when a stroke is undone: the sheet shows that. */
  takeUp() {
    const drawing = this.written;
    if (this.last && drawing === this.told) return; // the run goes on with this very stroke, which is not done
    clearTimeout(this.telling);
    this.telling = 0;
    this.last = null;
    this.pending = this.store.sheet !== null || Boolean(drawing);
    this.spots = this.pending ? decode(drawing) : null;
    this.say(this.missing, 0);
    this.view.repaint();
  }

  /** Hear how many points a picture has: with all of them nothing is pending. @param {number} points */
  confirm(points) {
    if (this.pending && !this.last && !this.telling && this.spots?.length === points) this.pending = false;
  }
}
