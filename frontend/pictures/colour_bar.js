/** A colour bar: orange for −, blue for +, with the numbers at its ends. */

import { brief } from "../state/numbers.js";
import { make } from "../ui/element.js";

/**
 * Make a bar for values up to so large, with a word for what they are.
 * @param {string} words @param {number} most
 */
export function colourBar(words, most) {
  const end = brief(most);
  const bar = make("i");
  bar.setAttribute("aria-hidden", "true");
  return make("span", { className: "colour-bar" }, `${words} −${end}`, bar, `+${end}`);
}
