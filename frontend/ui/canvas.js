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

/** @typedef {{size?: number, weight?: "bold" | "normal", family?: "mono"}} Face what differs from a label */
/** @typedef {{size: number, font: (face?: Face) => string}} Type the page's type, as a canvas takes it */

const LEAST_SIZE = 11.5; // pixels; nobody reads less

/**
 * Give the type of a canvas's place on the page, in the size of its labels.
 * @param {HTMLCanvasElement} canvas @returns {Type}
 */
function typeOf(canvas) {
  const { fontFamily, fontSize } = getComputedStyle(canvas);
  const size = Math.max(LEAST_SIZE, Number.parseFloat(fontSize) || 0);
  return {
    size,
    font: (face = {}) => {
      const family = face.family === "mono" ? 'ui-monospace, "DejaVu Sans Mono", monospace' : fontFamily;
      return `${face.weight ?? "normal"} ${Math.max(LEAST_SIZE, face.size ?? size)}px ${family}`;
    },
  };
}

/**
 * What a view draws on; its own canvas, or another one where a picture is saved.
 * @typedef {{ctx: CanvasRenderingContext2D, width: number, height: number, type: Type, isOwn: boolean}} Sheet
 */

/**
 * Give a canvas as many pixels as the screen shows of it, and clear it.
 * @param {HTMLCanvasElement} canvas
 * @param {[number, number]} [size] that it has, where that is known: else the browser lays out the page to tell it
 * @returns {Sheet}
 */
export function fit(canvas, size) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = size ?? [canvas.clientWidth, canvas.clientHeight];
  const other = elsewhere.get(canvas);
  const sheet = (/** @type {CanvasRenderingContext2D} */ ctx) => {
    /** @type {Type | undefined} */
    let type;
    return {
      ctx,
      width,
      height,
      isOwn: !other,
      get type() {
        type ??= typeOf(canvas); // to ask has the browser look through its styles, where any changed
        return type;
      },
    };
  };
  if (other) return sheet(other);
  const pixels = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) [canvas.width, canvas.height] = pixels;
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return sheet(ctx);
}

/** A part of a picture that seldom changes: drawn once on a canvas of its own, and copied from then on. */
export class Still {
  constructor() {
    this.canvas = document.createElement("canvas");
    /** @type {unknown[]} what it was drawn from */
    this.of = [];
  }

  /**
   * Draw it; anew where anything that it is drawn from is another, numbers of an array too.
   * @param {Sheet} sheet @param {unknown[]} from @param {(ctx: CanvasRenderingContext2D) => void} draw
   */
  draw({ ctx, isOwn }, from, draw) {
    const own = isOwn && this.canvas.getContext("2d");
    if (!own) {
      draw(ctx); // elsewhere there may be no canvas
      return;
    }
    const { width, height } = ctx.canvas;
    const of = [width, height, document.documentElement.dataset.theme, ...from];
    if (of.length !== this.of.length || !of.every((one, i) => isSame(one, this.of[i]))) {
      [this.canvas.width, this.canvas.height] = [width, height];
      own.setTransform(ctx.getTransform());
      draw(own);
      this.of = of;
    }
    ctx.save();
    ctx.resetTransform();
    ctx.drawImage(this.canvas, 0, 0);
    ctx.restore();
  }
}

/** @param {unknown} a @param {unknown} b */
function isSame(a, b) {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b)) return a === b;
  const [x, y] = /** @type {[Float32Array, Float32Array]} */ ([a, b]);
  return x.length === y.length && x.every((v, i) => v === y[i]);
}

/**
 * Give all the moves that a browser tells of at once, so that a fast stroke has no corners.
 * @param {PointerEvent} event
 */
export function movesOf(event) {
  const all = event.getCoalescedEvents?.() ?? [];
  return all.length ? all : [event];
}

/**
 * Cut words that a person wrote so that they fit into so many pixels.
 * @param {CanvasRenderingContext2D} ctx @param {string} words @param {number} width
 */
export function shorter(ctx, words, width) {
  if (ctx.measureText(words).width <= width) return words;
  let n = words.length;
  while (n > 1 && ctx.measureText(`${words.slice(0, n)}…`).width > width) n--;
  return `${words.slice(0, n)}…`;
}
