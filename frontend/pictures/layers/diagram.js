/** The network from left to right: every neuron with its own map, every weight as a line, wide where it is large. */

import { isFrozen } from "../../state/catalog.js";
import { brief, withMinus } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { make } from "../../ui/element.js";
import { signedPalette, themed, weightColour } from "../../ui/palette.js";
import { drawMaps, part, square } from "../bytes.js";
import { colourBar } from "../colour_bar.js";
import { stageOf } from "../stages.js";
import { tiles } from "../tiles.js";
import { labelsUnder, layersShown } from "./labels.js";
import { Steppers } from "./steppers.js";

/**
 * Of each layer the first neurons' maps (shown, rows, columns) as bytes around 128, their scales (shown,), and the
 * weights (shown before, shown) that lead to them, empty where they are not all on screen. It shows each neuron's
 * answers to all inputs ("neurons"), or one example's way through the layers ("example").
 * @typedef {import("../view.js").PictureOf<
 *   {
 *     [maps: `columns.${number}.maps`]: Uint8Array,
 *     [weights: `columns.${number}.weights`]: Float32Array,
 *     [scale: `columns.${number}.scale`]: Float32Array,
 *   },
 *   {columns: Layer[], shows: "neurons" | "example", words: string}
 * >} Diagram
 */
/** @typedef {{title: string, detail: string, units: number, layer: number, last: number, names: string[]}} Layer */
/** @typedef {{x: number, y: number}} Corner the upper left one of a neuron's square */
/** @typedef {{layer: number, middle: number, size: number, places: Corner[]}} Column a layer's neurons on the canvas */
/** @typedef {{layer: number, neuron: number, from: number | null}} Pointed which neuron, or the line to it */

const EDGE = 2;
const GAP = 4;
const SHARE = 0.62; // of the way from a column to the next one that a neuron may take
const LARGEST = { neurons: 64, example: 80 };
const LARGER = 1.5; // times as large as in the fullest layer neurons may be
const NARROWEST = 24; // pixels from a layer to the next one
const NAMES = 0.4; // of the height that the layers' names may take
const LINE = 1.2; // of the type's size
const MOST_LINES = 900;
const CLOSE = 0.62; // of the picture's height that the neuron that is pointed at takes
const NEAR_LINE = 5; // pixels
const PIECES = 16; // of a line, that are looked at

