/** The tracked example: chosen by a click near its point, and marked with a ring. */

import { themed } from "../../ui/palette.js";

const NEAR = 14; // pixels

/** @typedef {{n: number, at: (i: number) => [number, number]}} Places where each point is on the canvas */

/** Find the point at a pixel; null where none is near. @param {Places} places @param {number} x @param {number} y */
export function nearest(places, x, y) {
  let [best, distance] = [-1, NEAR];
  for (let i = 0; i < places.n; i++) {
    const [u, v] = places.at(i);
    const far = Math.hypot(u - x, v - y);
    if (far < distance) [best, distance] = [i, far];
  }
  return best < 0 ? null : best;
}

/**
 * Let a click on a point track its example, where anybody answers and the task keeps its examples' history.
 * @param {HTMLCanvasElement} canvas @param {import("../view.js").Mount} mount
 * @param {() => Places | null} places of what is drawn
 */
export function chooseByClick(canvas, mount, places) {
  if (!mount.surroundings.answers || mount.surroundings.isPaintable) return;
  canvas.addEventListener("click", (event) => {
    const drawn = places();
    if (drawn) trackAt(mount, nearest(drawn, event.offsetX, event.offsetY));
  });
}

/**
 * Track an example, where the task keeps its examples' history.
 * @param {import("../view.js").Mount} mount @param {number | null} i
 */
export function trackAt({ store }, i) {
  if (i === null || !store.task.example_history) return;
  store.tracked = i;
  store.emit("tracked");
}

/**
 * Mark the tracked example.
 * @param {CanvasRenderingContext2D} ctx @param {Places} places @param {import("../view.js").Mount} mount
 */
export function ringAt(ctx, places, { store, surroundings }) {
  const i = store.tracked;
  if (i === null || i >= places.n || !surroundings.answers) return;
  const [x, y] = places.at(i);
  for (const [width, colour] of /** @type {[number, string][]} */ ([
    [5, "paper"],
    [2.2, "ink"],
  ])) {
    ctx.beginPath();
    ctx.arc(x, y, 9, 0, 2 * Math.PI);
    ctx.lineWidth = width;
    ctx.strokeStyle = themed(colour);
    ctx.stroke();
  }
}
