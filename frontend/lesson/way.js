/** How far a person is in each lesson, kept by the browser; and the lesson that is open in this tab. */

/** @import {LessonFile, Way} from "../server/lesson_types.js" */
/** @import {Chosen} from "../state/types.js" */

const WAYS = "lessons";
const OPEN = "open lesson";

/**
 * Read what the browser keeps; null where it keeps nothing.
 * @param {Storage} storage @param {string} key @returns {any}
 */
export function kept(storage, key) {
  try {
    return JSON.parse(storage.getItem(key) ?? "null");
  } catch {
    return null; // it holds nothing of ours
  }
}

/**
 * Have the browser keep something.
 * @param {Storage} storage @param {string} key @param {unknown} value
 */
export function keep(storage, key, value) {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(value));
  } catch {
    // a browser that keeps nothing forgets with the reload
  }
}

/** Name a lesson so that its way is found again: those of one's own by their text. @param {LessonFile} file */
export const keyOf = ({ name, text }) => name ?? `own ${hash(text)}`;

/** @param {string} text */
function hash(text) {
  let sum = 5381;
  for (const c of text) sum = (Math.imul(sum, 33) ^ (c.codePointAt(0) ?? 0)) >>> 0;
  return sum.toString(36);
}

/** @param {string} key @returns {Way} */
export function wayOf(key) {
  const way = kept(localStorage, WAYS)?.[key];
  return { at: 0, answers: {}, reached: {}, runs: {}, ...(typeof way === "object" ? way : null) };
}

/** @param {string} key @param {Way} way */
export function keepWay(key, way) {
  keep(localStorage, WAYS, { ...(kept(localStorage, WAYS) ?? {}), [key]: way });
}

/**
 * What is open in this tab: where the lesson is from, its text where that is nowhere else, what was there before, and
 * at which step it is.
 * @typedef {{from: string, text: string | null, before: {run: string, chosen: Chosen} | null, at?: number}} Opened
 */

/** @returns {Opened | null} */
export const opened = () => kept(sessionStorage, OPEN);
/** @param {Opened | null} value */
export const keepOpened = (value) => keep(sessionStorage, OPEN, value);
