/**
 * The text of a step as elements: paragraphs, lists, **bold**, *italic*, `code`, and [terms](name) that light up what
 * they name. Nothing of it is ever read as HTML.
 */

import { PARTS } from "../state/parts.js";
import { make } from "../ui/element.js";

/**
 * Where the places are that a term may name beside parts, pictures and fields.
 * @type {Record<import("../state/constants.js").LessonPlace, string>}
 */
const PLACES = {
  picture: "#picture",
  curves: "#charts",
  "network diagram": "#second",
  layers: "#tab-layers",
  headline: "#headline",
  readout: "#readout",
  timeline: "#timeline",
  toolbar: "#toolbar, #phone-bar",
  lesson: "#lesson",
};
const SPAN = /\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|`([^`]+)`|\[([^\]\n]+)\]\(([^)\n]*)\)/g;
const LIT = 2500; // milliseconds after a click

/** @param {string} text @param {boolean} [isAlive] whether terms light up; a preview's do not */
export function textElements(text, isAlive = true) {
  return text
    .trim()
    .split(/\n\s*\n/)
    .filter(Boolean)
    .map((block) => {
      const lines = block.split("\n").map((line) => line.trim());
      if (lines.every((line) => line.startsWith("- ")))
        return make("ul", {}, ...lines.map((line) => make("li", {}, ...spans(line.slice(2), isAlive))));
      return make("p", {}, ...spans(lines.join(" "), isAlive));
    });
}

/** @param {string} line @param {boolean} isAlive @returns {(Node | string)[]} */
export function spans(line, isAlive = true) {
  const found = [];
  let end = 0;
  for (const match of line.matchAll(SPAN)) {
    const [whole, bold, italic, code, words, name] = match;
    found.push(line.slice(end, match.index));
    if (bold) found.push(make("b", { textContent: bold }));
    else if (italic) found.push(make("em", { textContent: italic }));
    else if (code) found.push(make("code", { textContent: code }));
    else found.push(isAlive ? lightTerm(words, name) : make("span", { className: "lesson-term", textContent: words }));
    end = match.index + whole.length;
  }
  return [...found, line.slice(end)].filter((part) => part !== "");
}

/** Find what a term names, as a selector. @param {string} name */
export function selectorOf(name) {
  if (Object.hasOwn(PARTS, name)) return PARTS[/** @type {keyof typeof PARTS} */ (name)].selector;
  if (Object.hasOwn(PLACES, name)) return PLACES[/** @type {keyof typeof PLACES} */ (name)];
  const quoted = CSS.escape(name);
  return `[data-picture="${quoted}"], [data-path="${quoted}"]`;
}

/** @param {string} words @param {string} name */
function lightTerm(words, name) {
  const made = make("button", { type: "button", className: "lesson-term", textContent: words });
  made.title = "Shows where it is";
  let timer = 0;
  const light = (/** @type {boolean} */ isLit) => {
    clearTimeout(timer);
    for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
    if (isLit) for (const element of document.querySelectorAll(selectorOf(name))) element.classList.add("lit");
  };
  made.onpointerenter = () => light(true);
  made.onpointerleave = () => light(false);
  made.onclick = () => {
    const element = document.querySelector(selectorOf(name));
    for (let fold = element?.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null)
      fold.open = true;
    const panel = element?.closest("[role=tabpanel][hidden]");
    if (panel) document.getElementById(panel.getAttribute("aria-labelledby") ?? "")?.click();
    light(true);
    element?.scrollIntoView({ block: "nearest" });
    timer = window.setTimeout(() => light(false), LIT);
  };
  return made;
}
