/** Lines through known places. */

/**
 * Find a line's height between the places where it is known.
 * @param {number[]} xs
 * @param {number[]} ys
 * @param {number} x
 */
export function between(xs, ys, x) {
  const behind = xs.findIndex((v) => v >= x);
  const k = behind < 0 ? xs.length - 1 : Math.max(1, behind);
  const t = (x - xs[k - 1]) / (xs[k] - xs[k - 1] || 1);
  return ys[k - 1] + t * (ys[k] - ys[k - 1]);
}

/** Write places as a path. @param {number[][]} points */
export const pathOf = (points) =>
  points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ` + `${y.toFixed(1)}`).join("");
