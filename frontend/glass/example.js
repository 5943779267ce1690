/** Which example is followed through the step, or all of the batch; what goes in, and what was wanted. */

import { CLASS_COLOURS } from "../state/constants.js";
import { fit } from "../ui/canvas.js";
import { make } from "../ui/element.js";
import { css, themed } from "../ui/palette.js";
import { three } from "./figures.js";
import { heat } from "./heat.js";

/** @import {ArrayPart, Walk} from "../server/one_step.js" */
/** @import {Glass} from "./opened_step.js" */

const FEW = 6; // numbers that are said
const NAMED = 12; // of those that have names
const LONG = 32; // letters of a name
const TOKENS = 24; // of a sequence that are said
const EDGE = 10; // pixels around points
const SIDE = 212; // pixels of an image
const [AT_ONCE, MOST] = [4096, 16384]; // numbers that the server gives unasked, and at the most

export class Example {
  /** @param {Glass} glass */
  constructor(glass) {
    this.glass = glass;
    this.title = make("h2");
    this.picture = make("div", { className: "glass-input" });
    this.words = make("p", { className: "caption" });
    this.number = make("input", { type: "number", min: "0", id: "glass-example" });
    this.number.onchange = () => {
      const last = this.glass.opened.walk.examples - 1;
      this.go(Math.max(0, Math.min(last, Math.round(Number(this.number.value)) || 0)));
    };
    const by = (/** @type {string} */ words, /** @type {number} */ step) =>
      make("button", { type: "button", textContent: words, onclick: () => this.go(this.at + step) });
    this.previous = by("Previous", -1);
    this.next = by("Next", 1);
    this.wrong = make("button", { type: "button", hidden: true });
    this.wrong.onclick = () => this.go(nextOf(this.glass.opened.walk.wrong ?? [], this.at));
    this.batch = make("button", { type: "button", textContent: "Whole batch" });
    this.batch.onclick = () => glass.openBatch(!glass.opened.isBatch);
    this.pointed = make("button", { type: "button", textContent: "Show in the picture" });
    this.pointed.onclick = () => glass.showInPicture();
    this.newer = make("button", { type: "button", hidden: true });
    this.newer.onclick = () => glass.open({ step: null });
    this.of = make("span");
    const which = make("label", { className: "glass-which" }, "Row of the batch ", this.number, this.of);
    const move = make("div", { className: "glass-pair" }, this.previous, this.next);
    const more = make("div", { className: "glass-pair" }, this.batch, this.pointed);
    this.element = make("section", { className: "card glass-example" });
    const parts = [this.picture, this.words, which, move, this.wrong, more, this.newer];
    this.element.append(make("header", {}, this.title), ...parts);
    this.element.setAttribute("aria-label", "Example");
  }

  get at() {
    return this.glass.opened.walk.example;
  }

  /** @param {number} example */
  go(example) {
    const { examples } = this.glass.opened.walk;
    this.glass.openExample((example + examples) % examples);
  }

