/** Which part of a long axis is shown, and where windows lie on an image: whole numbers only. */

/** @typedef {import("./picture.js").Axis} Axis */

/**
 * Choose which of `length` places are shown when there is room for `room`: those around `at`.
 * @param {number} length @param {number} room @param {number} at @returns {[number, number]} first, and behind the last
 */
export function around(length, room, at) {
  if (length <= room) return [0, length];
  const first = Math.max(0, Math.min(length - room, at - Math.floor(room / 2)));
  return [first, first + room];
}

/** Write parts of axes as a server takes them. @param {[number, number][]} parts */
export const written = (parts) => parts.map(([from, to]) => `${from}:${to}`).join(",");

/**
 * List what the window at a place sees: its cells, each with the pixel that it meets; outside the image it is padding.
 * @param {Axis} axis @param {number} place @returns {[cell: number, pixel: number][]}
 */
export const pixelsOf = ({ size, stride, dilation, before }, place) =>
  Array.from({ length: size }, (_, cell) => [cell, place * stride + cell * dilation - before]);

/** Tell whether a pixel lies in the image. @param {Axis} axis @param {number} pixel */
export const isInside = ({ length }, pixel) => pixel >= 0 && pixel < length;

/**
 * List who sees a pixel: the cell that meets it, and the place of its window.
 * @param {Axis} axis @param {number} pixel @returns {[cell: number, place: number][]}
 */
export function seersOf(axis, pixel) {
  /** @type {[number, number][]} */
  const found = [];
  for (let place = 0; place < axis.count; place++)
    for (const [cell, met] of pixelsOf(axis, place)) if (met === pixel) found.push([cell, place]);
  return found;
}

/**
 * List whom one cell of the windows meets: the place of the window, and the pixel.
 * @param {Axis} axis @param {number} cell @returns {[place: number, pixel: number][]}
 */
export function meetingsOf(axis, cell) {
  /** @type {[number, number][]} */
  const found = [];
  for (let place = 0; place < axis.count; place++) {
    const pixel = pixelsOf(axis, place)[cell][1];
    if (isInside(axis, pixel)) found.push([place, pixel]);
  }
  return found;
}

/**
 * How many pixels of padding the windows really reach, before and behind.
 * @param {Axis} axis
 * @returns {[number, number]}
 */
export function paddingOf(axis) {
  const last = (axis.count - 1) * axis.stride + (axis.size - 1) * axis.dilation - axis.before;
  return [Math.max(0, axis.before), Math.max(0, last - axis.length + 1)];
}
