/** Which columns of a table are read: as an address keeps them, and as a person types them. */

import { count } from "../state/numbers.js";

const LONG = 5; // columns in a row that are written as a range

/** Write which columns are read: "0.2.5-90" for 0, 2, and 5 to 90. @param {number[]} places */
export function writtenPlaces(places) {
  return runsOf(places)
    .map((run) => (run.length < LONG ? run.join(".") : `${run[0]}-${run.at(-1)}`))
    .join(".");
}

/** Read what `writtenPlaces` writes, or a person: 7-3 is 3-7. @param {string} text */
export const placesIn = (text) =>
  text.split(".").flatMap((part) => {
    const ends = part.split("-").map(Number);
    const [first, last] = [Math.min(...ends), Math.max(...ends)];
    return Array.from({ length: last - first + 1 }, (_, k) => first + k);
  });

/** Write places as a person counts them: "1-20, 45" for 0 to 19, and 44. @param {number[]} places */
export function countedPlaces(places) {
  return runsOf(places)
    .map((run) => (run.length < 2 ? `${run[0] + 1}` : `${run[0] + 1}-${run[run.length - 1] + 1}`))
    .join(", ");
}

/**
 * Read what a person typed: numbers, and ranges of them; "all", and nothing for none. An Error says what to type
 * instead.
 * @param {string} text @param {number} most @returns {number[]} places, from 0 on
 */
export function typedPlaces(text, most) {
  const said = text.trim().toLowerCase();
  if (said === "all") return [...Array(most).keys()];
  /** @type {Set<number>} */
  const found = new Set();
  for (const part of said.split(/[,;]+/).filter((one) => one.trim())) {
    const range = /^\s*(\d+)\s*(?:[-–—:]\s*(\d+)\s*)?$/.exec(part);
    const ends = [Number(range?.[1]), Number(range?.[2] ?? range?.[1])];
    const [first, last] = [Math.min(...ends), Math.max(...ends)];
    if (!range || first < 1 || last > most)
      throw new Error(`“${part.trim()}” is none of 1 to ${count(most)}: type numbers and ranges, as 1-20, 45`);
    for (let k = first; k <= last; k++) found.add(k - 1);
  }
  return [...found].sort((a, b) => a - b);
}

/** Put together what follows one after the other. @param {number[]} places */
function runsOf(places) {
  /** @type {number[][]} */
  const runs = [];
  for (const k of places) {
    if (runs.at(-1)?.at(-1) === k - 1) runs.at(-1)?.push(k);
    else runs.push([k]);
  }
  return runs;
}
