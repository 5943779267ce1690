/** Canvases that are sharp on every screen, and the two ways to fill them that the views share. */

import { palette } from "../ui/palette.js";

/** Put a canvas into an element. @param {HTMLElement} parent @param {string} label what it shows, for a screen reader */
export function addCanvas(parent, label) {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  parent.append(canvas);
  return canvas;
}

/** @type {Map<HTMLCanvasElement, any>} where canvases are drawn into instead, while something is saved */
let elsewhere = new Map();

/** Let what is drawn on canvases go into other contexts meanwhile. @param {Map<HTMLCanvasElement, any>} contexts @param {() => void} draw */
export function drawElsewhere(contexts, draw) {
  elsewhere = contexts;
  try {
    draw();
  } finally {
    elsewhere = new Map();
  }
}

/**
 * Give a canvas as many pixels as the screen shows of it, and clear it.
 * @param {HTMLCanvasElement} canvas @returns {{ctx: CanvasRenderingContext2D, width: number, height: number}}
 */
export function fit(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  const other = elsewhere.get(canvas);
  if (other) return { ctx: other, width, height };
  const pixels = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) [canvas.width, canvas.height] = pixels;
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return { ctx, width, height };
}

const scratch = document.createElement("canvas");

/**
 * Draw bytes as an image through a palette of 256 colours.
 * @param {CanvasRenderingContext2D} ctx @param {Uint8Array} bytes row by row @param {number} rows @param {number} columns
 * @param {Uint8ClampedArray} palette @param {number} x @param {number} y @param {number} width @param {number} height
 * @param {{upsideDown?: boolean, smooth?: boolean}} [how] upsideDown: the first row is the lowest
 */
export function drawBytes(ctx, bytes, rows, columns, palette, x, y, width, height, how = {}) {
  const image = new ImageData(columns, rows);
  const colours = new Uint32Array(palette.buffer);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < rows; i++) {
    const from = (how.upsideDown ? rows - 1 - i : i) * columns;
    for (let j = 0; j < columns; j++) pixels[i * columns + j] = colours[bytes[from + j]];
  }
  drawImage(ctx, image, x, y, width, height, how.smooth ?? false);
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {ImageData} image @param {number} x @param {number} y @param {number} width
 * @param {number} height @param {boolean} smooth
 */
export function drawImage(ctx, image, x, y, width, height, smooth) {
  scratch.width = image.width;
  scratch.height = image.height;
  scratch.getContext("2d")?.putImageData(image, 0, 0);
  ctx.imageSmoothingEnabled = smooth;
  ctx.drawImage(scratch, x, y, width, height);
}

/** Cut words so that they fit into so many pixels. @param {CanvasRenderingContext2D} ctx @param {string} words @param {number} width */
export function shorter(ctx, words, width) {
  if (ctx.measureText(words).width <= width) return words;
  let n = words.length;
  while (n > 1 && ctx.measureText(`${words.slice(0, n)}…`).width > width) n--;
  return `${words.slice(0, n)}…`;
}

/** 256 greys, ink on paper in both themes. @param {boolean} dark */
export const greyPalette = (dark) =>
  palette((i) => {
    const v = dark ? 24 + (i * 225) / 255 : 255 - i;
    return [v, v, v];
  });

/**
 * Find the number of columns that makes n things largest.
 * @param {number} n @param {(columns: number, rows: number) => number} sizeOf how large they are in so many @param {number} least
 */
export function largest(n, sizeOf, least) {
  let best = { columns: 1, rows: n, size: 0 };
  for (let columns = 1; columns <= n; columns++) {
    const rows = Math.ceil(n / columns);
    const size = sizeOf(columns, rows);
    if (size > best.size) best = { columns, rows, size };
  }
  return { ...best, size: Math.max(least, best.size) };
}

/** Lay n tiles out in as large squares as fit. @param {number} n @param {number} width @param {number} height @param {number} gap @param {number} [extra] room under each tile */
export const tiles = (n, width, height, gap, extra = 0) =>
  largest(
    n,
    (columns, rows) => Math.floor(Math.min((width - gap) / columns - gap, (height - gap) / rows - gap - extra)),
    4,
  );

/**
 * Let a click, or an arrow key, go on to another example.
 * @param {HTMLCanvasElement} canvas @param {import("../state/store.js").Store} store @param {number} by how many at a time
 */
export function goThroughExamples(canvas, store, by) {
  canvas.tabIndex = 0;
  const go = (/** @type {number} */ step) => {
    store.example = Math.max(0, store.example + step);
    store.emit("example");
  };
  canvas.addEventListener("click", () => go(by));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -by, ArrowRight: by }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    go(step);
  });
}
