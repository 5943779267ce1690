/**
 * What the layers' numbers say: how many neurons are silent, how large the gradient is, how much a step changes; now
 * and over the time that one has watched; and a histogram of the weights.
 */

import { brief, count, MISSING, significant, told, withMinus } from "../../state/numbers.js";
import { fit } from "../../ui/canvas.js";
import { make, term } from "../../ui/element.js";
import { themed } from "../../ui/palette.js";
import { part } from "../bytes.js";
import { stageOf } from "../stages.js";

/** @typedef {"mean" | "std" | "dead" | "gradient" | "ratio" | "low" | "high"} Quantity */
/**
 * Of each layer with parameters: its outputs' mean and std, the share of dead ReLUs (NaN where there are none),
 * ‖∂L/∂θ‖, ‖Δθ‖ / ‖θ‖, its smallest and largest weight, each (layers,); and a histogram of its weights (layers, bins),
 * 255 the largest bin.
 * @typedef {import("../view.js").PictureOf<
 *   {weights: Uint8Array} & Record<Quantity, Float32Array>,
 *   {layers: string[]}
 * >} Statistics
 */
/** @typedef {{path: string, words: string, unit?: string, className?: string}} Head a column's, and what explains it */
/** @typedef {"dead" | "gradient" | "ratio"} Followed a quantity that has a small curve over time */

/** @type {Head[]} */
const HEADS = [
  { path: "terms/layers", words: "Layer" },
  { path: "terms/silent share", words: "Silent", unit: "%" },
  { path: "terms/gradient norm", words: "Gradient" },
  { path: "terms/change per step", words: "Change per step", unit: "%" },
  { path: "terms/outputs", words: "Outputs", className: "roomy" },
  { path: "terms/histogram of the weights", words: "Weights", className: "roomy" },
];
/** @type {Followed[]} */
const FOLLOWED = ["dead", "gradient", "ratio"];
const MOST = 200; // pictures that a small curve remembers; then every second one is forgotten

/** A quantity of every layer over the pictures that came, each at its step. */
export class Past {
  constructor() {
    this.key = "";
    /** @type {number[]} */
    this.steps = [];
    /** @type {Record<Followed, number[][]>} of each picture its layers' values */
    this.values = { dead: [], gradient: [], ratio: [] };
  }

  /**
   * Take in a picture; it begins anew with another network, or where a run has begun again.
   * @param {string} key of the run and its layers @param {number} step
   * @param {Record<Followed, ArrayLike<number>>} arrays
   */
  add(key, step, arrays) {
    const last = this.steps.at(-1) ?? -1;
    if (step === last && key === this.key) return;
    if (key !== this.key || step < last) {
      this.key = key;
      this.steps = [];
      this.values = { dead: [], gradient: [], ratio: [] };
    }
    this.steps.push(step);
    for (const name of FOLLOWED) this.values[name].push(Array.from(arrays[name]));
    if (this.steps.length <= MOST) return;
    const isKept = (/** @type {unknown} */ _, /** @type {number} */ i) => i % 2 === 0;
    this.steps = this.steps.filter(isKept);
    for (const name of FOLLOWED) this.values[name] = this.values[name].filter(isKept);
  }

  /** The values of a layer over time. @param {Followed} name @param {number} layer */
  of(name, layer) {
    return this.values[name].map((values) => values[layer]);
  }
}

