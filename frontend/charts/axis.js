/** The axes of a line chart: how far they go, and at which values a label stands. */

import { count } from "../state/numbers.js";

/** @typedef {(number | null)[]} Numbers a column of rows; null where nothing was measured */

/**
 * @typedef {object} Axis
 * @property {boolean} isLog
 * @property {[number, number]} range on a logarithmic axis of the powers of ten
 * @property {{at: number, words: string}[]} ticks at values, in words
 * @property {number | null} beyond the largest value, where the axis ends below it
 */

const PAD = 0.05; // of the range, so that no line runs along the edge
const TICK_HEIGHT = 24; // pixels that a label wants for itself
const EXPLODED = 1e3; // times what a curve began with
const FLAT = 0.04; // powers of ten, or a share of the value, that an axis spans at the least: noise is no mountain
const DIGITS = 6; // in which ticks are told apart

const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Write an exponent, as in ⁻¹². @param {number} n */
const raised = (n) => (n < 0 ? "⁻" : "") + String(Math.abs(n)).replace(/\d/g, (d) => SUPERSCRIPT[Number(d)]);

/** Write a power of ten with a digit before it where that is not 1, as in 2×10⁵. @param {number} v */
function power(v) {
  const [digits, exponent] = v.toExponential(DIGITS - 1).split("e");
  const factor = String(Number(digits)).replace("-", "−");
  const ten = `10${raised(Number(exponent))}`;
  return factor === "1" ? ten : factor === "−1" ? `−${ten}` : `${factor}×${ten}`;
}

/**
 * Write the values of an axis, all in one way: as they are between 0.001 and 9,999, else as powers of ten.
 * @param {number[]} values
 */
export function labelsOf(values) {
  const isPlain = values.every((v) => v === 0 || (Math.abs(v) < 1e4 && Math.abs(v) > 0.99e-3));
  return values.map((v) => {
    if (v === 0 || v === 1) return String(v);
    return isPlain ? String(Number(v.toPrecision(DIGITS))).replace("-", "−") : power(v);
  });
}

/**
 * Choose round numbers in an interval, at least two, about as many as wanted.
 * @param {number} low @param {number} high @param {number} most
 */
function linearTicks(low, high, most) {
  for (let n = most; ; n++) {
    const rough = (high - low) / n;
    const unit = 10 ** Math.floor(Math.log10(rough));
    const step = unit * ([1, 2, 5, 10].find((m) => m * unit >= rough * (1 - 1e-9)) ?? 10);
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++)
      found.push(Number((k * step).toPrecision(12)));
    if (found.length >= 2 || n > most + 9) return found;
  }
}

/**
 * Choose values of a logarithmic axis, at least two: powers of ten, 1-2-5, or round ones.
 * @param {number} low @param {number} high its ends as powers of ten @param {number} most
 */
function logTicks(low, high, most) {
  /** @type {number[]} */
  const fine = [];
  for (let k = Math.floor(low); k <= high; k++)
    for (const m of [1, 2, 5]) {
      const v = Number(`${m}e${k}`);
      if (Math.log10(v) > low - 1e-9 && Math.log10(v) < high + 1e-9) fine.push(v);
    }
  if (fine.length < 3 && high - low < 0.7) return linearTicks(10 ** low, 10 ** high, most);
  if (fine.length <= most) return fine;
  for (let stride = 1; stride <= high - low; stride++) {
    const from = Math.ceil(low / stride - 1e-9);
    const powers = Array.from({ length: Math.floor(high / stride + 1e-9) - from + 1 }, (_, i) =>
      Number(`1e${(from + i) * stride}`),
    );
    if (powers.length > 1 && powers.length <= most) return powers;
  }
  return [fine[0], /** @type {number} */ (fine.at(-1))];
}

/**
 * Find how far curves go: the smallest and the largest value, and what the largest of their first ones is.
 * @param {Numbers[]} columns @param {boolean} isLog whether only what is above zero counts
 */
function reach(columns, isLog) {
  let [low, high, first] = [Infinity, -Infinity, -Infinity];
  for (const values of columns) {
    let begun = false;
    for (const v of values) {
      if (v === null || !Number.isFinite(v) || (isLog && v <= 0)) continue;
      if (v < low) low = v;
      if (v > high) high = v;
      if (!begun) first = Math.max(first, Math.abs(v));
      begun = true;
    }
  }
  return { low, high, first };
}

/**
 * The axis of values. Where a curve explodes, it ends at ten times what the curves began with: all before is readable.
 * @param {"log" | "linear" | "share"} scale @param {Numbers[]} columns @param {number} height in pixels
 * @param {boolean} [isZoomed] whether a share's axis spans what is there, not all from 0 to 1
 * @returns {Axis}
 */