export class DiagramView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.mount = mount;
    this.canvas = addCanvas(mount.body, "The network's layers");
    /** @type {Column[]} */
    this.columns = [];
    /** @type {Diagram | null} */
    this.picture = null;
    this.close = make("figure", { className: "neuron-close", hidden: true });
    this.closeCanvas = make("canvas");
    this.closeWords = make("figcaption");
    this.close.append(this.closeCanvas, this.closeWords);
    /** @type {Steppers | null} */
    this.steppers = null;
    if (mount.surroundings.where === "page" || mount.surroundings.where === "replay") this.listen();
  }

  /** What of this picture is pointed at, or held. @returns {Pointed | null} */
  get pointed() {
    const { touched } = this.mount.store;
    if (touched?.picture !== this.mount.name) return null;
    return { layer: touched.column, neuron: touched.unit, from: touched.from };
  }

  /** Let a person point at neurons and lines, with a pointer or with the arrow keys. */
  listen() {
    const { canvas, mount } = this;
    if (mount.surroundings.where === "replay") mount.body.append(this.close); // the page has a larger place for it
    mount.title.append(make("span", { className: "hint", textContent: "Point at a neuron to see it large" }));
    if (mount.surroundings.answers && !mount.store.task.fixed_network) this.steppers = new Steppers(mount);
    canvas.tabIndex = 0;
    const at = (/** @type {PointerEvent} */ event) => this.point(this.under(event.offsetX, event.offsetY));
    canvas.onpointermove = at;
    canvas.onpointerdown = at;
    canvas.onclick = () => this.take();
    canvas.onpointerleave = (event) => {
      if (event.pointerType === "mouse") this.point(null); // a finger has left when it has tapped
    };
    canvas.onblur = () => this.point(null);
    canvas.onkeydown = (event) => this.key(event);
  }

  /** Take what is pointed at in hand. */
  take() {
    const { store, surroundings } = this.mount;
    if (surroundings.answers && store.pointedAt?.picture === this.mount.name) store.hold(store.pointedAt);
  }

  /** The neuron at a place, or the line. @param {number} x @param {number} y @returns {Pointed | null} */
  under(x, y) {
    for (const { layer, size, places } of this.columns) {
      const near = GAP / 2;
      const neuron = places.findIndex(
        (p) => x >= p.x - near && x <= p.x + size + near && y >= p.y - near && y <= p.y + size + near,
      );
      if (neuron >= 0) return { layer, neuron, from: null };
    }
    return this.lineUnder(x, y);
  }

  /** The line at a place. @param {number} x @param {number} y @returns {Pointed | null} */
  lineUnder(x, y) {
    const k = this.columns.findIndex((to, i) => i > 0 && x > this.columns[i - 1].middle && x < to.middle);
    const [from, to] = [this.columns[k - 1], this.columns[k]];
    const weights = from?.layer === to?.layer - 1 && this.picture?.arrays[`columns.${to.layer}.weights`];
    if (!weights || !areDrawn(weights, from, to)) return null;
    const most = largest(weights);
    let [best, found] = [NEAR_LINE, /** @type {Pointed | null} */ (null)];
    weights.forEach((w, i) => {
      const [a, b] = [Math.floor(i / to.places.length), i % to.places.length];
      const away = distance(from, to, a, b, x, y);
      if (Math.abs(w) / most > FAINTEST && away < best) [best, found] = [away, { layer: to.layer, neuron: b, from: a }];
    });
    return found;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { pointed, columns } = this;
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (event.key === "Escape" && pointed) this.point(null);
    else if (event.key === "Enter" && pointed) this.take();
    else if (step && columns.length) {
      const k = pointed ? columns.findIndex(({ layer }) => layer === pointed.layer) : -1;
      const to = columns[Math.min(columns.length - 1, Math.max(0, k + (pointed ? step[0] : 1)))];
      const neuron = pointed ? pointed.neuron + step[1] : 0;
      this.point({ layer: to.layer, neuron: Math.min(to.places.length - 1, Math.max(0, neuron)), from: null });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Pointed | null} pointed */
  point(pointed) {
    const { mount, picture } = this;
    const { store, name } = mount;
    const was = store.pointedAt;
    store.point(pointed && { picture: name, column: pointed.layer, unit: pointed.neuron, from: pointed.from });
    if (was !== store.pointedAt && picture) this.draw(picture);
  }

  /** @param {Diagram} picture */
  draw(picture) {
    this.picture = picture;
    const { ctx, width, height, type } = fit(this.canvas);
    const { size } = type;
    ctx.font = type.font();
    const { shown, hole } = layersShown(picture.columns.length, Math.max(2, Math.floor(width / NARROWEST)));
    const room = { width, height: NAMES * height, line: LINE * size };
    const names = shown.map((k) => nameOf(picture, k, this.layers));
    const widthOf = (/** @type {string} */ words) => ctx.measureText(words).width;
    const ends = [names[0], names[names.length - 1]].map(({ title, detail }) => widthest([title, detail], widthOf) / 2);
    const inset = Math.min(width / (2 * shown.length), Math.max(...ends));
    const called = picture.columns[0].names ?? []; // an older replay has none
    const wide = called.length && shown.length > 1 ? widthest(called, widthOf) + GAP : 0; // beside the inputs' squares
    const half = Math.min(LARGEST[picture.shows], (SHARE * width) / shown.length) / 2;
    const start = wide ? Math.min(width / 4, Math.max(inset, wide + half)) : inset;
    const middles = shown.map((_, i) =>
      shown.length === 1 ? width / 2 : start + (i * (width - inset - start)) / (shown.length - 1),
    );
    const { labels, height: below } = labelsUnder(names, middles, room, widthOf);
    this.columns = place(picture, shown, middles, { width, height: Math.max(20, height - below - GAP) });
    const { pointed } = this;
    const isPointed = pointed !== null && shown.includes(pointed.layer);
    this.columns.forEach((column, i) => {
      const before = this.columns[i - 1];
      if (before && before.layer === column.layer - 1) this.lines(ctx, before, column, isPointed);
    });
    const palette = signedPalette();
    for (const column of this.columns) neurons(ctx, picture, column, palette);
    for (const column of this.columns) this.strike(ctx, column);
    this.ringFound(ctx);
    if (isPointed) this.ring(ctx);
    ctx.fillStyle = themed("muted");
    const [first] = this.columns;
    if (first?.layer === 0 && wide) {
      ctx.textAlign = "right";
      ctx.textBaseline = "middle";
      for (const [i, { x, y }] of first.places.entries())
        if (called[i] && x >= widthOf(called[i]) + GAP) ctx.fillText(called[i], x - GAP, y + first.size / 2);
    }
    ctx.textAlign = "center";
    ctx.textBaseline = "top";
    for (const { lines, x, level } of labels)
      for (const [i, words] of lines.entries()) ctx.fillText(words, x, height - below + (level + i) * LINE * size);
    if (hole < picture.columns.length) {
      ctx.textBaseline = "middle";
      const x = (middles[hole - 1] + middles[hole]) / 2;
      ctx.fillText(`+${picture.columns.length - shown.length}`, x, (height - below) / 2);
    }
    this.say(picture);
    this.steppers?.show(this.columns, picture, this.layers);
    this.enlarge(picture, palette, { width, height: height - below });
  }

  /** Say what its squares are, and the network for who does not see it. @param {Diagram} picture */
  say(picture) {
    const weights = picture.columns.map((_, k) => picture.arrays[`columns.${k}.weights`]).filter((one) => one?.length);
    const signs = weights.length ? colourBar("weights", Math.max(...weights.map(largest))) : "orange − blue +";
    this.mount.say([signs, ` · ${picture.words || explanation(picture)}`]);
    const names = picture.columns.map(({ title, detail }) => [title, detail].filter(Boolean).join(" "));
    const { pointed } = this;
    const label = pointed
      ? `${wordsOf(picture, pointed)}. Arrow keys point at others.`
      : `The network from left to right: ${names.join(", ")}. Arrow keys point at a neuron.`;
    if (this.canvas.getAttribute("aria-label") !== label) this.canvas.setAttribute("aria-label", label);
  }

  /** Say the layers, and the largest weight that leads to each. */
  describe() {
    const { picture } = this;
    if (!picture) return "";
    const layers = picture.columns.map((_, k) => {
      const { title, detail } = nameOf(picture, k, this.layers);
      const weights = picture.arrays[`columns.${k}.weights`] ?? [];
      let most = 0;
      for (const w of weights) if (Math.abs(w) > Math.abs(most)) most = w;
      const largest = most ? `, largest weight ${withMinus(brief(most))}` : "";
      return `${[title, detail].filter(Boolean).join(" ")}${largest}`;
    });
    return `From left to right: ${layers.join("; ")}.`;
  }

  /**
   * Draw the weights from a layer to the next, paler where they do not belong to the neuron that is pointed at.
   * @param {CanvasRenderingContext2D} ctx @param {Column} from @param {Column} to @param {boolean} isPointed
   */
  lines(ctx, from, to, isPointed) {
    const weights = this.picture?.arrays[`columns.${to.layer}.weights`];
    const n = to.places.length;
    if (!weights || !areDrawn(weights, from, to)) return;
    const { pointed } = this;
    const line = pointed?.from ?? -1; // the neuron that the line comes from that is pointed at
    const most = largest(weights);
    weights.forEach((w, i) => {
      const strength = Math.abs(w) / most;
      if (!(strength > FAINTEST)) return;
      const [a, b] = [Math.floor(i / n), i % n];
      const isOwn =
        pointed &&
        (pointed.layer === from.layer ? pointed.neuron === a : pointed.neuron === b && (line < 0 || line === a));
      const isNear = (pointed?.layer === from.layer && line < 0) || pointed?.layer === to.layer;
      const faint = isPointed && !(isNear && isOwn) ? 0.25 : 1;
      const [y0, y1] = [from.places[a].y + from.size / 2, to.places[b].y + to.size / 2];
      const [x0, x1] = [from.places[a].x + from.size, to.places[b].x];
      ctx.beginPath();
      ctx.moveTo(x0, y0);
      ctx.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
      ctx.lineWidth = 0.4 + 3 * strength + (isPointed && isNear && isOwn && line >= 0 ? 2 : 0);
      ctx.strokeStyle = weightColour(w, (0.15 + 0.65 * strength) * faint);
      ctx.stroke();
    });
  }

  /** The layers of the run's configuration, as far as it is known. @returns {import("../../state/types.js").Layer[]} */
  get layers() {
    return this.mount.store.run?.configuration.network ?? [];
  }

  /** Strike neurons out that are silenced. @param {CanvasRenderingContext2D} ctx @param {Column} column */
  strike(ctx, { layer, size, places }) {
    const silenced = this.layers[this.picture?.columns[layer].last ?? -1]?.silenced ?? [];
    ctx.strokeStyle = themed("ill");
    ctx.lineWidth = 2;
    for (const { x, y } of places.filter((_, i) => silenced.includes(i))) {
      ctx.beginPath();
      ctx.moveTo(x, y + size);
      ctx.lineTo(x + size, y);
      ctx.stroke();
    }
  }

  /** Ring the layer in which the doctor found what is shown. @param {CanvasRenderingContext2D} ctx */
  ringFound(ctx) {
    const { finding, layers } = this.mount.store;
    const stage = stageOf(layers, finding);
    const column = this.columns.find((one) => one.layer === stage + 1); // after the input's
    if (!finding || stage < 0 || !column) return;
    const [xs, ys] = [column.places.map(({ x }) => x), column.places.map(({ y }) => y)];
    const [left, top] = [Math.min(...xs) - 2, Math.min(...ys) - 2];
    ctx.strokeStyle = themed(finding.kind);
    ctx.lineWidth = 2;
    ctx.strokeRect(left, top, Math.max(...xs) + column.size + 2 - left, Math.max(...ys) + column.size + 2 - top);
  }

  /** Ring the neuron that is pointed at. @param {CanvasRenderingContext2D} ctx */
  ring(ctx) {
    const column = this.columns.find(({ layer }) => layer === this.pointed?.layer);
    const corner = column?.places[this.pointed?.neuron ?? 0];
    if (!column || !corner) return;
    ctx.strokeStyle = themed("accent");
    ctx.lineWidth = 2;
    ctx.strokeRect(corner.x - 2, corner.y - 2, column.size + 4, column.size + 4);
  }

  /**
   * Show the neuron that is pointed at large, on the side where it is not.
   * @param {Diagram} picture @param {Uint8ClampedArray} palette @param {{width: number, height: number}} room
   */
  enlarge(picture, palette, room) {
    const { pointed } = this;
    const column = this.columns.find(({ layer }) => layer === pointed?.layer);
    this.close.hidden = !pointed || !column?.places[pointed.neuron];
    if (this.close.hidden || !pointed || !column) return;
    const side = Math.round(Math.min(CLOSE * this.canvas.clientHeight, room.width / 2 - 20));
    Object.assign(this.closeCanvas.style, { width: `${side}px`, height: `${side}px` });
    this.close.classList.toggle("at-left", column.middle > room.width / 2);
    this.closeWords.textContent = wordsOf(picture, pointed);
    this.closeWords.style.maxWidth = `${side}px`;
    const { ctx, width, height } = fit(this.closeCanvas);
    const [, rows, columns] = picture.shapes[`columns.${pointed.layer}.maps`];
    const map = part(picture.arrays[`columns.${pointed.layer}.maps`], pointed.neuron, rows * columns);
    const corner = { x: 0, y: 0 };
    drawNeurons(ctx, map, [rows, columns], [corner], Math.min(width, height), palette, picture.shows === "neurons");
  }
}

