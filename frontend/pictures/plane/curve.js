/** The fitted curve against the truth and the points; under it what is left over, the residual. */

import { number, onAxis } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { css, themed, themedRGB } from "../../ui/palette.js";
import { chip, clipped, drawAxes, indentOf, placeIn, plotIn, scales, zeroLine } from "../axes.js";
import { Cursor } from "./cursor.js";
import { Cutter } from "./cutter.js";
import { Painter } from "./painter.js";
import { chooseByClick, ringAt } from "./tracked_example.js";

/**
 * A fit and its truth over x (M,), NaN where nobody knows it; the points (N, 2), what is left over there (N,), which
 * are of the test (N,). Of one column of a table: which it is, which others there are, and in words what is not seen.
 * @typedef {import("../view.js").PictureOf<
 *   Record<"x" | "fit" | "truth" | "points" | "residual", Float32Array> & {is_test: Uint8Array},
 *   {axes: [string, string], choices: string[], words: string}
 * >} Curve
 */
/** @typedef {import("../axes.js").Scales} Scales */
/** @typedef {import("../axes.js").Box} Box */
/** @typedef {import("../../ui/canvas.js").Sheet} Sheet */

const SHEET = 1.5; // how far up and down one can sketch
const SHARE = 0.78; // of the height, that the curve takes; the residual has the rest
const FIT = "test"; // the colour of what the network says

export class CurveView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Fitted curve, truth, points and residuals");
    this.mount = mount;
    /** @type {Curve | null} */
    this.picture = null;
    /** @type {Box | null} where the curve is drawn */
    this.upper = null;
    /** @type {Scales | null} */
    this.to = null;
    /** @type {Cutter | null} */
    this.cutter = null;
    /** @type {boolean | null} whether the legend names a truth */
    this.known = null;
    chooseByClick(this.canvas, mount, () => this.places());
    const view = {
      place: (/** @type {number} */ x, /** @type {number} */ y) => placeIn(this.upper, x, y),
      box: () => this.upper ?? { width: 1, height: 1 },
      shown: () => this.shown(),
      places: () => this.places(),
      repaint: () => this.repaint(),
    };
    this.painter = mount.surroundings.hasSheet ? new Painter(this.canvas, mount, view, true) : null;
    this.cursor = new Cursor(this, "Fitted curve", "draws", () => this.upper, false);
  }

  dispose() {
    this.painter?.dispose();
  }

  /** Say what the network answers at a place. @param {[number, number]} place from 0 to 1 across and up */
  answerAt([u]) {
    if (!this.picture) return "";
    const { arrays, axes } = this.picture;
    const i = Math.round(u * (arrays.x.length - 1));
    return `${axes[0]} ${onAxis(arrays.x[i])}: the network says ${number(arrays.fit[i])}`;
  }

  /** The points of the picture, as spots. */
  shown() {
    if (!this.picture) return [];
    const { x, points, is_test: all } = this.picture.arrays;
    const [low, high] = [x[0], x[x.length - 1]];
    return Array.from(all, (_, i) => ({
      k: 0,
      u: (points[2 * i] - low) / (high - low),
      v: (points[2 * i + 1] / SHEET + 1) / 2,
    }));
  }

  /** Where each point of the picture is on the canvas. */
  places() {
    const { picture, to } = this;
    return picture && to ? placesOf(picture.arrays.points, to) : null;
  }

  repaint() {
    if (this.picture) this.draw(this.picture);
  }

  /** @param {Curve} picture */
  draw(picture) {
    this.picture = picture;
    const { surroundings } = this.mount;
    if (picture.choices.length > 1 && surroundings.answers) {
      this.cutter ??= new Cutter(this.mount, false);
      this.cutter.offer(picture);
    }
    const sheet = fit(this.canvas);
    const { ctx, width, height } = sheet;
    const { x, truth, points, is_test, residual } = picture.arrays;
    const isTable = picture.choices.length > 0;
    const known = Number.isFinite(truth[0]); // of a sketch nobody knows the truth
    const reach = 1.45 * (known ? largest(truth) : SHEET / 1.45);
    const [bottom, top] = isTable ? span(points) : [-reach, reach];
    this.painter?.confirm(is_test.length);
    const [low, high] = [x[0], x[x.length - 1]];
    const most = Math.max(1e-6, largest(residual));
    /** @type {import("../axes.js").Extent[]} */
    const [above, under] = [
      [low, high, bottom, top],
      [low, high, -1.15 * most, 1.15 * most],
    ];
    const split = surroundings.isSmall ? height : Math.round(height * SHARE);
    const lowerHeight = Math.max(1, height - split);
    const indent = surroundings.isSmall
      ? 0
      : Math.max(indentOf(sheet, split, above), indentOf(sheet, lowerHeight, under));
    const upper = surroundings.isSmall
      ? { left: 0, top: 0, width, height }
      : plotIn(sheet, { left: 0, top: 0, width, height: split }, indent, false);
    this.upper = upper;
    const to = scales(upper, above);
    this.to = to;
    if (!surroundings.isSmall) drawAxes(sheet, upper, above, ["", ""], { under: false });
    clipped(ctx, upper, () => this.curve(sheet, picture, upper, to));
    if (!surroundings.isSmall) {
      chip(sheet, upper, picture.axes[1], { across: -1, up: 1 });
      const lower = plotIn(sheet, { left: 0, top: split, width, height: lowerHeight }, indent);
      residuals(sheet, picture, lower, under, isTable ? "truth − guess" : "residual: y − fit");
    }
    if (this.cursor.at) chip(sheet, upper, this.answerAt(this.cursor.at), { across: 1, up: 1 });
    this.cursor.draw(ctx);
    this.explain(known, picture.words);
  }

  /**
   * Draw points, truth and fit.
   * @param {Sheet} sheet @param {Curve} picture @param {Box} box @param {Scales} to
   */
  curve({ ctx }, picture, box, to) {
    const { x, fit: y, truth, points, is_test } = picture.arrays;
    const r = Math.max(2.2, box.width / 190);
    const spots = this.painter?.pending ? this.painter.drawn : null;
    if (spots)
      dots(
        ctx,
        spots.length,
        (i) => [box.left + spots[i].u * box.width, box.top + (1 - spots[i].v) * box.height, 0],
        r,
      );
    else dots(ctx, is_test.length, (i) => [to.x(points[2 * i]), to.y(points[2 * i + 1]), is_test[i]], r);
    line(ctx, x, truth, to, { colour: themed("ink"), width: 1.5, dash: [5, 4] });
    line(ctx, x, y, to, { colour: themed(FIT), width: 3, dash: [] });
    ringAt(ctx, placesOf(points, to), this.mount);
  }

  /** Say what the marks mean. @param {boolean} known whether the truth is @param {string} words */
  explain(known, words) {
    this.mount.say(words);
    if (known === this.known) return;
    this.known = known;
    this.mount.legend([
      { mark: "━", colour: FIT, words: "network" },
      ...(known ? [{ mark: "┅", colour: "ink", words: "truth" }] : []),
      { mark: "●", colour: "train", words: "training" },
      { mark: "○", colour: "train", words: "test" },
    ]);
  }

  /** Say how far the fit is from the points. */
  describe() {
    if (!this.picture) return "";
    const { residual, is_test: isTest } = this.picture.arrays;
    const of = (/** @type {number} */ which) => {
      const found = residual.filter((_, i) => isTest[i] === which);
      const mean = found.reduce((sum, v) => sum + Math.abs(v), 0) / found.length;
      return found.length ? `${number(mean)} from ${found.length} ${which ? "test" : "training"} points` : "";
    };
    const parts = [of(0), of(1)].filter((part) => part);
    return `curve: on average ${parts.join(", ")}; at most ${number(largest(residual))} off`;
  }
}

