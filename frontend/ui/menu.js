/** What opens under its button and closes by Escape, by a click elsewhere and by the button; arrows go through it. */

const GAP = 6;

/**
 * Let a button open a panel. The browser closes it, and gives the focus back.
 * @param {HTMLButtonElement} button @param {HTMLElement} panel what lies over the page
 * @param {() => void} [opened] @param {Element} [under] what it opens under, where that is not the button
 */
export function opens(button, panel, opened = () => {}, under = button) {
  panel.popover = "auto";
  button.popoverTargetElement = panel;
  button.setAttribute("aria-controls", panel.id);
  button.setAttribute("aria-expanded", "false");
  panel.addEventListener("toggle", () => {
    const isOpen = panel.matches(":popover-open");
    button.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return;
    opened();
    place(panel, under);
    (choicesIn(panel).find((choice) => choice.matches("[aria-pressed=true]")) ?? choicesIn(panel)[0])?.focus();
  });
  panel.addEventListener("keydown", (event) => goBy(event, choicesIn(panel)));
}

/**
 * Put a panel under its button, or over it where there is no room.
 * @param {HTMLElement} panel @param {Element} button
 */
export function place(panel, button) {
  const { left, top, bottom } = button.getBoundingClientRect();
  const isLow = bottom + GAP + panel.offsetHeight > innerHeight;
  panel.style.left = `${Math.max(GAP, Math.min(left, innerWidth - panel.offsetWidth - GAP))}px`;
  panel.style.top = `${Math.max(GAP, isLow ? top - GAP - panel.offsetHeight : bottom + GAP)}px`;
}

/** List what can be chosen in a place, as far as it is there to be seen. @param {HTMLElement} place */
export const choicesIn = (place) =>
  /** @type {HTMLElement[]} */ ([...place.querySelectorAll("button, a[href], input, select")]).filter(
    (e) => e.checkVisibility({ visibilityProperty: true }) && !e.matches(":disabled"),
  );

/**
 * Go by arrow keys through what can be chosen.
 * @param {KeyboardEvent} event @param {HTMLElement[]} choices
 */
export function goBy(event, choices) {
  const at = choices.indexOf(/** @type {HTMLElement} */ (event.target));
  if (event.defaultPrevented || at < 0 || /** @type {HTMLElement} */ (event.target).matches("select, [type=text]"))
    return;
  const end = choices.length - 1;
  const by = /** @type {Record<string, number>} */ ({
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: below(choices, at, 1),
    ArrowUp: below(choices, at, -1),
    Home: 0,
    End: end,
  });
  if (!(event.key in by)) return;
  event.preventDefault();
  choices[(by[event.key] + choices.length) % choices.length].focus();
}

/**
 * Find what stands in the same column of the next row.
 * @param {HTMLElement[]} choices @param {number} at @param {number} by
 */
function below(choices, at, by) {
  const here = choices[at].getBoundingClientRect();
  for (let k = at + by; k >= 0 && k < choices.length; k += by) {
    const there = choices[k].getBoundingClientRect();
    if (Math.abs(there.left - here.left) < 2 && Math.abs(there.top - here.top) > 2) return k;
  }
  return at + by;
}
