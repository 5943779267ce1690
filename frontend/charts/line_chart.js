/** A line chart as a description, for whoever draws it: Plotly on the page, a canvas in the replay. */

/** @typedef {(number | null)[]} Numbers a column of rows; null where nothing was measured */

/**
 * @typedef {object} Curve
 * @property {string} name
 * @property {Numbers} x
 * @property {Numbers} y
 * @property {string} colour
 * @property {number} width
 * @property {boolean} [isDotted]
 */

/**
 * A line from top to bottom.
 * @typedef {object} Mark
 * @property {number} at where on the x axis
 * @property {string} colour
 * @property {number} width
 * @property {boolean} [isDotted]
 */

/**
 * @typedef {object} LineChart
 * @property {Curve[]} curves
 * @property {string} over what the x axis counts
 * @property {"log" | "linear" | "share"} scale of the y axis; a share goes from 0 to 1
 * @property {Mark[]} marks
 */

const MOST_POINTS = 1000;

/**
 * Thin a curve to the smallest and largest value of each stretch, so that no spike is lost; the newest row always
 * stays.
 * @param {Numbers} x @param {Numbers} y @param {number} most
 */
export function thin(x, y, most = MOST_POINTS) {
  if (x.length <= most) return { x: x.slice(), y: y.slice() };
  /** @type {{x: Numbers, y: Numbers}} */
  const kept = { x: [], y: [] };
  const keep = (/** @type {number} */ i) => {
    if (i < 0 || kept.x.at(-1) === x[i]) return;
    kept.x.push(x[i]);
    kept.y.push(y[i]);
  };
  const stretch = (2 * x.length) / most;
  for (let start = 0; start < x.length; start += stretch) {
    const end = Math.min(x.length, Math.floor(start + stretch));
    let [low, high] = [-1, -1];
    for (let i = Math.floor(start); i < end; i++) {
      const v = y[i];
      if (v === null) continue;
      if (low < 0 || v < /** @type {number} */ (y[low])) low = i;
      if (high < 0 || v > /** @type {number} */ (y[high])) high = i;
    }
    keep(Math.min(low, high));
    keep(Math.max(low, high));
  }
  keep(x.length - 1);
  return kept;
}

/**
 * Find the smallest and the largest value above zero.
 * @param {Numbers[]} columns @returns {[number, number]} (∞, 0) where there is none
 */
export function positive(columns) {
  let [low, high] = [Infinity, 0];
  for (const values of columns)
    for (const v of values)
      if (v !== null && v > 0) {
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
  return [low, high];
}