/** @param {Float32Array} points @param {Scales} to @returns {import("./tracked_example.js").Places} */
const placesOf = (points, to) => ({
  n: points.length / 2,
  at: (i) => [to.x(points[2 * i]), to.y(points[2 * i + 1])],
});

/** The largest absolute value. @param {Float32Array} values */
function largest(values) {
  let most = 0;
  for (const v of values) if (Number.isFinite(v)) most = Math.max(most, Math.abs(v));
  return most;
}

/** How far up and down points reach, and a little more. @param {Float32Array} points @returns {[number, number]} */
function span(points) {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 1; i < points.length; i += 2) {
    low = Math.min(low, points[i]);
    high = Math.max(high, points[i]);
  }
  const room = 0.08 * (high - low) || 1;
  return [low - room, high + room];
}

/**
 * Draw what is left over at each point.
 * @param {Sheet} sheet @param {Curve} picture @param {Box} box @param {import("../axes.js").Extent} extent
 * @param {string} label
 */
function residuals(sheet, picture, box, extent, label) {
  const { ctx } = sheet;
  const { points, residual, is_test } = picture.arrays;
  const to = scales(box, extent);
  drawAxes(sheet, box, extent, ["", ""]);
  zeroLine(ctx, box, to);
  const r = Math.max(1.8, box.width / 240);
  clipped(ctx, box, () => dots(ctx, residual.length, (i) => [to.x(points[2 * i]), to.y(residual[i]), is_test[i]], r));
  const { width } = chip(sheet, box, label, { across: -1, up: 1 });
  chip(sheet, box, picture.axes[0], { across: 1, up: -1 }, box.width - width - 12);
}

/**
 * Draw points, training ones filled, test ones hollow.
 * @param {CanvasRenderingContext2D} ctx @param {number} n
 * @param {(i: number) => [number, number, number]} at where a point is, and whether it is of the test @param {number} r
 */
export function dots(ctx, n, at, r) {
  ctx.lineWidth = 1.2;
  ctx.strokeStyle = themed("train");
  ctx.fillStyle = css(themedRGB("train"), 0.85);
  for (let i = 0; i < n; i++) {
    const [x, y, isTest] = at(i);
    ctx.beginPath();
    ctx.arc(x, y, isTest ? r * 0.9 : r, 0, 2 * Math.PI);
    if (isTest) ctx.stroke();
    else ctx.fill();
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {Float32Array} x @param {Float32Array} y @param {Scales} to
 * @param {{colour: string, width: number, dash: number[]}} how
 */
function line(ctx, x, y, to, { colour, width, dash }) {
  ctx.beginPath();
  for (let i = 0; i < x.length; i++) if (Number.isFinite(y[i])) ctx.lineTo(to.x(x[i]), to.y(y[i]));
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.stroke();
  ctx.setLineDash([]);
}
