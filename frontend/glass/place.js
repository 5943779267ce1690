/** A number of a step, as it stands in an address: 960,17,0.forward,y,17x4,3. */

/** @import {NumberPlace} from "../state/store.js" */

/** Read a place; what makes no sense is left out. @param {string} said @returns {NumberPlace} */
export function readPlace(said) {
  const [step, example, stop, symbol, index, level] = said.split(",");
  const whole = (/** @type {string | undefined} */ text) => (text && /^\d+$/.test(text) ? Number(text) : undefined);
  const among = index ? index.split("x").map(whole) : [];
  const isIndex = among.every((i) => i !== undefined);
  return {
    step: whole(step) ?? null,
    example: whole(example),
    ...(stop ? { stop } : {}),
    ...(symbol && isIndex ? { symbol, index: /** @type {number[]} */ (among) } : {}),
    level: whole(level),
  };
}

/** Write a place. @param {NumberPlace} place */
export const writePlace = ({ step, example, stop, symbol, index, level }) =>
  [step, example, stop, symbol, index?.join("x"), level].join(",");
