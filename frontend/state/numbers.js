/** Numbers as a person reads them: every number, share, duration and size on the page is written here. */

/** What stands where there is no number. */
export const MISSING = "–";

/** Write a whole number with commas between the thousands. @param {number} n */
export const count = (n) => n.toLocaleString("en");

/** Write a measured number with three digits, as in 0.120 and 1.23e-5. @param {number | null | undefined} v */
export const number = (v) =>
  v === null || v === undefined ? MISSING : v !== 0 && Math.abs(v) < 0.001 ? v.toExponential(2) : v.toPrecision(3);

/** Write a number with so many digits and no zeros after them, as in 0.12. @param {number} v @param {number} digits */
export const significant = (v, digits) => (Number.isFinite(v) ? String(Number(v.toPrecision(digits))) : MISSING);

/** Write a number with so many digits, zeros among them, as in 0.10. @param {number} v @param {number} digits */
export const precise = (v, digits) => v.toPrecision(digits);

/** Write a number with so many decimals. @param {number} v @param {number} decimals */
export const fixed = (v, decimals) => v.toFixed(decimals);

/** Write a coordinate of a plane: two decimals, none where it is large. @param {number} v */
export const coordinate = (v) => fixed(v, Math.abs(v) >= 100 ? 0 : 2);

/**
 * Write numbers so that they are told apart: with three digits, or more where two would read alike; whole ones whole.
 * @param {number[]} values @param {number} [least] digits
 */
export function apart(values, least = 3) {
  const different = new Set(values).size;
  for (let digits = least; ; digits++) {
    const words = values.map((v) => {
      const whole = Math.ceil(Math.log10(Math.abs(v) || 1)); // digits before the point
      const rounded = Number.isInteger(v) ? v : Number(v.toPrecision(Math.min(17, Math.max(digits, whole))));
      return Math.abs(rounded) >= 1e-4 || rounded === 0 ? String(rounded) : rounded.toExponential();
    });
    if (digits >= 17 || new Set(words).size === different) return words;
  }
}

/**
 * Write a number on an axis, or where an axis ends: so many digits at the most, with a true minus.
 * @param {number} v @param {number} [digits]
 */
export function onAxis(v, digits = 4) {
  const size = Math.abs(v);
  const words =
    size >= 1e7
      ? inTens(size)
      : size >= 1000
        ? count(Math.round(size))
        : size < 1e-3 && size > 0
          ? size.toExponential(1)
          : significant(size, digits);
  return (v < 0 ? "−" : "") + words.replace("e-", "e−");
}

const YEARS = /(^|[^a-z])(years?|yr|jahre?|ann[ée]es?|años?|anni|anno|год)($|[^a-z])|年/i;

/**
 * Say how the numbers along an axis are written: years without a comma.
 * @param {string} name @param {number} low @param {number} high
 */
export const alongAxis = (name, low, high) =>
  YEARS.test(name) && low > 999 && high < 3000 ? String : (/** @type {number} */ v) => onAxis(v);

/** Write a large number as 5×10¹⁶. @param {number} v */
function inTens(v) {
  const [digits, exponent] = v.toExponential(1).split("e");
  return `${Number(digits)}×${power(Number(exponent))}`;
}

/** Write a power of ten, as in 10⁻³. @param {number} exponent */
export const power = (exponent) =>
  `10${String(exponent)
    .replace("-", "⁻")
    .replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)])}`;

/** Write a number with two digits at the most, for where space is dear, as in 0.12 and 3e−5. @param {number} v */
export function brief(v) {
  if (!Number.isFinite(v)) return MISSING;
  return Math.abs(v) >= 1e-2 || v === 0 ? precise(v, 2) : v.toExponential(0).replace("e-", "e−");
}

/** Give a written number a true minus. @param {string} words */
export const withMinus = (words) => words.replace(/^-/, "−");

/** Write a share of 0 … 1 in percent. @param {number | null | undefined} share @param {number} [decimals] */
export const percent = (share, decimals = 1) =>
  share === null || share === undefined ? MISSING : `${(100 * share).toFixed(decimals)} %`;

/** Write a hyperparameter as it is chosen: four digits, very small and very large ones as in 1e-4. @param {number} v */
export const choice = (v) =>
  v !== 0 && (Math.abs(v) < 1e-3 || Math.abs(v) >= 1e6) ? v.toExponential(1).replace("e+", "e") : significant(v, 4);

/** Write a hyperparameter as it is told: six digits, very small ones as in 5e-5. @param {number} v */
export const told = (v) => (Math.abs(v) >= 1e-4 || v === 0 ? significant(v, 6) : v.toExponential());

/** Write how long something took. @param {number} seconds */
export function duration(seconds) {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.floor(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Write a size in bytes. @param {number} bytes */
export const size = (bytes) =>
  bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
