/** The decision boundary: the winning class at every place, as strong as the network is sure, and the points. */

import { CLASSES, css, mix, themed, themedRGB } from "../../ui/palette.js";
import { drawAxes, scales } from "../axes.js";
import { addCanvas, drawImage, fit } from "../canvas.js";
import { chooseNearest, ringAt } from "./tracked_example.js";
import { Cutter } from "./cutter.js";
import { isPaintable, Painter } from "./painter.js";

const MARGIN = { left: 30, right: 6, top: 6, bottom: 20 };

/** Trace the marker of a class, so that classes differ without colour. @param {CanvasRenderingContext2D} ctx @param {number} k @param {number} x @param {number} y @param {number} r */
function marker(ctx, k, x, y, r) {
  ctx.beginPath();
  const corners = [0, 4, 3, 4, 5, 3, 6, 4][k % 8];
  const turn = [0, Math.PI / 4, -Math.PI / 2, 0, -Math.PI / 2, Math.PI / 2, 0, 0][k % 8];
  if (!corners) ctx.arc(x, y, r, 0, 2 * Math.PI);
  else
    for (let i = 0; i < corners; i++)
      ctx.lineTo(
        x + 1.25 * r * Math.cos(turn + (2 * Math.PI * i) / corners),
        y + 1.25 * r * Math.sin(turn + (2 * Math.PI * i) / corners),
      );
  ctx.closePath();
}

const short = (/** @type {number} */ v) => (Math.abs(v) >= 100 ? v.toFixed(0) : v.toFixed(2));

export class FieldView {
  /** @param {HTMLElement} body @param {HTMLElement} caption @param {import("../../state/store.js").Store} store */
  constructor(body, caption, store) {
    this.canvas = addCanvas(body, "Decision boundary with training and test points");
    this.head = /** @type {HTMLElement | null} */ (body.previousElementSibling);
    this.caption = caption;
    this.store = store;
    /** @type {Cutter | null} */
    this.cutter = null;
    this.example = store.task?.group === "tables"; // there the example is the choice of axes
    this.canvas.addEventListener("pointermove", (event) => this.tell(event));
    this.canvas.addEventListener("pointerleave", () => {
      this.pointer = null;
      this.say();
    });
    this.canvas.addEventListener("click", (event) => this.choose(event.offsetX, event.offsetY));
    /** @type {PointerEvent | null} */
    this.pointer = null;
    this.painter = isPaintable(store)
      ? new Painter(
          this.canvas,
          /** @type {HTMLElement} */ (body.previousElementSibling),
          store,
          {
            place: (x, y) => this.place(x, y),
            box: () => this.box ?? { width: 1, height: 1 },
            shown: () => this.shown(),
            repaint: () => {
              if (this.picture) this.draw(this.picture);
            },
          },
          false,
        )
      : null;
  }

  /** Where on the sheet a pixel is, from 0 to 1. @param {number} x @param {number} y @returns {[number, number] | null} */
  place(x, y) {
    if (!this.box) return null;
    const [u, v] = [(x - this.box.left) / this.box.width, 1 - (y - this.box.top) / this.box.height];
    return u < 0 || u > 1 || v < 0 || v > 1 ? null : [u, v];
  }

  /** The points of the picture, as spots. */
  shown() {
    const { points, labels } = this.picture.arrays;
    const [left, right, bottom, top] = this.picture.extent;
    return Array.from(labels, (/** @type {number} */ k, /** @type {number} */ i) => ({
      k,
      u: (points[2 * i] - left) / (right - left),
      v: (points[2 * i + 1] - bottom) / (top - bottom),
    }));
  }

  /** Where each point of the picture is on the canvas. */
  places() {
    const { points } = this.picture.arrays;
    const to = scales(/** @type {any} */ (this.box), this.picture.extent);
    return { n: points.length / 2, at: (/** @type {number} */ i) => [to.x(points[2 * i]), to.y(points[2 * i + 1])] };
  }

  /** Ask for the story of the point at a pixel. @param {number} x @param {number} y */
  choose(x, y) {
    if (this.picture && !this.painter && this.store.editable && this.store.task.example_history)
      chooseNearest(this.store, this.places(), x, y);
  }

