/** Going on to another example, by a click or an arrow key. */

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
  element.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    event.stopPropagation();
    go(event.key === "ArrowLeft" ? -1 : 1);
  });
}

/** Join what a caption says, and what a click does where anybody answers it. @param {...(string | false)} parts */
export const caption = (...parts) => parts.filter((part) => part).join(" · ");
