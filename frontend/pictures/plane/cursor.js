/** The cursor that the arrow keys move over a plane; Enter draws there, or tracks the point that is near. */

import { themed } from "../../ui/palette.js";
import { onCursor } from "../examples.js";
import { nearest, trackAt } from "./tracked_example.js";

const STRIDE = 1 / 40; // of the plane, that an arrow key moves the cursor

/**
 * A view with a plane.
 * @typedef {object} Plane
 * @property {HTMLCanvasElement} canvas
 * @property {import("../view.js").Mount} mount
 * @property {import("./painter.js").Painter | null} painter
 * @property {() => import("./tracked_example.js").Places | null} places where its points are drawn
 * @property {(place: [number, number]) => string} answerAt says what the network answers at a place
 * @property {() => void} repaint
 */

export class Cursor {
  /**
   * @param {Plane} plane @param {string} name what it shows @param {string} paints what Enter does where one may paint
   * @param {() => import("../axes.js").Box | null} box where it is drawn
   * @param {boolean} inside whether it keeps off the edge
   */
  constructor(plane, name, paints, box, inside) {
    this.plane = plane;
    this.box = box;
    this.margin = inside ? STRIDE / 2 : 0;
    /** @type {[number, number] | null} where it is, from 0 to 1 across and up */
    this.at = null;
    const { answers, isPaintable } = plane.mount.surroundings;
    const acts = isPaintable ? paints : "tracks a point";
    if (answers) this.hear(`${name}; arrow keys move a cursor, Enter ${acts}`, isPaintable);
  }

  /** @param {string} words what the canvas is, until the cursor is on it @param {boolean} isPaintable */
  hear(words, isPaintable) {
    const { canvas, mount } = this.plane;
    canvas.setAttribute("aria-label", words);
    onCursor(
      canvas,
      (across, down) => this.move(across, down),
      () => {
        if (!this.at) this.move(0, 0);
        else if (isPaintable) this.plane.painter?.put(...this.at);
        else trackAt(mount, this.point);
      },
    );
    canvas.addEventListener("blur", () => {
      this.at = null;
      this.plane.repaint();
    });
  }

  /** @param {number} across @param {number} down in strides */
  move(across, down) {
    const { canvas } = this.plane;
    const [u, v] = this.at ?? [0.5, 0.5];
    const kept = (/** @type {number} */ t) => Math.min(1 - this.margin, Math.max(this.margin, t));
    this.at = [kept(u + across * STRIDE), kept(v - down * STRIDE)];
    this.plane.repaint();
    canvas.setAttribute("aria-label", `${this.plane.answerAt(this.at)}${this.point === null ? "" : ", a point"}`);
  }

  /** Its pixel; null where there is none. @returns {[number, number] | null} */
  get pixel() {
    const box = this.box();
    return this.at && box && [box.left + this.at[0] * box.width, box.top + (1 - this.at[1]) * box.height];
  }

  /** The point near it. */
  get point() {
    const places = this.plane.places();
    return this.pixel && places ? nearest(places, ...this.pixel) : null;
  }

  /** Show where it is. @param {CanvasRenderingContext2D} ctx */
  draw(ctx) {
    if (!this.pixel) return;
    const [x, y] = this.pixel;
    for (const [width, colour] of /** @type {[number, string][]} */ ([
      [5, "paper"],
      [2, "ink"],
    ])) {
      ctx.lineWidth = width;
      ctx.strokeStyle = themed(colour);
      ctx.beginPath();
      ctx.moveTo(x - 10, y);
      ctx.lineTo(x + 10, y);
      ctx.moveTo(x, y - 10);
      ctx.lineTo(x, y + 10);
      ctx.stroke();
    }
  }
}

/**
 * Let a view know the pixel that is pointed at, and be painted with it.
 * @param {HTMLCanvasElement} canvas @param {{pointer: [number, number] | null, repaint: () => void}} view
 */
export function followPointer(canvas, view) {
  const point = (/** @type {[number, number] | null} */ at) => {
    view.pointer = at;
    view.repaint();
  };
  canvas.addEventListener("pointermove", (event) => point([event.offsetX, event.offsetY]));
  canvas.addEventListener("pointerleave", () => point(null));
}