  /** @param {any} picture */
  draw(picture) {
    this.picture = picture;
    if (picture.choices.length && this.head?.matches(".card:not(.lane) > h2"))
      (this.cutter ??= new Cutter(this.head, this.store, true)).offer(picture);
    const { ctx, width, height } = fit(this.canvas);
    const size = Math.min(width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom);
    const left = MARGIN.left + (width - MARGIN.left - MARGIN.right - size) / 2;
    const top = MARGIN.top + Math.max(0, (height - MARGIN.top - MARGIN.bottom - size) / 2);
    this.box = { left, top, width: size, height: size };
    this.paint(ctx, picture, this.box);
    drawAxes(ctx, this.box, picture.extent, picture.axes);
    this.painter?.confirm(picture.arrays.labels.length);
    if (this.painter?.pending) this.spots(ctx, this.painter.drawn, Math.max(2.4, size / 130));
    else this.points(ctx, picture, scales(this.box, picture.extent), Math.max(2.4, size / 130));
    ringAt(ctx, this.places(), this.store.witness);
    this.say();
  }

  /** @param {CanvasRenderingContext2D} ctx @param {any} picture @param {any} box */
  paint(ctx, picture, box) {
    const [rows, columns] = picture.shapes.winner;
    const { winner, confidence } = picture.arrays;
    const image = new ImageData(columns, rows);
    const paper = themedRGB("paper");
    const least = 255 / picture.classes;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const from = (rows - 1 - i) * columns + j;
        const sure = Math.max(0, (confidence[from] - least) / (255 - least));
        const [r, g, b] = mix(paper, CLASSES[winner[from] % CLASSES.length], 0.08 + 0.5 * sure);
        image.data.set([r, g, b, 255], 4 * (i * columns + j));
      }
    }
    drawImage(ctx, image, box.left, box.top, box.width, box.height, true);
  }

  /** What is being painted, before the run has it. @param {CanvasRenderingContext2D} ctx @param {import("./painter.js").Spot[]} spots @param {number} r */
  spots(ctx, spots, r) {
    const { left, top, width, height } = /** @type {any} */ (this.box);
    ctx.lineWidth = 0.8;
    ctx.strokeStyle = themed("paper");
    for (const { k, u, v } of spots) {
      marker(ctx, k, left + u * width, top + (1 - v) * height, r);
      ctx.fillStyle = css(/** @type {any} */ (mix(CLASSES[k % CLASSES.length], themedRGB("ink"), 0.25)));
      ctx.fill();
      ctx.stroke();
    }
  }

  /** Training points are filled, test points hollow. @param {CanvasRenderingContext2D} ctx @param {any} picture @param {any} to @param {number} r */
  points(ctx, picture, to, r) {
    const { points, labels, is_test } = picture.arrays;
    const edge = themed("paper");
    for (const test of [1, 0]) {
      for (let i = 0; i < labels.length; i++) {
        if (is_test[i] !== test) continue;
        marker(ctx, labels[i], to.x(points[2 * i]), to.y(points[2 * i + 1]), test ? r * 0.85 : r);
        const colour = css(/** @type {any} */ (mix(CLASSES[labels[i] % CLASSES.length], themedRGB("ink"), 0.25)));
        ctx.lineWidth = test ? 1.3 : 0.8;
        ctx.strokeStyle = test ? colour : edge;
        ctx.fillStyle = test ? edge : colour;
        ctx.fill();
        ctx.stroke();
      }
    }
  }

  /** @param {PointerEvent} event */
  tell(event) {
    this.pointer = event;
    this.say();
  }

  say() {
    const { picture, box, pointer } = this;
    if (!picture || !box) return;
    const u = pointer ? (pointer.offsetX - box.left) / box.width : -1;
    const v = pointer ? 1 - (pointer.offsetY - box.top) / box.height : -1;
    if (u < 0 || u >= 1 || v < 0 || v >= 1) {
      const [rows, columns] = picture.shapes.winner;
      this.caption.textContent =
        picture.words ||
        `${this.painter ? "paint on the picture · " : ""}${columns} × ${rows} answers, interpolated · ● training ○ test`;
      return;
    }
    const [rows, columns] = picture.shapes.winner;
    const at = Math.floor(v * rows) * columns + Math.floor(u * columns);
    const [left, right, bottom, top] = picture.extent;
    const sure = ((100 * picture.arrays.confidence[at]) / 255).toFixed(0);
    const [across, up] = picture.axes;
    const k = picture.arrays.winner[at];
    this.caption.textContent = `${across} ${short(left + u * (right - left))}${up ? `, ${up} ${short(bottom + v * (top - bottom))}` : ""}: ${picture.names[k] ?? `class ${k}`}, ${sure} %`;
  }
}