const FAINTEST = 0.03; // of the largest weight, from which on a line is drawn

/** Whether the weights between two layers are drawn as lines. @param {Float32Array} weights
 * @param {Column} from @param {Column} to
 */
const areDrawn = (weights, from, to) =>
  weights.length > 0 && weights.length <= MOST_LINES && weights.length === from.places.length * to.places.length;

/** The largest of some weights, without its sign. @param {Float32Array} weights */
function largest(weights) {
  let most = 1e-9;
  for (const w of weights) if (Number.isFinite(w)) most = Math.max(most, Math.abs(w));
  return most;
}

/**
 * How far a place is from the line between two neurons.
 * @param {Column} from @param {Column} to @param {number} a @param {number} b @param {number} x @param {number} y
 */
function distance(from, to, a, b, x, y) {
  const [y0, y1] = [from.places[a].y + from.size / 2, to.places[b].y + to.size / 2];
  const [x0, x1] = [from.places[a].x + from.size, to.places[b].x];
  let least = Infinity;
  for (let i = 0; i <= PIECES; i++) {
    const t = i / PIECES;
    const bent = t * t * (3 - 2 * t); // of the curve whose inner points stand above the middle
    const across = x0 + (x1 - x0) * (1.5 * t - 1.5 * t * t + t * t * t);
    least = Math.min(least, Math.hypot(across - x, y0 + (y1 - y0) * bent - y));
  }
  return least;
}

