/** All arrays of a stop, one below the other, in the height that there is. */

import { make } from "../ui/element.js";
import { Matrix } from "./matrix.js";

/** @import {Cell, Parameter, Stop} from "../server/one_step.js" */
/** @import {Glass} from "./opened_step.js" */

const [HEAD, LEAST] = [28, 15]; // pixels above each matrix, and of a line

export class Matrices {
  /** @param {Glass} glass */
  constructor(glass) {
    this.glass = glass;
    this.element = make("div", { className: "glass-matrices" });
    /** @type {Matrix[]} */
    this.all = [];
    this.shownStop = "";
    /** @type {import("./opened_step.js").OpenedStep | null} of which they are */
    this.opened = null;
    this.isWide = false;
    new ResizeObserver(([entry]) => {
      const { width } = entry.contentRect;
      if (Math.abs(width - (this.width ?? 0)) > 1) this.redraw();
    }).observe(this.element);
  }

  /** @param {Stop} stop @param {Cell | null} cell @param {boolean} isWide */
  async show(stop, cell, isWide) {
    const { opened } = this.glass;
    if (opened !== this.opened || stop.id !== this.shownStop || isWide !== this.isWide) {
      [this.opened, this.shownStop] = [opened, stop.id];
      this.isWide = isWide;
      this.all = this.of(stop, null);
      this.element.replaceChildren(...this.all.map(({ element }) => element));
    }
    this.turn(this.all, stop, cell);
    await this.draw();
  }

  /** Make a stop's matrices, as they are shown where a number is open. @param {Stop} stop @param {Cell | null} cell */
  of(stop, cell) {
    const { quantities, way } = stop; // forward, what comes out stands below what it is made from
    const ordered =
      way === "forward" ? [...quantities].sort((a, b) => Number(a.opened) - Number(b.opened)) : quantities;
    const all = ordered.map((quantity) => new Matrix(this.glass, stop, quantity));
    if (cell) this.turn(all, stop, cell);
    return all;
  }

  /**
   * Turn matrices to what a number is made from.
   * @param {Matrix[]} matrices @param {Stop} stop @param {Cell | null} cell
   */
  turn(matrices, stop, cell) {
    const { parameters } = this.glass.opened.walk;
    const size = parameters?.reduce((sum, { shape }) => sum + product(shape), 0);
    const k = ["update", "penalty", "clipping"].includes(stop.way) ? (cell?.index[0] ?? 0) : -1;
    for (const matrix of matrices) {
      const isOfTheta = k >= 0 && matrix.quantity.shape.length === 1 && matrix.quantity.shape[0] === size;
      if (isOfTheta) matrix.parameter = holding(parameters, k);
      const place = cell && cell.symbol === matrix.quantity.symbol ? matrix.shownAt(cell.index) : null;
      const leaf = cell?.leaves.find(({ symbol }) => symbol === matrix.quantity.symbol);
      const shown = place ?? (leaf && matrix.shownAt(leaf.index));
      if (shown) matrix.turnTo(shown);
    }
  }

  /** Fetch and draw all in the room that there is. */
  async draw() {
    this.width = this.element.clientWidth;
    const lines = this.all.reduce((sum, { lines }) => sum + lines, 0);
    const room = (this.element.parentElement?.clientHeight ?? 600) - HEAD * this.all.length - 20;
    const height = this.isWide ? 30 : Math.max(LEAST, Math.floor(room / Math.max(1, lines)));
    const { all } = this;
    await Promise.all(all.map((matrix) => matrix.load(this.width ?? 0, height)));
    if (all !== this.all) return;
    for (const matrix of all) matrix.makeRoom();
    for (const matrix of all) matrix.draw();
    this.light();
  }

  redraw() {
    if (this.all.length) this.draw().catch(this.glass.failed);
  }

  light() {
    for (const matrix of this.all) matrix.light();
  }
}

/** The parameter to which the k-th number of theta belongs. @param {Parameter[]} parameters @param {number} k */
const holding = (parameters, k) =>
  parameters.find(({ start, shape }) => k >= start && k < start + product(shape)) ?? null;

/** @param {number[]} shape */
const product = (shape) => shape.reduce((a, b) => a * b, 1);