export function valueAxis(scale, columns, height, isZoomed = false) {
  const most = Math.max(2, Math.min(6, Math.floor(height / TICK_HEIGHT)));
  if (scale === "share" && !isZoomed) return shareAxis(0, 1, most);
  let isLog = scale === "log";
  let { low, high, first } = reach(columns, isLog);
  if (isLog && low > high) {
    isLog = false; // nothing is above zero
    ({ low, high, first } = reach(columns, isLog));
  }
  if (low > high) [low, high, first] = [0, 1, 1];
  const end = high > EXPLODED * first && first > 0 ? 10 * first : high;
  const beyond = end < high ? high : null;
  if (scale === "share") {
    const [from, to] = widened(...within01(low, high));
    return shareAxis(Math.max(from, -0.02), Math.min(to, 1.004), most);
  }
  let range = isLog ? widened(Math.log10(low), Math.log10(Math.max(end, low)), FLAT) : widened(low, end);
  if (!isLog && low >= 0 && range[0] < 0) range = [0, range[1]];
  const values = isLog ? logTicks(...range, most) : linearTicks(...range, most);
  return { isLog, range, ticks: withWords(values), beyond };
}

/**
 * Spread an interval a little, a flat one so far that it has a height.
 * @param {number} low @param {number} high @param {number} [least] @returns {[number, number]}
 */
function widened(low, high, least = FLAT * Math.max(Math.abs(low), Math.abs(high)) || 1) {
  const missing = Math.max(0, least - (high - low)) / 2;
  const pad = PAD * Math.max(high - low, least);
  return [low - missing - pad, high + missing + pad];
}

/** Cut an interval off at 0 and 1. @param {...number} ends @returns {[number, number]} */
const within01 = (...ends) => /** @type {[number, number]} */ (ends.map((v) => Math.min(1, Math.max(0, v))));

/** @param {number} low @param {number} high @param {number} most @returns {Axis} */
function shareAxis(low, high, most) {
  const isWhole = low === 0 && high === 1;
  const whole = most > 4 ? [0, 25, 50, 75, 100] : [0, 50, 100];
  const ticks = withWords(isWhole ? whole : linearTicks(100 * low, 100 * high, most));
  const range = /** @type {[number, number]} */ (isWhole ? [-0.02, 1.04] : [low, high]);
  return { isLog: false, range, ticks: ticks.map(({ at, words }) => ({ at: at / 100, words })), beyond: null };
}

/** @param {number[]} values */
function withWords(values) {
  const words = labelsOf(values);
  return values.map((at, i) => ({ at, words: words[i] }));
}

/** What an axis that counts steps, epochs or seconds says at its end. @type {Record<string, [string, string]>} */
const UNITS = { step: ["step", "steps"], epoch: ["epoch", "epochs"], seconds: ["s", "s"] };

const GAP = 5; // pixels that two labels across stay apart
const APART = 90; // pixels from one round number across to the next

/** Write a place on the axis across: three digits, whole from 1,000 on. @param {number} v */
const place = (v) => count(Math.abs(v) >= 1e3 ? Math.round(v) : Number(v.toPrecision(3)));

/** What stands at the end of the axis across. @param {string} over what it counts @param {number} end */
export function endWords(over, end) {
  const [one, many] = UNITS[over] ?? [over, over];
  return `${place(end)} ${place(end) === "1" ? one : many}`;
}

/**
 * The axis across: its ends, of which the last one has the unit, and round numbers between them where there is room.
 * Each label stands in the middle of its place.
 * @param {string} over what it counts @param {number} start @param {number} end @param {number} width in pixels
 * @param {(words: string) => number} widthOf
 * @returns {{at: number, words: string}[]}
 */
export function acrossTicks(over, start, end, width, widthOf) {
  const last = { at: end, words: endWords(over, end) };
  if (end === start) return [last];
  const first = { at: start, words: place(start) };
  const px = (/** @type {number} */ v) => ((v - start) / (end - start)) * width;
  const left = widthOf(first.words) / 2 + GAP;
  const right = width - widthOf(last.words) / 2 - GAP;
  if (right < left) return [last];
  const most = Math.floor((right - left) / APART);
  const between = most < 1 ? [] : linearTicks(start, end, most + 1);
  const free = between
    .map((at) => ({ at, words: place(at) }))
    .filter(({ at, words }) => px(at) - widthOf(words) / 2 > left && px(at) + widthOf(words) / 2 < right);
  return [first, ...free, last];
}