  /** Say which it is. */
  async show() {
    const { opened } = this.glass;
    const { walk, isBatch } = opened;
    this.title.textContent = isBatch ? `The batch of step ${walk.next_step}` : `Example ${walk.example} of the batch`;
    this.of.textContent = ` of ${walk.examples}`;
    this.number.max = String(walk.examples - 1);
    this.number.value = String(walk.example);
    const isFile = Boolean(this.glass.source?.spots);
    this.previous.disabled = this.next.disabled = this.number.disabled = walk.examples < 2 || isFile;
    this.batch.hidden = this.pointed.hidden = isFile;
    const wrong = walk.wrong ?? [];
    this.wrong.hidden = isFile || !walk.wrong;
    this.wrong.disabled = !wrong.some((row) => row !== walk.example);
    this.wrong.textContent = wrong.length ? `Next wrong one, of ${wrong.length}` : "None is wrong";
    this.batch.setAttribute("aria-pressed", String(isBatch));
    const first = walk.stops.find(({ way }) => way === "forward");
    const input = first?.quantities.find(({ symbol }) => symbol === "x");
    const [rows, columns] = ["row", "column"].map((name) => input?.axes.indexOf(name) ?? -1);
    const isMap = rows >= 0 && columns >= 0;
    const size = input?.shape.slice(1) ?? [];
    const window = isMap && product(size) > AT_ONCE ? size.map((n) => `0:${n}`).join() : "";
    const isAsked = first && input && !isBatch && product(size) <= MOST;
    const part = isAsked ? await opened.array(first, "x", window).catch(() => null) : null;
    if (opened !== this.glass.opened) return;
    this.draw(part, isMap);
    if (walk.input.kind === "points" && part?.values.length === 2) await this.drawPoints();
    const several = walk.several
      ? "The step averages several batches: layers and loss are the last one's, the update's gradient is the mean."
      : "";
    const which = isBatch ? `All ${walk.examples} examples, a row each.` : inputWords(part, walk.input);
    this.words.textContent = [which, wordsOf(walk), several].filter(Boolean).join(" ");
  }

  /** Draw the points of the batch with this one ringed; a click goes to the nearest. */
  async drawPoints() {
    const { opened, source } = this.glass;
    const { walk } = opened;
    if (!source || source.spots) return;
    const all = (/** @type {string} */ stop, /** @type {string} */ symbol) =>
      opened.once(`all ${symbol}`, () => source.array(walk.step, stop, symbol, "all", "")).catch(() => null);
    const [points, target] = await Promise.all([all("0.forward", "x"), all("loss", "target")]);
    if (opened !== this.glass.opened || !points || points.values.length !== 2 * walk.examples) return;
    const canvas = make("canvas", { className: "glass-points" });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "The points of the batch, this one ringed; a click goes to the nearest");
    this.picture.hidden = false;
    this.picture.replaceChildren(canvas);
    const { ctx, width, height } = fit(canvas);
    const values = points.values.map((v) => v ?? 0);
    const axis = (/** @type {number} */ n) => values.filter((_, i) => i % 2 === n);
    const ends = [0, 1].map((n) => [Math.min(...axis(n)), Math.max(...axis(n))]);
    const share = (/** @type {number} */ v, /** @type {number} */ n) =>
      (v - ends[n][0]) / (ends[n][1] - ends[n][0] || 1);
    const places = Array.from({ length: walk.examples }, (_, i) => [
      EDGE + share(values[2 * i], 0) * (width - 2 * EDGE),
      height - EDGE - share(values[2 * i + 1], 1) * (height - 2 * EDGE),
    ]);
    for (const [i, [x, y]] of places.entries()) {
      const label = target?.values[i] ?? 0;
      ctx.fillStyle = Number.isInteger(label) ? css(CLASS_COLOURS[label % CLASS_COLOURS.length]) : themed("muted");
      ctx.beginPath();
      ctx.arc(x, y, 2.5, 0, 7);
      ctx.fill();
    }
    const [x, y] = places[walk.example];
    ctx.strokeStyle = themed("ink");
    ctx.lineWidth = 3;
    ctx.beginPath();
    ctx.arc(x, y, 8, 0, 7);
    ctx.stroke();
    canvas.onclick = ({ offsetX, offsetY }) => {
      const distances = places.map(([px, py]) => Math.hypot(px - offsetX, py - offsetY));
      this.go(distances.indexOf(Math.min(...distances)));
    };
  }

  /** Say that the run has gone on. @param {number} step of the run @param {number} shown */
  showNewer(step, shown) {
    this.newer.hidden = step <= shown + 1 || step === this.glass.newestAt;
    this.newer.textContent = `The run is at step ${step}: go there`;
  }

  /** Draw what goes in, where it is an image. @param {ArrayPart | null} part @param {boolean} isMap of pixels */
  draw(part, isMap) {
    const size = (isMap ? part?.shape.slice(0, 2) : part?.shape.slice(-2)) ?? [];
    const channels = isMap ? (part?.shape[2] ?? 1) : 1;
    const isImage = part && part.shape.length >= 2 && Math.min(...size) >= 5;
    this.picture.hidden = !isImage;
    if (!isImage || !part) return;
    const [rows, columns] = size;
    const canvas = make("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `What goes in, ${rows} × ${columns}`);
    this.picture.replaceChildren(canvas);
    const cell = Math.max(1, Math.floor(SIDE / Math.max(rows, columns)));
    canvas.style.width = `${cell * columns}px`;
    canvas.style.height = `${cell * rows}px`;
    const { ctx } = fit(canvas);
    const largest = Math.max(Math.abs(part.low), Math.abs(part.high));
    const byte = (/** @type {number | null} */ v) => (255 * ((v ?? 0) - part.low)) / (part.high - part.low || 1);
    for (let n = 0; n < rows * columns; n++) {
      const pixel = part.values.slice(n * channels, (n + 1) * channels);
      ctx.fillStyle = channels === 3 ? `rgb(${pixel.map(byte).join(" ")})` : heat(pixel[0] ?? 0, largest);
      ctx.fillRect((n % columns) * cell, Math.floor(n / columns) * cell, cell, cell);
    }
  }
}

