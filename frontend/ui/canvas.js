/** Canvases that are sharp on every screen. */

/**
 * Put a canvas into an element.
 * @param {HTMLElement} parent @param {string} label what it shows, for a screen reader
 */
export function addCanvas(parent, label) {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  parent.append(canvas);
  return canvas;
}

/**
 * @type {Map<HTMLCanvasElement, CanvasRenderingContext2D>} what is drawn into instead, while something is saved
 */
let elsewhere = new Map();

/**
 * Let what is drawn on canvases go into other contexts meanwhile.
 * @param {Map<HTMLCanvasElement, CanvasRenderingContext2D>} contexts @param {() => void} draw
 */
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

/**
 * Cut words so that they fit into so many pixels.
 * @param {CanvasRenderingContext2D} ctx @param {string} words @param {number} width
 */
export function shorter(ctx, words, width) {
  if (ctx.measureText(words).width <= width) return words;
  let n = words.length;
  while (n > 1 && ctx.measureText(`${words.slice(0, n)}…`).width > width) n--;
  return `${words.slice(0, n)}…`;
}
