/** What a network of characters writes, and how sure it is of each character of a text that it has not seen. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { percent } from "../../state/numbers.js";
import { make } from "../../ui/element.js";
import { css } from "../../ui/palette.js";

/**
 * Texts that it makes up; an excerpt that it has not seen, the probability × 255 of each of its characters and what was
 * expected there; the likeliest next characters with their probabilities × 255.
 * @typedef {import("../view.js").PictureOf<
 *   {probability: Uint8Array, likelihood: Uint8Array},
 *   {samples: string[], excerpt: string, expected: string, likely: string[]}
 * >} Text
 */

export class TextView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    const { body } = mount;
    this.mount = mount;
    /** @type {Text | null} */
    this.picture = null;
    body.classList.add("words");
    this.samples = part(body, "It goes on");
    this.excerpt = part(body, "It reads what it has not seen (bluer: surer)");
    this.next = part(body, "After that it expects");
  }

  /** @param {Text} picture */
  draw(picture) {
    this.picture = picture;
    const { probability, likelihood } = picture.arrays;
    tell(this.samples, "p", picture.samples);
    for (const [i, element] of tell(this.excerpt, "span", [...picture.excerpt]).entries()) {
      element.style.background = css(CLASS_COLOURS[5], (0.85 * probability[i]) / 255);
      const expected = picture.expected[i] === picture.excerpt[i] ? "" : `, expected “${picture.expected[i]}”`;
      element.title = `${percent(probability[i] / 255, 0)}${expected}`;
    }
    const likely = picture.likely.map(
      (character, k) => `${character === " " ? "␣" : character} ${percent(likelihood[k] / 255, 0)}`,
    );
    for (const [k, element] of tell(this.next, "span", likely).entries()) {
      element.className = "likely";
      element.style.background = css(CLASS_COLOURS[5], (0.85 * likelihood[k]) / 255);
    }
    this.mount.say("drawn by its probabilities, from the same random numbers every time");
  }

  /** Say how sure it is of the text that it has not seen. */
  describe() {
    if (!this.picture) return "";
    const { arrays, excerpt, expected, samples } = this.picture;
    const right = [...excerpt].filter((character, i) => expected[i] === character).length;
    const mean = arrays.probability.reduce((sum, p) => sum + p, 0) / 255 / Math.max(1, excerpt.length);
    const said = `${right} of ${excerpt.length} unseen characters expected, ${percent(mean, 0)} sure on average`;
    return `${said}; it writes: ${samples[0]}`;
  }
}

/**
 * Say words in an element each. Elements stay from picture to picture, so that only words that changed are laid out.
 * @param {HTMLElement} parent @param {"p" | "span"} tag @param {string[]} words @returns {HTMLElement[]}
 */
function tell(parent, tag, words) {
  while (parent.children.length > words.length) parent.lastElementChild?.remove();
  return words.map((text, i) => {
    const element = /** @type {HTMLElement} */ (parent.children[i] ?? parent.appendChild(make(tag)));
    if (element.textContent !== text) element.textContent = text;
    return element;
  });
}

/** @param {HTMLElement} body @param {string} title */
function part(body, title) {
  const words = make("div");
  body.append(make("h3", { textContent: title }), words);
  return words;
}