/** @param {string[]} lines @param {(words: string) => number} widthOf */
const widthest = (lines, widthOf) => Math.max(...lines.map(widthOf));

/**
 * What stands under a layer; where not all of its neurons are shown, how many more it has, and whether it is frozen.
 * @param {Diagram} picture @param {number} k @param {import("../../state/types.js").Layer[]} layers of the network
 */
function nameOf(picture, k, layers) {
  const { title, units, layer } = picture.columns[k];
  const spec = layers[layer ?? -1];
  const detail = [picture.columns[k].detail, spec && isFrozen(spec) ? "frozen" : ""].filter(Boolean).join(" ");
  const [shown, rows] = picture.shapes[`columns.${k}.maps`];
  const isSequence = rows > 1 && shown === 1;
  const hidden = isSequence ? 0 : units - shown;
  return { title, detail: hidden > 0 ? `${detail} +${hidden} more`.trim() : detail };
}

/** A neuron in words, or the line to it. @param {Diagram} picture @param {Pointed} pointed */
function wordsOf(picture, { layer, neuron: i, from }) {
  const { title, units, names = [] } = picture.columns[layer];
  if (from !== null && from >= 0) {
    const w = picture.arrays[`columns.${layer}.weights`][from * picture.shapes[`columns.${layer}.maps`][0] + i];
    return `the weight from ${picture.columns[layer - 1].title}, ${from + 1}, to ${title}, ${i + 1}: ${brief(w)}`;
  }
  const scale = picture.arrays[`columns.${layer}.scale`]?.[i];
  const [, rows, columns] = picture.shapes[`columns.${layer}.maps`];
  const value = ((picture.arrays[`columns.${layer}.maps`][i] - 128) / 127) * scale;
  const one = names[i] ? ` ${names[i]}` : units === 1 ? "" : `, ${i + 1} of ${units}`;
  if (!Number.isFinite(scale)) return title + one;
  if (rows * columns === 1) return `${title}${one}: ${brief(value)}`;
  return `${title}${one}: from −${brief(scale)} to ${brief(scale)}`;
}

