/** The example whose story is told: chosen by a click near its point, and marked with a ring. */

import { themed } from "../../ui/palette.js";

const NEAR = 14; // pixels

/** @typedef {{n: number, at: (i: number) => number[]}} Places where each point is on the canvas */

/** @param {import("../../state/store.js").Store} store @param {Places} places @param {number} x @param {number} y */
export function chooseNearest(store, places, x, y) {
  let [best, distance] = [-1, NEAR];
  for (let i = 0; i < places.n; i++) {
    const [u, v] = places.at(i);
    const far = Math.hypot(u - x, v - y);
    if (far < distance) [best, distance] = [i, far];
  }
  if (best < 0) return;
  store.witness = best;
  store.emit("witness");
}

/** @param {CanvasRenderingContext2D} ctx @param {Places} places @param {number | null} i */
export function ringAt(ctx, places, i) {
  if (i === null || i >= places.n) return;
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