/** The next among rows, and behind the last the first. @param {number[]} rows in order @param {number} at */
export const nextOf = (rows, at) => rows.find((row) => row > at) ?? rows[0] ?? at;

/**
 * Say what goes in: tokens, named numbers, or a few numbers.
 * @param {Pick<ArrayPart, "values"> | null} part @param {Pick<Walk["input"], "kind" | "names">} input
 */
export function inputWords(part, { kind, names = [] }) {
  if (part && kind === "tokens")
    return `Tokens ${part.values.slice(0, TOKENS).join(", ")}${part.values.length > TOKENS ? " …" : ""}.`;
  if (part && names.length === part.values.length && names.length > 0) {
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
    const named = names.slice(0, NAMED).map((name, i) => `${shortened(name)} = ${three(part.values[i])}`);
    return `${named.join(", ")}${more}.`;
  }
  if (!part || part.values.length > FEW) return "";
  const below = (/** @type {number} */ i) => "₁₂₃₄₅₆"[i];
  return `${part.values.map((v, i) => `${part.values.length > 1 ? `x${below(i)}` : "x"} = ${three(v)}`).join(", ")}.`;
}

/** @param {string} name */
const shortened = (name) => (name.length > LONG ? `${name.slice(0, LONG - 1)}…` : name);

/** @param {number[]} shape */
const product = (shape) => shape.reduce((a, b) => a * b, 1);

/**
 * Say what was wanted, and what came.
 * @param {Pick<Walk, "target" | "prediction" | "classes">} walk
 */
export function wordsOf({ target, prediction, classes = [] }) {
  const named = (/** @type {number} */ k) =>
    classes[k] && classes[k] !== String(k) ? `class ${k} (${shortened(classes[k])})` : `class ${k}`;
  const list = (/** @type {any} */ said) => {
    const all = Array.isArray(said) ? said.flat(9) : said === null || said === undefined ? [] : [said];
    if (!all.length || all.length > FEW) return "";
    return all.map((v) => (typeof v === "number" ? three(v) : String(v))).join(", ");
  };
  if (Number.isInteger(target) && target >= 0 && Array.isArray(prediction) && prediction.length > 1) {
    const best = prediction.indexOf(Math.max(...prediction.map((v) => v ?? -Infinity)));
    const scores = list(prediction);
    const verdict = best === target ? "right" : "wrong";
    const said = `Wanted: ${named(target)}. It says: ${named(best)}, which is ${verdict}`;
    return `${said}${scores && `; its scores are ${scores}`}.`;
  }
  const [wanted, came] = [list(target), list(prediction)];
  return [wanted && `Wanted: ${wanted}.`, came && `It says: ${came}.`].filter(Boolean).join(" ");
}