/** What its squares are. @param {Diagram} picture */
function explanation(picture) {
  if (picture.shows === "example") return "one example, layer by layer, time to the right";
  return picture.shapes["columns.0.maps"][1] > 1
    ? "each square: a neuron's answer over the plane"
    : "each square: a neuron's answer from x = 0 to 10";
}

/**
 * Find a place for every neuron: those of a layer over each other, images also side by side, as large as there is room.
 * @param {Diagram} picture @param {number[]} shown the layers @param {number[]} middles of their columns
 * @param {{width: number, height: number}} room
 * @returns {Column[]}
 */
function place(picture, shown, middles, { width, height }) {
  const counts = shown.map((k) => picture.shapes[`columns.${k}.maps`][0]);
  const pitch = middles.length > 1 ? middles[1] - middles[0] : 2 * middles[0];
  const widest = Math.min(LARGEST[picture.shows], SHARE * pitch);
  const gapOf = (/** @type {number} */ count) => Math.min(GAP, 40 / count);
  const sizeOf = (/** @type {number} */ count) =>
    Math.floor(Math.max(4, Math.min(widest, height / count - gapOf(count))));
  const usual = sizeOf(Math.max(...counts));
  const leftOf = (/** @type {number} */ middle, /** @type {number} */ wide) =>
    Math.round(Math.max(EDGE, Math.min(width - wide - EDGE, middle - wide / 2)));
  return counts.map((count, i) => {
    const layer = shown[i];
    const hasLines = [layer, layer + 1].some((k) => picture.arrays[`columns.${k}.weights`]?.length);
    const block = tiles(count, SHARE * pitch, height, 2);
    if (!hasLines && count > 1 && block.size > sizeOf(count) + 2) {
      const cell = Math.min(block.size, LARGEST[picture.shows]) + 2;
      const [left, top] = [leftOf(middles[i], block.columns * cell), (height - block.rows * cell) / 2];
      const places = Array.from({ length: count }, (_, j) => ({
        x: Math.round(left + (j % block.columns) * cell),
        y: Math.round(top + Math.floor(j / block.columns) * cell),
      }));
      return { layer, middle: middles[i], size: cell - 2, places };
    }
    const size = Math.min(sizeOf(count), picture.shows === "example" ? widest : LARGER * usual);
    const step = Math.min(height / count, size + Math.max(gapOf(count), size * 0.45));
    const first = (height - step * count) / 2 + (step - size) / 2;
    const left = leftOf(middles[i], size);
    return {
      layer,
      middle: middles[i],
      size: Math.floor(size),
      places: Array.from({ length: count }, (_, j) => ({ x: left, y: Math.round(first + j * step) })),
    };
  });
}

