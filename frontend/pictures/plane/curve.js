/** The fitted curve against the truth and the points; under it what is left over, the residual. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { make } from "../../ui/element.js";
import { css, themed } from "../../ui/palette.js";
import { clipped, drawAxes, placeIn, scales } from "../axes.js";
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

const SHEET = 1.5; // how far up and down one can sketch
const [FIT, TEST, TRAINING] = [4, 1, 5].map((k) => CLASS_COLOURS[k]);

export class CurveView {
  /** @type {import("../view.js").Shape} */
  static shape = "wide";

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Fitted curve, truth, points and residuals");
    this.mount = mount;
    /** @type {Curve | null} */
    this.picture = null;
    /** @type {import("../axes.js").Box | null} where the curve is drawn */
    this.upper = null;
    /** @type {Scales | null} */
    this.to = null;
    /** @type {Cutter | null} */
    this.cutter = null;
    chooseByClick(this.canvas, mount, () => this.places());
    const view = {
      place: (/** @type {number} */ x, /** @type {number} */ y) => placeIn(this.upper, x, y),
      box: () => this.upper ?? { width: 1, height: 1 },
      shown: () => this.shown(),
      repaint: () => {
        if (this.picture) this.draw(this.picture);
      },
    };
    this.painter = mount.surroundings.isPaintable ? new Painter(this.canvas, mount, view, true) : null;
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

  /** @param {Curve} picture */
  draw(picture) {
    this.picture = picture;
    if (picture.choices.length > 1 && this.mount.surroundings.answers) {
      this.cutter ??= new Cutter(this.mount, false);
      this.cutter.offer(picture);
    }
    const { ctx, width, height } = fit(this.canvas);
    const { x, truth, points, is_test } = picture.arrays;
    const isTable = picture.choices.length > 0;
    const left = isTable ? 48 : 34;
    const split = Math.round(height * 0.68);
    const upper = { left, top: 6, width: width - left - 6, height: split - 26 };
    const lower = { left, top: split + 6, width: width - left - 6, height: Math.round(height * 0.32) - 28 };
    this.upper = upper;
    const known = Number.isFinite(truth[0]); // of a sketch nobody knows the truth
    const reach = 1.45 * (known ? largest(truth) : SHEET / 1.45);
    const [bottom, top] = isTable ? span(points) : [-reach, reach];
    this.painter?.confirm(is_test.length);
    const [low, high] = [x[0], x[x.length - 1]];
    const to = scales(upper, [low, high, bottom, top]);
    this.to = to;
    drawAxes(ctx, upper, [low, high, bottom, top], picture.axes);
    clipped(ctx, upper, () => this.curve(ctx, picture, upper, to));
    const most = Math.max(1e-6, largest(picture.arrays.residual));
    const labels = [picture.axes[0], isTable ? "truth − guess" : "y − fit"];
    residuals(ctx, picture, lower, [low, high, -1.1 * most, 1.1 * most], labels);
    this.mount.say(this.legend(known, picture.words));
  }

  /**
   * Draw points, truth and fit.
   * @param {CanvasRenderingContext2D} ctx @param {Curve} picture @param {import("../axes.js").Box} box
   * @param {Scales} to
   */
  curve(ctx, picture, box, to) {
    const { x, fit: y, truth, points, is_test } = picture.arrays;
    if (this.painter?.pending)
      for (const { u, v } of this.painter.drawn) dot(ctx, box.left + u * box.width, box.top + (1 - v) * box.height, 0);
    else for (let i = 0; i < is_test.length; i++) dot(ctx, to.x(points[2 * i]), to.y(points[2 * i + 1]), is_test[i]);
    line(ctx, x, truth, to, { colour: themed("muted"), width: 1.5, dash: [5, 4] });
    line(ctx, x, y, to, { colour: css(FIT), width: 3, dash: [] });
    ringAt(ctx, placesOf(points, to), this.mount);
  }

  /** Say what the marks mean. @param {boolean} known whether the truth is @param {string} words */
  legend(known, words) {
    const mark = (
      /** @type {"b" | "span"} */ tag,
      /** @type {string} */ text,
      /** @type {import("../../ui/palette.js").RGB} */ colour,
    ) => {
      const element = make(tag, { textContent: text });
      element.style.color = css(colour);
      return element;
    };
    return [
      mark("b", "━", FIT),
      ` network  ${known ? "┅ truth  " : this.painter ? "draw on the picture  " : ""}`,
      mark("span", "●", TRAINING),
      " training  ",
      mark("span", "○", TEST),
      ` test${words ? ` · ${words}` : ""}`,
    ];
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
 * @param {CanvasRenderingContext2D} ctx @param {Curve} picture @param {import("../axes.js").Box} box
 * @param {import("../axes.js").Extent} extent @param {string[]} labels
 */
function residuals(ctx, picture, box, extent, labels) {
  const { points, residual, is_test } = picture.arrays;
  const to = scales(box, extent);
  drawAxes(ctx, box, extent, labels);
  ctx.strokeStyle = themed("line");
  ctx.beginPath();
  ctx.moveTo(box.left, to.y(0));
  ctx.lineTo(box.left + box.width, to.y(0));
  ctx.stroke();
  for (let i = 0; i < residual.length; i++) dot(ctx, to.x(points[2 * i]), to.y(residual[i]), is_test[i]);
}

/**
 * Draw a point, filled or hollow.
 * @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} isTest
 */
function dot(ctx, x, y, isTest) {
  ctx.beginPath();
  ctx.arc(x, y, isTest ? 2.2 : 2.6, 0, 2 * Math.PI);
  ctx.lineWidth = 1.2;
  ctx.strokeStyle = ctx.fillStyle = css(isTest ? TEST : TRAINING, 0.85);
  if (isTest) ctx.stroke();
  else ctx.fill();
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
