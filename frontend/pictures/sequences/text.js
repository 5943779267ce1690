/** What a network of characters writes, and how sure it is of each character of a text that it has not seen. */

import { css, CLASSES } from "../../ui/palette.js";

export class TextView {
  /** @param {HTMLElement} body @param {HTMLElement} caption */
  constructor(body, caption) {
    this.body = body;
    this.caption = caption;
    body.classList.add("words");
    this.samples = part(body, "It goes on");
    this.excerpt = part(body, "It reads what it has not seen: the bluer, the surer it was of the character");
    this.next = part(body, "After that it expects");
  }

  /** @param {any} picture */
  draw(picture) {
    this.samples.replaceChildren(...picture.samples.map((/** @type {string} */ words) => span(words, "p")));
    const { probability, likelihood } = picture.arrays;
    this.excerpt.replaceChildren(
      ...[...picture.excerpt].map((character, i) => {
        const element = span(character === " " ? " " : character, "span");
        element.style.background = css(CLASSES[5], (0.85 * probability[i]) / 255);
        element.title = `${(probability[i] / 2.55).toFixed(0)} %${picture.expected[i] === character ? "" : `, expected “${picture.expected[i]}”`}`;
        return element;
      }),
    );
    this.next.replaceChildren(
      ...picture.likely.map((/** @type {string} */ character, /** @type {number} */ k) => {
        const element = span(`${character === " " ? "␣" : character} ${(likelihood[k] / 2.55).toFixed(0)} %`, "span");
        element.className = "likely";
        element.style.background = css(CLASSES[5], (0.85 * likelihood[k]) / 255);
        return element;
      }),
    );
    this.caption.textContent =
      "drawn by the network's probabilities at this step, from the same random numbers every time";
  }
}

/** @param {HTMLElement} body @param {string} title */
function part(body, title) {
  const words = document.createElement("div");
  body.append(span(title, "h3"), words);
  return words;
}

/** @param {string} text @param {string} tag */
const span = (text, tag) => Object.assign(document.createElement(tag), { textContent: text });