/**
 * Draw a layer's neurons.
 * @param {CanvasRenderingContext2D} ctx @param {Diagram} picture @param {Column} column
 * @param {Uint8ClampedArray} palette
 */
function neurons(ctx, picture, { layer, size, places }, palette) {
  const [, rows, columns] = picture.shapes[`columns.${layer}.maps`];
  const maps = part(picture.arrays[`columns.${layer}.maps`], 0, places.length * rows * columns);
  drawNeurons(ctx, maps, [rows, columns], places, size, palette, picture.shows === "neurons");
}

/**
 * Draw neurons: of each its map, or a curve where that has one row.
 * @param {CanvasRenderingContext2D} ctx @param {Uint8Array} maps @param {[number, number]} shape of each
 * @param {Corner[]} places @param {number} size @param {Uint8ClampedArray} palette @param {boolean} upsideDown
 */
function drawNeurons(ctx, maps, [rows, columns], places, size, palette, upsideDown) {
  if (rows > 1 || columns === 1) {
    const boxes = places.map(({ x, y }) => square(x, y, size));
    drawMaps(ctx, maps, rows, columns, palette, boxes, upsideDown);
  } else
    places.forEach(({ x, y }, i) => {
      ctx.fillStyle = themed("paper");
      ctx.fillRect(x, y, size, size);
      spark(ctx, part(maps, i, columns), x, y, size);
    });
  ctx.strokeStyle = themed("line");
  ctx.lineWidth = 1;
  for (const { x, y } of places) ctx.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
}

/**
 * Draw a map of one row as a curve.
 * @param {CanvasRenderingContext2D} ctx @param {Uint8Array} map @param {number} left @param {number} top
 * @param {number} size
 */
function spark(ctx, map, left, top, size) {
  ctx.strokeStyle = themed("line");
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(left, top + size / 2);
  ctx.lineTo(left + size, top + size / 2);
  ctx.stroke();
  ctx.lineWidth = Math.max(1.6, size / 60);
  for (let i = 1; i < map.length; i++) {
    ctx.strokeStyle = weightColour(map[i] - 128, 1);
    ctx.beginPath();
    ctx.moveTo(left + ((i - 1) / (map.length - 1)) * size, top + (1 - map[i - 1] / 255) * (size - 4) + 2);
    ctx.lineTo(left + (i / (map.length - 1)) * size, top + (1 - map[i] / 255) * (size - 4) + 2);
    ctx.stroke();
  }
}
