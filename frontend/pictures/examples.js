/** Going through a picture by click or key: on to another example, or with a cursor over what is drawn. */

/**
 * Let a picture go through the examples where anybody answers; else say nothing of it.
 * @param {HTMLCanvasElement} canvas @param {import("./view.js").Mount} mount @param {number} by how many at a time
 */
export function goThroughExamples(canvas, { store, surroundings }, by) {
  if (!surroundings.answers) return;
  canvas.tabIndex = 0;
  canvas.classList.add("clickable");
  canvas.setAttribute("aria-label", `${canvas.getAttribute("aria-label")}; click or arrow keys for others`);
  const go = (/** @type {number} */ step) => {
    store.example = Math.max(0, store.example + step);
    store.emit("example");
  };
  canvas.addEventListener("click", () => go(by));
  onArrows(canvas, (direction) => go(direction * by));
}

/**
 * Hear the arrow keys left and right, and keep them from the page.
 * @param {HTMLElement} element @param {(direction: -1 | 1) => void} go
 */
export function onArrows(element, go) {
  onKeys(element, { ArrowLeft: () => go(-1), ArrowRight: () => go(1) });
}

/**
 * Hear some keys while an element has the focus, and keep them from the page.
 * @param {HTMLElement} element @param {Record<string, (event: KeyboardEvent) => void>} acts
 */
export function onKeys(element, acts) {
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in acts)) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key](event);
  });
}

/**
 * Let the arrow keys move a cursor over a picture, and Enter choose what is under it.
 * @param {HTMLElement} element @param {(across: number, down: number) => void} move @param {() => void} choose
 */
export function onCursor(element, move, choose) {
  element.tabIndex = 0;
  const by = (/** @type {KeyboardEvent} */ event) => (event.shiftKey ? 5 : 1);
  onKeys(element, {
    ArrowLeft: (event) => move(-by(event), 0),
    ArrowRight: (event) => move(by(event), 0),
    ArrowUp: (event) => move(0, -by(event)),
    ArrowDown: (event) => move(0, by(event)),
    Enter: choose,
  });
}

/** Join what a caption says, and what a click does where anybody answers it. @param {...(string | false)} parts */
export const caption = (...parts) => parts.filter((part) => part).join(" · ");
