/** The page's keys: each does what its button does, unless a person is typing. And the focus stays where it was. */

const TYPING = "input:not([type=range]):not([type=checkbox]), select, textarea, dialog, [popover]";
const TEXT = "input:not([type=range], [type=checkbox], [type=radio]), textarea, dialog, [popover]";
const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

/** @param {(key: string) => (() => unknown) | undefined} actFor says what a key does now: "r", "Ctrl+Shift+z" */
export function listenForKeys(actFor) {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const isHeld = event.ctrlKey || event.metaKey;
    if (event.defaultPrevented || event.altKey || target.closest(isHeld ? TEXT : TYPING)) return;
    if (event.key === "Escape" && document.querySelector(":popover-open")) return; // the browser closes that
    if (event.key === " " && target.closest("button, summary, input")) return;
    if (["ArrowRight", "ArrowLeft"].includes(event.key) && target.closest("input")) return;
    const held = isHeld ? (event.shiftKey ? "Ctrl+Shift+" : "Ctrl+") : "";
    const act = actFor(held + (event.key.length === 1 ? event.key.toLowerCase() : event.key));
    if (!act) return;
    event.preventDefault();
    if (!event.repeat || event.key.startsWith("Arrow")) act();
  });
}

const MOMENT = 400; // milliseconds in which what was disabled may be of use again

/**
 * Where something can have the focus, as it can be found again when it was made anew.
 * @typedef {object} Spot
 * @property {HTMLElement} element
 * @property {string} tag
 * @property {string} name
 * @property {{around: string, place: number}[]} places a selector of what it is in, the nearest first, and how many
 * come before it there
 */

/** @param {HTMLElement} element */
const nameOf = (element) =>
  element.getAttribute("aria-label") ?? (element.tagName === "BUTTON" ? element.textContent : "") ?? "";

/** @param {Element} around @returns {HTMLElement[]} what can have the focus there */
const focusables = (around) =>
  [.../** @type {NodeListOf<HTMLElement>} */ (around.querySelectorAll(FOCUSABLE))].filter(
    (one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches(":disabled, [tabindex='-1'], [inert] *"),
  );

/** @param {HTMLElement} element @returns {Spot} */
function spotOf(element) {
  const places = [];
  for (let around = element.parentElement; around && around !== document.body; around = around.parentElement) {
    const { id, dataset } = around;
    const attribute = Object.keys(dataset).find((key) => ["path", "name", "field", "picture", "task"].includes(key));
    if (!id && !attribute) continue;
    const selector = id ? `#${CSS.escape(id)}` : `[data-${attribute}="${CSS.escape(dataset[attribute ?? ""] ?? "")}"]`;
    places.push({ around: selector, place: focusables(around).indexOf(element) });
  }
  return { element, tag: element.tagName, name: nameOf(element), places };
}

/** Find what has taken the place of what had the focus. @param {Spot} spot @returns {HTMLElement | undefined} */
function successor({ element, tag, name, places }) {
  const again = element.id ? document.getElementById(element.id) : null;
  if (again && focusables(again.parentElement ?? document.body).includes(again)) return again;
  for (const { around, place } of places) {
    const found = document.querySelector(around);
    const all = found ? focusables(found) : [];
    if (!all.length) continue;
    const alike = all.filter((one) => one.tagName === tag);
    return (
      alike.find((one) => name && nameOf(one) === name && (!element.id || one.id === element.id)) ??
      (all[place]?.tagName === tag ? all[place] : undefined) ??
      all[Math.min(Math.max(place, 0), all.length - 1)]
    );
  }
  return undefined;
}

/**
 * Keep the focus where it was when that is made anew, taken away, hidden or disabled: else a keyboard begins again at
 * the top of the page.
 * @param {HTMLElement} body
 */
export function keepFocus(body) {
  /** @type {Spot | null} */
  let spot = null;
  let waiting = 0;
  body.addEventListener("focusin", ({ target }) => {
    spot = target === body ? null : spotOf(/** @type {HTMLElement} */ (target));
  });
  body.addEventListener("pointerdown", ({ target }) => {
    if (!(/** @type {Element} */ (target).closest(FOCUSABLE))) spot = null; // a person has left it
  });
  const look = (isLate = false) => {
    if (!spot || (document.activeElement && document.activeElement !== body)) return;
    const { element } = spot;
    if (element.isConnected && focusables(element.parentElement ?? body).includes(element)) {
      if (isLate) element.focus({ preventScroll: true });
    } else if (element.matches(":disabled") && element.isConnected && !isLate) {
      clearTimeout(waiting); // it may be of use again in a moment
      waiting = window.setTimeout(() => look(true), MOMENT);
    } else successor(spot)?.focus({ preventScroll: true });
  };
  new MutationObserver(() => {
    if (!spot || (document.activeElement !== body && !spot.element.matches(":disabled"))) return;
    if (!spot.element.isConnected) look();
    requestAnimationFrame(() => look());
  }).observe(body, { subtree: true, childList: true, attributeFilter: ["disabled", "hidden", "inert", "open"] });
}
