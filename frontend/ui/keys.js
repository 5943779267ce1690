/** The page's keys: each does what its button does, unless a person is typing. */

const TYPING = "input:not([type=range]):not([type=checkbox]), select, textarea, dialog, [popover]";

/** @param {(key: string) => (() => unknown) | undefined} actFor says what a key does now */
export function listenForKeys(actFor) {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || target.closest(TYPING)) return;
    if (event.key === "Escape" && document.querySelector(":popover-open")) return; // the browser closes that
    if (event.key === " " && target.closest("button, summary, input")) return;
    if (["ArrowRight", "ArrowLeft"].includes(event.key) && target.closest("input")) return;
    const act = actFor(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (!act) return;
    event.preventDefault();
    if (!event.repeat || event.key.startsWith("Arrow")) act();
  });
}
