/** Numbers of the glass box, written as the engine writes them; and symbols in words. */

/** @import {Quantity} from "../server/one_step.js" */

const DIGITS = 3;

/** Write a number with three digits, as the engine's formulas do: 0.31, −1.2e−05. @param {number | null} v */
export function three(v) {
  if (v === null || Number.isNaN(v)) return "nan";
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "−∞";
  if (v === 0) return "0";
  const [mantissa, exponent] = v.toExponential(DIGITS - 1).split("e");
  const power = Number(exponent);
  const bare = (/** @type {string} */ digits) => (digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits);
  if (power >= -4 && power < DIGITS) return bare(v.toPrecision(DIGITS)).replace("-", "−");
  const size = String(Math.abs(power)).padStart(2, "0");
  return `${bare(mantissa)}e${power < 0 ? "-" : "+"}${size}`.replaceAll("-", "−");
}

/** By which power of ten a matrix's numbers are written, so that the largest has a digit. @param {number} largest */
export function powerFor(largest) {
  if (!(largest > 0) || !Number.isFinite(largest)) return 0;
  const power = Math.floor(Math.log10(largest));
  return power < -1 || power > 3 ? power : 0;
}

/** Write a number where space is dear, in a cell: .91, −1.55, 12.1. @param {number | null} v @param {number} power */
export function short(v, power) {
  if (v === null || Number.isNaN(v)) return "nan";
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "−∞";
  const scaled = v / 10 ** power;
  const size = Math.abs(scaled);
  if (size === 0) return "0";
  const words = size.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0).replace(/^0\./, ".");
  return scaled < 0 && size >= 0.005 ? `−${words}` : words; // what rounds to .00 has no sign
}

/** Write an index as it stands under a symbol, counted from 0 as the engine's arrays are. @param {number[]} index */
export const places = (index) => index.join(",");

/** @type {Record<string, string>} */
const WORDS = {
  x: "input",
  y: "output",
  W: "weights",
  b: "bias",
  loss: "loss",
  target: "target",
  g: "gradient",
  m: "average of g",
  v: "average of g²",
  m_hat: "average of g, corrected",
  v_hat: "average of g², corrected",
  theta_before: "weight before",
  theta_after: "weight after",
  theta: "weight after",
  dtheta: "gradient with the penalty",
  dL: "gradient of the loss",
  dR: "gradient of the penalty",
  eta: "learning rate",
  norm: "length of the gradient",
  limit: "the limit",
  gamma: "scale",
  beta: "shift",
  x_hat: "scaled input",
  mean: "mean",
  variance: "variance",
  mask: "what is kept",
  p: "shares",
};

/**
 * Say what a quantity is in a word or two.
 * @param {Pick<Quantity, "symbol" | "role"> & {shape?: number[], letters?: string}} quantity
 */
export function wordsFor({ symbol, role, shape, letters }) {
  const isBack = /^d\d/.test(symbol); // of a layer inside another
  const last = (isBack ? "d" : "") + (symbol.split(".").at(-1) ?? "");
  if (last === "m" && shape?.length === 0) return "how many"; // numbers are normalized together
  const known = WORDS[last];
  if (known) return known === letters ? "" : known;
  const of = last.startsWith("d") ? WORDS[last.slice(1)] : undefined;
  if (of) return `gradient of the ${of}`;
  const before = last.endsWith("_before") ? WORDS[last.slice(0, -"_before".length)] : undefined;
  if (before) return `${before}, before`;
  return { input: "input", weight: "weights", output: "output", gradient: "gradient", state: "" }[role];
}