export class StatisticsView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.mount = mount;
    this.past = new Past();
    /** @type {Statistics | null} */
    this.picture = null;
    this.now = make("dl", { className: "now" });
    mount.title.prepend(this.now);
    mount.body.classList.add("statistics");
    this.rows = make("tbody");
    const heads = HEADS.map(({ path, words, unit, className = "" }) =>
      make("th", { className, scope: "col" }, term(words, path), unit ? ` ${unit}` : ""),
    );
    const table = make("table", { className: "layers-table" }, make("thead", {}, make("tr", {}, ...heads)), this.rows);
    mount.body.append(table);
    this.dispose = mount.store.on("news", () => {
      if (this.picture && !mount.surroundings.isPast) this.tell(this.picture.step); // more is known of that step
    });
  }

  /** @param {Statistics} picture */
  draw(picture) {
    const { arrays, layers } = picture;
    this.picture = picture;
    if (!this.mount.surroundings.isPast) this.past.add(`${picture.run} ${layers.join()}`, picture.step, arrays);
    if (this.rows.childElementCount !== layers.length)
      this.rows.replaceChildren(...layers.map(() => make("tr", {}, make("th", { scope: "row" }), ...cells())));
    const bins = picture.shapes.weights[1];
    const { finding, layers: all } = this.mount.store;
    const found = stageOf(all, finding);
    [...this.rows.children].forEach((row, k) => {
      const [name, silent, gradient, change, outputs, weights] = /** @type {HTMLElement[]} */ ([...row.children]);
      name.textContent = layers[k];
      /** @type {HTMLElement} */ (row).dataset.found = k === found ? finding?.kind : "";
      const dead = arrays.dead[k];
      const isReLU = Number.isFinite(dead);
      put(silent, isReLU ? String(Math.round(100 * dead)) : MISSING);
      silent.style.setProperty("--share", isReLU ? String(dead) : "0");
      silent.classList.toggle("missing", !isReLU);
      put(gradient, small(arrays.gradient[k]));
      put(change, small(100 * arrays.ratio[k]));
      put(outputs, `${small(arrays.mean[k])} ± ${small(arrays.std[k])}`);
      curve(canvasOf(gradient), this.past.of("gradient", k), true);
      curve(canvasOf(change), this.past.of("ratio", k), true);
      curve(canvasOf(silent), this.past.of("dead", k), false);
      histogram(canvasOf(weights), part(arrays.weights, k, bins));
      put(weights, `${small(arrays.low[k])} to ${small(arrays.high[k])}`);
    });
    this.tell(picture.step);
    this.mount.say("of the last step; small curves: since you watch");
  }

  /** Say every layer's numbers. */
  describe() {
    const { picture } = this;
    if (!picture) return "";
    const { dead, gradient, ratio } = picture.arrays;
    return picture.layers
      .map((name, k) => {
        const silent = Number.isFinite(dead[k]) ? `${Math.round(100 * dead[k])} % silent, ` : "";
        return `${name}: ${silent}gradient ${small(gradient[k])}, change per step ${small(100 * ratio[k])} %`;
      })
      .join("; ");
  }

  /** Say where the training is: what the headline has no room for. @param {number} step */
  tell(step) {
    const { store, surroundings } = this.mount;
    const { run } = store;
    if (!run) return;
    const row = store.rowAt(surroundings.isPast ? step : undefined);
    const rate = row.learning_rate ?? run.optimizer.learning_rate;
    const epoch = run.step ? (run.epoch * Math.min(step, run.step)) / run.step : 0;
    /** @type {[string, string, string][]} */
    const said = [
      ["epoch", "Epoch", count(Math.floor(epoch))],
      ["learning rate", "Learning rate", typeof rate === "number" ? told(Number(rate.toPrecision(3))) : MISSING],
      ["steps per second", "Steps/s", run.steps_per_second ? count(Math.round(run.steps_per_second)) : MISSING],
    ];
    if (this.now.childElementCount !== said.length)
      this.now.replaceChildren(
        ...said.map(([name, words]) => {
          const value = make("dd");
          value.dataset.now = name;
          return make("div", {}, make("dt", {}, term(words, `terms/${name}`)), value);
        }),
      );
    said.forEach(([, , value], i) => {
      const place = this.now.children[i].lastElementChild;
      if (place && place.textContent !== value) place.textContent = value;
    });
  }
}

/** Write a number with two digits. @param {number} v */
const small = (v) => withMinus(Math.abs(v) >= 1e-3 ? significant(v, 2) : brief(v));

/** The cells of a layer: a number and a canvas in each. */
function cells() {
  return HEADS.slice(1).map(({ words, className = "" }) => {
    const canvas = make("canvas");
    canvas.setAttribute("aria-hidden", "true"); // its number stands beside it
    const drawn = words === "Outputs" ? [] : [make("span", { className: "small-curve" }, canvas)];
    const cell = make("td", { className }, make("b"), ...drawn);
    if (words === "Silent") cell.classList.add("share");
    return cell;
  });
}

/** @param {HTMLElement} cell @param {string} words */
function put(cell, words) {
  const place = /** @type {HTMLElement} */ (cell.firstElementChild);
  if (place.textContent !== words) place.textContent = words;
}

/** @param {HTMLElement} cell */
const canvasOf = (cell) => /** @type {HTMLCanvasElement} */ (cell.querySelector("canvas"));

/**
 * Draw a small curve over time, from its smallest to its largest value; a share from 0 to 1.
 * @param {HTMLCanvasElement} canvas @param {number[]} values @param {boolean} isLog
 */
function curve(canvas, values, isLog) {
  if (!canvas.clientWidth) return;
  const { ctx, width, height } = fit(canvas);
  const on = values.map((v) => (isLog ? Math.log10(v) : v));
  const finite = on.filter(Number.isFinite);
  if (finite.length < 2) return;
  const [low, high] = isLog ? [Math.min(...finite), Math.max(...finite)] : [0, 1];
  const flat = high - low < 0.02;
  ctx.strokeStyle = themed("train");
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  on.forEach((v, i) => {
    if (!Number.isFinite(v)) return;
    const y = flat ? height / 2 : 1.5 + ((high - v) / (high - low)) * (height - 3);
    ctx.lineTo(1 + (i / (on.length - 1)) * (width - 2), y);
  });
  ctx.stroke();
}

/** @param {HTMLCanvasElement} canvas @param {Uint8Array} bins */
function histogram(canvas, bins) {
  if (!canvas.clientWidth) return;
  const { ctx, width, height } = fit(canvas);
  ctx.fillStyle = themed("train");
  for (const [i, n] of bins.entries())
    ctx.fillRect((i * width) / bins.length, height * (1 - n / 255), width / bins.length - 0.5, (height * n) / 255);
}
