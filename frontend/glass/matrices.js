/** All arrays of a stop, one below the other: those that are seen are drawn at once, the others when they come near. */

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
    this.width = 0; // of the element, and how much of it is seen at once
    this.height = 0;
    /** @type {Set<Element>} matrices that are near the part of the page that is seen */
    this.near = new Set();
    this.watch = new IntersectionObserver((seen) => this.see(seen), { rootMargin: "200px" });
    new ResizeObserver(([entry]) => {
      const { width } = entry.contentRect;
      if (width && Math.abs(width - this.width) > 1) this.redraw();
    }).observe(this.element);
  }

  /** @param {Stop} stop @param {Cell | null} cell @param {boolean} isWide */
  async show(stop, cell, isWide) {
    const { opened } = this.glass;
    if (isWide !== this.isWide) this.width = 0;
    if (opened !== this.opened || stop.id !== this.shownStop || isWide !== this.isWide) {
      [this.opened, this.shownStop] = [opened, stop.id];
      this.isWide = isWide;
      this.all = this.of(stop, null);
      this.watch.disconnect();
      this.near.clear();
      this.element.replaceChildren(...this.all.map(({ element }) => element));
      for (const { element } of this.all) this.watch.observe(element);
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

  /** List those of a stop that will be seen first. @param {Stop} stop @param {Cell} cell */
  ahead(stop, cell) {
    const all = this.of(stop, cell);
    this.makeRoom(all);
    return this.firstOf(all);
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
      const own = isOfTheta ? matrix.shownAt([k]) : null;
      const place = cell && cell.symbol === matrix.quantity.symbol ? matrix.shownAt(cell.index) : null;
      const leaf = cell?.leaves.find(({ symbol }) => symbol === matrix.quantity.symbol);
      const shown = place ?? own ?? (leaf && matrix.shownAt(leaf.index));
      if (shown) matrix.turnTo(shown);
    }
  }

  /** Give each its room, and draw those that are seen. */
  async draw() {
    if (this.element.hidden) return;
    if (!this.width) this.measure();
    const { all } = this;
    this.makeRoom(all);
    const seen = this.near.size ? all.filter(({ element }) => this.near.has(element)) : this.firstOf(all);
    await Promise.all(seen.map((matrix) => matrix.load()));
    if (all !== this.all) return;
    for (const matrix of all) matrix.draw();
    this.light();
  }

  /** How much room there is: asked where it may have changed, for the page has to be laid out to tell it. */
  measure() {
    this.width = this.element.clientWidth;
    this.height = Math.min(this.element.parentElement?.clientHeight ?? 600, innerHeight);
  }

  /** Let each take its share of the height that there is. @param {Matrix[]} all */
  makeRoom(all) {
    const lines = all.reduce((sum, { lines }) => sum + lines, 0);
    const room = this.height - HEAD * all.length - 20;
    const height = this.isWide ? 18 : Math.max(LEAST, Math.floor(room / Math.max(1, lines)));
    for (const matrix of all) matrix.makeRoom(this.width, height, this.isWide ? 40 : 64);
  }

  /** List those that are seen before somebody scrolls. @param {Matrix[]} all */
  firstOf(all) {
    let top = 0;
    return all.filter(({ lines, cellHeight, shape }) => {
      const isSeen = top < this.height;
      if (shape.length) top += HEAD + lines * cellHeight;
      return isSeen;
    });
  }

  /** Draw what has come near. @param {IntersectionObserverEntry[]} seen */
  see(seen) {
    for (const { target, isIntersecting } of seen) {
      if (!isIntersecting) this.near.delete(target);
      else {
        this.near.add(target);
        const matrix = this.all.find(({ element }) => element === target);
        if (matrix && !matrix.part) matrix.show().catch(this.glass.failed);
      }
    }
  }

  redraw() {
    if (!this.all.length) return;
    this.measure();
    if (this.width) this.draw().catch(this.glass.failed);
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
