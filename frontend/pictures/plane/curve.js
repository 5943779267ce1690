/** The fitted curve against the truth and the points; under it what is left over, the residual. */

import { CLASSES, css, themed } from "../../ui/palette.js";
import { drawAxes, scales } from "../axes.js";
import { addCanvas, fit } from "../canvas.js";
import { chooseNearest, ringAt } from "./tracked_example.js";
import { Cutter } from "./cutter.js";
import { isPaintable, Painter } from "./painter.js";

const SHEET = 1.5; // how far up and down one can sketch

export class CurveView {
  /** @param {HTMLElement} body @param {HTMLElement} caption @param {import("../../state/store.js").Store} store */
  constructor(body, caption, store) {
    this.canvas = addCanvas(body, "Fitted curve, truth, points and residuals");
    this.head = /** @type {HTMLElement | null} */ (body.previousElementSibling);
    this.caption = caption;
    this.store = store;
    /** @type {Cutter | null} */
    this.cutter = null;
    /** @type {any} how values become pixels */
    this.to = null;
    this.canvas.addEventListener("click", (event) => {
      if (this.picture && !this.painter && store.editable && store.task.example_history)
        chooseNearest(store, this.places(), event.offsetX, event.offsetY);
    });
    this.example = store.task?.group === "tables"; // there the example is the choice of the column across
    this.painter = isPaintable(store)
      ? new Painter(
          this.canvas,
          /** @type {HTMLElement} */ (body.previousElementSibling),
          store,
          {
            place: (x, y) => this.place(x, y),
            box: () => this.upper ?? { width: 1, height: 1 },
            shown: () => this.shown(),
            repaint: () => {
              if (this.picture) this.draw(this.picture);
            },
          },
          true,
        )
      : null;
  }

  /** Where on the sheet a pixel is, from 0 to 1. @param {number} x @param {number} y @returns {[number, number] | null} */
  place(x, y) {
    if (!this.upper) return null;
    const [u, v] = [(x - this.upper.left) / this.upper.width, 1 - (y - this.upper.top) / this.upper.height];
    return u < 0 || u > 1 || v < 0 || v > 1 ? null : [u, v];
  }

  /** The points of the picture, as spots. */
  shown() {
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
    const { points } = this.picture.arrays;
    return {
      n: points.length / 2,
      at: (/** @type {number} */ i) => [this.to.x(points[2 * i]), this.to.y(points[2 * i + 1])],
    };
  }

  /** @param {any} picture */
  draw(picture) {
    this.picture = picture;
    if (picture.choices.length > 1 && this.head?.matches(".card:not(.lane) > h2"))
      (this.cutter ??= new Cutter(this.head, this.store, false)).offer(picture);
    const { ctx, width, height } = fit(this.canvas);
    const { x, fit: y, truth, points, residual, is_test } = picture.arrays;
    const isTable = picture.choices.length > 0;
    const left = isTable ? 48 : 34;
    const upper = { left, top: 6, width: width - left - 6, height: Math.round(height * 0.68) - 26 };
    const lower = {
      left,
      top: Math.round(height * 0.68) + 6,
      width: width - left - 6,
      height: Math.round(height * 0.32) - 28,
    };
    this.upper = upper;
    const known = Number.isFinite(truth[0]); // of a sketch nobody knows the truth
    let reach = known ? 0 : SHEET / 1.45;
    if (known) for (let i = 0; i < truth.length; i++) reach = Math.max(reach, Math.abs(truth[i]));
    reach *= 1.45;
    const [bottom, top] = isTable ? span(points) : [-reach, reach];
    this.painter?.confirm(is_test.length);
    const [low, high] = [x[0], x[x.length - 1]];
    const to = scales(upper, [low, high, bottom, top]);
    this.to = to;
    drawAxes(ctx, upper, [low, high, bottom, top], picture.axes);
    const colour = (/** @type {number} */ test) => css(CLASSES[test ? 1 : 5], 0.85);
    clipped(ctx, upper, () => {
      if (this.painter?.pending)
        for (const { u, v } of this.painter.drawn)
          dot(ctx, upper.left + u * upper.width, upper.top + (1 - v) * upper.height, 0, colour(0));
      else
        for (let i = 0; i < is_test.length; i++)
          dot(ctx, to.x(points[2 * i]), to.y(points[2 * i + 1]), is_test[i], colour(is_test[i]));
      line(ctx, x, truth, to, themed("muted"), 1.5, [5, 4]);
      line(ctx, x, y, to, css(CLASSES[4]), 3, []);
      ringAt(ctx, this.places(), this.store.witness);
    });
    let most = 1e-6;
    for (const r of residual) if (Number.isFinite(r)) most = Math.max(most, Math.abs(r));
    const under = scales(lower, [low, high, -1.1 * most, 1.1 * most]);
    drawAxes(
      ctx,
      lower,
      [low, high, -1.1 * most, 1.1 * most],
      [picture.axes[0], isTable ? "truth − guess" : "y − fit"],
    );
    ctx.strokeStyle = themed("line");
    ctx.beginPath();
    ctx.moveTo(lower.left, under.y(0));
    ctx.lineTo(lower.left + lower.width, under.y(0));
    ctx.stroke();
    for (let i = 0; i < residual.length; i++)
      dot(ctx, under.x(points[2 * i]), under.y(residual[i]), is_test[i], colour(is_test[i]));
    this.caption.innerHTML = `<b style='color:rgb(213,94,0)'>━</b> network  ${known ? "┅ truth  " : this.painter ? "draw on the picture  " : ""}<span style='color:rgb(86,180,233)'>●</span> training  <span style='color:rgb(230,159,0)'>○</span> test`;
    if (picture.words) this.caption.append(` · ${picture.words}`);
  }
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

/** @param {CanvasRenderingContext2D} ctx @param {any} box @param {() => void} draw */
function clipped(ctx, box, draw) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.left, box.top, box.width, box.height);
  ctx.clip();
  draw();
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} test @param {string} colour */
function dot(ctx, x, y, test, colour) {
  ctx.beginPath();
  ctx.arc(x, y, test ? 2.2 : 2.6, 0, 2 * Math.PI);
  ctx.lineWidth = 1.2;
  ctx.strokeStyle = ctx.fillStyle = colour;
  if (test) ctx.stroke();
  else ctx.fill();
}

/** @param {CanvasRenderingContext2D} ctx @param {Float32Array} x @param {Float32Array} y @param {any} to @param {string} colour @param {number} width @param {number[]} dash */
function line(ctx, x, y, to, colour, width, dash) {
  ctx.beginPath();
  for (let i = 0; i < x.length; i++) if (Number.isFinite(y[i])) ctx.lineTo(to.x(x[i]), to.y(y[i]));
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.stroke();
  ctx.setLineDash([]);
}
