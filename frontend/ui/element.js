/** Elements in one line. */

/**
 * Make an element with properties and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Partial<HTMLElementTagNameMap[Tag]>} [properties] @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/**
 * Make words that open their explanation.
 * @param {string} words @param {string} path in the catalog, as "terms/step"
 */
export function term(words, path) {
  const made = make("button", { type: "button", className: "term", textContent: words });
  made.dataset.term = path;
  return made;
}

/** Find an element of the page that is always there. @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
