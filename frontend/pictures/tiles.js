/** Many things side by side, as large as there is room. */

/**
 * Find the number of columns that makes n things largest.
 * @param {number} n @param {(columns: number, rows: number) => number} sizeOf how large they are in so many
 * @param {number} least
 */
export function largest(n, sizeOf, least) {
  let best = { columns: 1, rows: n, size: 0 };
  for (let columns = 1; columns <= n; columns++) {
    const rows = Math.ceil(n / columns);
    const size = sizeOf(columns, rows);
    if (size > best.size) best = { columns, rows, size };
  }
  return { ...best, size: Math.max(least, best.size) };
}

/**
 * Lay n tiles out in as large squares as fit.
 * @param {number} n @param {number} width @param {number} height @param {number} gap
 * @param {number} [extra] room under each tile
 */
export const tiles = (n, width, height, gap, extra = 0) =>
  largest(
    n,
    (columns, rows) => Math.floor(Math.min((width - gap) / columns - gap, (height - gap) / rows - gap - extra)),
    4,
  );
