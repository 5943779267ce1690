/** The names of a diagram's layers: each under its column, none over another, and none cut. */

/** @typedef {{title: string, detail: string}} Named */
/** @typedef {{lines: string[], x: number, level: number}} Label its lines, their middle, and how far down it stands */
/** @typedef {(words: string) => number} WidthOf */

const APART = 6; // pixels between two names of a level
const LINES = 3;
const TRIES = /** @type {[boolean, number][]} */ ([
  [true, 1],
  [true, 2],
  [false, 1],
  [false, 2],
  [false, 3],
]); // with what follows the name or without, over so many levels

/**
 * Break a name into lines at its spaces, and a word that is too wide at its capitals, as in Positional|Encoding 32.
 * @param {string} words @param {number} most @param {WidthOf} widthOf
 */
export function broken(words, most, widthOf) {
  const parts = words
    .split(" ")
    .flatMap((word) => (widthOf(word) <= most ? [` ${word}`] : ` ${word}`.split(/(?<=[a-z])(?=[A-Z0-9])/)));
  /** @type {string[]} */
  const lines = [];
  for (const part of parts) {
    const longer = lines.length ? lines.at(-1) + part : part.trim();
    if (lines.length && widthOf(longer) <= most) lines[lines.length - 1] = longer;
    else lines.push(part.trim());
  }
  return lines;
}

/**
 * Write names under columns. Where they stand close, names wrap, then every second one stands lower, then what follows
 * the name is left out; where even that does not fit, those between the first and the last that have room stay.
 * @param {Named[]} names @param {number[]} middles of the columns
 * @param {{width: number, height: number, line: number}} room across, at the most down, and of one line
 * @param {WidthOf} widthOf
 * @returns {{labels: Label[], height: number}}
 */
export function labelsUnder(names, middles, { width, height, line }, widthOf) {
  for (const [hasDetail, levels] of TRIES) {
    const labels = placed(names, middles, hasDetail, levels, width, widthOf);
    const rows = Math.max(0, ...labels.map(({ lines }) => lines.length));
    if (rows > LINES || levels * rows * line > height || !isFree(labels, levels, width, widthOf)) continue;
    return { labels: labels.map((label) => ({ ...label, level: label.level * rows })), height: levels * rows * line };
  }
  return { labels: thinned(placed(names, middles, false, 1, width, widthOf), width, widthOf), height: LINES * line };
}

/**
 * @param {Named[]} names @param {number[]} middles @param {boolean} hasDetail @param {number} levels
 * @param {number} width @param {WidthOf} widthOf @returns {Label[]}
 */
function placed(names, middles, hasDetail, levels, width, widthOf) {
  const pitch = middles.length > 1 ? (middles[middles.length - 1] - middles[0]) / (middles.length - 1) : width;
  const most = levels * pitch - APART;
  return names.map(({ title, detail }, k) => {
    const lines = [title, hasDetail ? detail : ""].filter(Boolean).flatMap((words) => broken(words, most, widthOf));
    const half = widest(lines, widthOf) / 2;
    return { lines, x: Math.min(width - half, Math.max(half, middles[k])), level: k % levels };
  });
}

/** @param {string[]} lines @param {WidthOf} widthOf */
const widest = (lines, widthOf) => Math.max(0, ...lines.map(widthOf));

/**
 * Whether no name of a level lies on another one or leaves the picture.
 * @param {Label[]} labels @param {number} levels @param {number} width @param {WidthOf} widthOf
 */
function isFree(labels, levels, width, widthOf) {
  const ends = Array(levels).fill(-APART);
  return labels.every(({ lines, x, level }) => {
    const half = widest(lines, widthOf) / 2;
    const fits = x - half >= ends[level] + APART - 0.01 && x + half <= width + 0.01;
    ends[level] = x + half;
    return fits;
  });
}

/**
 * Leave the names that have room, the first and the last in any case.
 * @param {Label[]} labels @param {number} width @param {WidthOf} widthOf @returns {Label[]}
 */
function thinned(labels, width, widthOf) {
  const half = labels.map(({ lines }) => widest(lines, widthOf) / 2);
  const last = labels.length - 1;
  let end = -APART;
  return labels.map((label, k) => {
    const before = last > 0 && k < last ? labels[last].x - half[last] - APART : width + 1;
    const fits = k === 0 || k === last || (label.x - half[k] >= end + APART && label.x + half[k] <= before);
    if (!fits || label.lines.length > LINES) return { ...label, lines: [] };
    end = label.x + half[k];
    return label;
  });
}

/**
 * Say which of many layers are shown: all that fit, else the first and the last ones.
 * @param {number} n @param {number} most
 * @returns {{shown: number[], hole: number}} hole: after how many one is left out
 */
export function layersShown(n, most) {
  const all = Array.from({ length: n }, (_, k) => k);
  if (n <= most) return { shown: all, hole: n };
  const first = Math.ceil(most / 2);
  return { shown: [...all.slice(0, first), ...all.slice(n - (most - first))], hole: first };
}
