/** What of very many points or lines is drawn: of those that cover one another, the best. */

const FINEST = 2; // pixels

/**
 * Keep the best of those that lie in the same cells, coarser and coarser ones until no more are left than are wanted.
 * Cells are nested, so that what a coarser one keeps is the best of all that is in it.
 * @param {number[]} which places of those that can be drawn
 * @param {ArrayLike<number>[]} places where each lies, from 0 to 1, along every axis
 * @param {(i: number) => number} goodness @param {{pixels: number, most: number, cell?: number}} how how long an axis
 * is, how many are wanted, and pixels of a cell at the least
 * @returns {number[]} in the order of `which`
 */
export function thinned(which, places, goodness, { pixels, most, cell = FINEST }) {
  let kept = which;
  for (let size = cell / Math.max(1, pixels); kept.length > most; size *= 2) {
    const key = keyOf(places, size);
    /** @type {Map<number | string, number>} */
    const best = new Map();
    for (const i of kept) {
      const own = key(i);
      const before = best.get(own);
      if (before === undefined || goodness(i) > goodness(before)) best.set(own, i);
    }
    if (best.size < kept.length) {
      const stay = new Set(best.values());
      kept = kept.filter((i) => stay.has(i));
    }
    if (size >= 1) break;
  }
  return kept;
}

/**
 * Name the cell in which something lies: by one number, where there are not too many cells.
 * @param {ArrayLike<number>[]} places @param {number} size @returns {(i: number) => number | string}
 */
function keyOf(places, size) {
  const n = Math.floor(1 / size) + 1;
  const cells = (/** @type {number} */ i) => places.map((at) => Math.floor(at[i] / size));
  if (n ** places.length > Number.MAX_SAFE_INTEGER) return (i) => cells(i).join();
  return (i) => {
    let key = 0;
    for (const at of places) key = n * key + Math.floor(at[i] / size);
    return key;
  };
}
