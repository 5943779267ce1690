/** A window over the page: a title, what stands beside it, a button to close, and a body that scrolls. */

import { make } from "./element.js";

/**
 * @param {string} id @param {string} className @param {string} title
 * @param {Node[]} beside what stands beside the title @param {Node[]} body
 */
export function dialog(id, className, title, beside, body) {
  const close = make("button", { type: "button", className: "quiet", textContent: "Close" });
  const made = make(
    "dialog",
    { id, className: `library ${className}`.trim() },
    make("header", {}, make("h2", { textContent: title }), ...beside, close),
    make("div", { className: "scroller" }, ...body),
  );
  close.onclick = () => made.close();
  made.setAttribute("aria-label", title);
  document.body.append(made);
  return made;
}
