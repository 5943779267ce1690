/** A line to write in, that opens under its button: a tag, a note or a name for what is selected. */

import { make } from "../ui/element.js";
import { opens } from "../ui/menu.js";
import { oneLine } from "./cells.js";

let serial = 0;

/**
 * Make a button that asks for words.
 * @param {string} title @param {string} label @param {string} act what its button says
 * @param {number} maxLength
 * @param {{before?: () => string, offered?: () => string[], more?: () => Node[],
 *   take: (words: string) => Promise<void>}} how
 * what stands in the line at first (as long as it is that, nothing is done), what is offered for it, and what may be
 * done instead
 */
export function asks(title, label, act, maxLength, { before, offered, more, take }) {
  const id = `ask-runs-${++serial}`;
  const button = make("button", { type: "button", textContent: title });
  const list = make("datalist", { id: `${id}-list` });
  const input = make("input", { type: "text", id: `${id}-words`, maxLength, autocomplete: "off", dir: "auto" });
  input.setAttribute("list", list.id);
  const others = make("div", { className: "ask-more" });
  let first = "";
  const form = make(
    "form",
    {},
    make("label", { htmlFor: input.id, textContent: label }),
    make(
      "div",
      { className: "ask-line" },
      input,
      make("button", { type: "submit", className: "primary", textContent: act }),
    ),
  );
  const panel = make("div", { id, className: "menu ask-runs" }, form, list, others);
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", title);
  form.onsubmit = async (event) => {
    event.preventDefault();
    panel.hidePopover();
    if (input.value.trim() !== first) await take(input.value.trim());
  };
  others.onclick = (event) => {
    if (/** @type {Element} */ (event.target).closest("button")) panel.hidePopover();
  };
  opens(button, panel, () => {
    first = oneLine(before?.() ?? "");
    input.value = first;
    list.replaceChildren(...(offered?.() ?? []).map((value) => make("option", { value })));
    others.replaceChildren(...(more?.() ?? []));
    input.select();
  });
  return { button, panel };
}
