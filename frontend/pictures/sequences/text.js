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
  /** @type {import("../view.js").Shape} */
  static shape = "tall";

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
    this.samples.replaceChildren(...picture.samples.map((words) => make("p", { textContent: words })));
    const { probability, likelihood } = picture.arrays;
    this.excerpt.replaceChildren(
      ...[...picture.excerpt].map((character, i) => {
        const element = make("span", { textContent: character });
        element.style.background = css(CLASS_COLOURS[5], (0.85 * probability[i]) / 255);
        const expected = picture.expected[i] === character ? "" : `, expected “${picture.expected[i]}”`;
        element.title = `${percent(probability[i] / 255, 0)}${expected}`;
        return element;
      }),
    );
    this.next.replaceChildren(
      ...picture.likely.map((character, k) => {
        const words = `${character === " " ? "␣" : character} ${percent(likelihood[k] / 255, 0)}`;
        const element = make("span", { className: "likely", textContent: words });
        element.style.background = css(CLASS_COLOURS[5], (0.85 * likelihood[k]) / 255);
        return element;
      }),
    );
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

/** @param {HTMLElement} body @param {string} title */
function part(body, title) {
  const words = make("div");
  body.append(make("h3", { textContent: title }), words);
  return words;
}
