/** Painting on a picture: points in classes, or a curve. What is drawn is data; training goes on with it. */

import { CLASS_COLOURS, DRAWING_DIGITS, DRAWING_FINEST, DRAWING_MOST } from "../../state/constants.js";
import { css } from "../../ui/palette.js";
import { markerShape } from "./marker.js";

const BRUSH = 13; // pixels between two points of a stroke
const ERASER = 13;
const TELL_EVERY = 160; // milliseconds; browsers let the address change some 200 times in half a minute
const REMEMBERED = 100;

/** @typedef {{k: number, u: number, v: number}} Spot a class, and a place from 0 to 1 over the sheet, v upwards */

/**
 * What is painted on: where on its sheet a pixel is, how large the sheet is, the points that are shown, and how to draw
 * them again.
 * @typedef {object} Painted
 * @property {(x: number, y: number) => [number, number] | null} place
 * @property {() => {width: number, height: number}} box
 * @property {() => Spot[]} shown
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
    /** @type {Spot[][]} */
    this.before = [];
    /** @type {[number, number] | null} */
    this.last = null;
    this.telling = 0;
    canvas.classList.add("paintable");
    canvas.addEventListener("pointerdown", (event) => this.begin(event, canvas));
    canvas.addEventListener("pointermove", (event) => {
      if (!this.last) return;
      const all = event.getCoalescedEvents?.() ?? [];
      for (const each of all.length ? all : [event]) this.go(each);
    });
    for (const end of ["pointerup", "pointercancel"])
      canvas.addEventListener(end, () => {
        this.last = null;
      });
    this.tools = document.createElement("span");
    this.tools.className = "tools brushes";
    mount.title.append(this.tools);
    this.build();
  }

  /** The tools: a brush for each class, eraser, undo, clear. */
  build() {
    const tool = (
      /** @type {string} */ id,
      /** @type {string} */ text,
      /** @type {string} */ title,
      /** @type {() => void} */ act,
    ) =>
      Object.assign(document.createElement("button"), {
        type: "button",
        id,
        className: "tiny",
        textContent: text,
        title,
        onclick: act,
      });
    const classes = this.isCurve ? 1 : this.store.chosen.data.classes;
    const brushes = Array.from({ length: classes }, (_, k) => {
      const brush = tool(
        `brush-${k}`,
        this.isCurve ? "Draw" : "",
        this.isCurve ? "Draw the curve" : `Paint class ${k}`,
        () => this.choose(k, false),
      );
      if (!this.isCurve) brush.append(markerShape(k, css(CLASS_COLOURS[k])));
      brush.classList.add("brush");
      brush.setAttribute("aria-label", brush.title);
      return brush;
    });
    this.eraser = tool("eraser", "erase", "Erase points", () => this.choose(this.kind, true));
    this.undoer = tool("undo", "undo", "Undo the last stroke (Ctrl+Z)", () => this.undo());
    this.clearer = tool("clear", "clear", "Begin with an empty sheet", () => {
      this.remember();
      this.spots = [];
      this.changed();
    });
    this.brushes = brushes;
    this.tools.replaceChildren(...brushes, this.eraser, this.undoer, this.clearer);
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
    if (this.undoer) this.undoer.disabled = !this.before.length;
  }

  /** What is drawn: as chosen, or before the first stroke what the picture shows. @returns {Spot[]} */
  get drawn() {
    const { drawing } = this.store.chosen.data;
    if (!this.pending || !this.spots) this.spots = drawing ? decode(drawing) : this.view.shown();
    return this.spots;
  }

  remember() {
    this.before.push([...this.drawn]);
    if (this.before.length > REMEMBERED) this.before.shift();
    this.mark();
  }

  undo() {
    const before = this.before.pop();
    if (!before) return;
    this.spots = before;
    this.changed();
    this.mark();
  }

  /** @param {PointerEvent} event @param {HTMLCanvasElement} canvas */
  begin(event, canvas) {
    if (event.button || this.mount.surroundings.isPast || !this.view.place(event.offsetX, event.offsetY)) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    this.remember();
    this.last = [-1e9, -1e9];
    this.go(event);
  }

  /** A stroke goes on. @param {PointerEvent} event */
  go(event) {
    const [x, y] = [event.offsetX, event.offsetY];
    const at = this.view.place(x, y);
    if (!at || !this.last) return;
    const far = Math.hypot(x - this.last[0], y - this.last[1]);
    if (!this.erases && far < (this.isCurve ? 5 : BRUSH)) return;
    const spots = this.drawn;
    const [u, v] = at;
    const { width, height } = this.view.box();
    if (this.erases) this.spots = spots.filter((s) => Math.hypot((s.u - u) * width, (s.v - v) * height) > ERASER);
    else if (spots.length < DRAWING_MOST)
      this.spots = [...(this.isCurve ? this.aside(spots, u) : spots), { k: this.kind, u, v }];
    this.last = [x, y];
    this.changed();
  }

  /** Put one point, or take away what is there. @param {number} u @param {number} v */
  put(u, v) {
    if (this.mount.surroundings.isPast) return;
    this.remember();
    const { width, height } = this.view.box();
    const spots = this.drawn;
    const far = (/** @type {Spot} */ s) => Math.hypot((s.u - u) * width, (s.v - v) * height);
    if (this.erases) this.spots = spots.filter((s) => far(s) > ERASER);
    else if (spots.length < DRAWING_MOST)
      this.spots = [
        ...(this.isCurve ? spots.filter((s) => Math.abs(s.u - u) * width > BRUSH) : spots),
        { k: this.kind, u, v },
      ];
    this.changed();
  }

  /** A curve has one value everywhere: what lies under the new stroke goes. @param {Spot[]} spots @param {number} u */
  aside(spots, u) {
    const { width } = this.view.box();
    const from = this.last && this.last[0] > 0 ? (this.view.place(...this.last)?.[0] ?? u) : u;
    const [low, high] = [Math.min(from, u) - 1 / width, Math.max(from, u) + 1 / width];
    return spots.filter((s) => s.u < low || s.u > high || s.u === from);
  }

  /** Show it at once, and tell the run a few times a second. */
  changed() {
    this.pending = true;
    this.view.repaint();
    this.telling ||= window.setTimeout(() => {
      this.telling = 0;
      if (!this.spots || this.spots.length < 2) return;
      this.store.chosen.data.drawing = encode(this.spots);
      this.store.emit("drawing");
    }, TELL_EVERY);
  }

  /** Hear how many points a picture has: with all of them nothing is pending. @param {number} points */
  confirm(points) {
    if (this.pending && !this.last && !this.telling && this.spots?.length === points) this.pending = false;
  }
}
