/** Pointing at a part of a picture, which is then shown large: a filter, a map, a gate or a head. */

import { onKeys } from "./examples.js";

/** @typedef {import("./axes.js").Box} Box */
/** @typedef {Box & {column: number, unit: number}} Part where a part is drawn, and which it is */

/**
 * Let a person point at parts of a picture, with a pointer or a finger; with keys where no others are heard there.
 * @param {HTMLCanvasElement} canvas @param {import("./view.js").Mount} mount
 * @param {() => Part[]} parts as they are drawn
 * @param {((part: Part) => string) | null} named a part in words, where keys go through them
 */
export function letPoint(canvas, mount, parts, named = null) {
  const { name, store, surroundings } = mount;
  if (!surroundings.answers) return;
  const point = (/** @type {Part | undefined} */ part) =>
    store.point(part ? { picture: name, column: part.column, unit: part.unit, from: null } : null);
  const at = (/** @type {PointerEvent} */ { offsetX: x, offsetY: y }) =>
    point(
      parts().find(({ left, top, width, height }) => x >= left && x < left + width && y >= top && y < top + height),
    );
  canvas.addEventListener("pointermove", at);
  canvas.addEventListener("pointerdown", at);
  canvas.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") point(undefined); // a finger has left when it has tapped
  });
  canvas.addEventListener("blur", () => point(undefined));
  const take = () => {
    if (store.pointedAt?.picture === name) store.hold(store.pointedAt);
  };
  if (!named) {
    const first = () => parts().map(({ column, unit }) => ({ picture: name, column, unit, from: null }))[0] ?? null;
    onKeys(canvas, { Enter: () => store.hold(store.pointedAt?.picture === name ? store.pointedAt : first()) });
    canvas.setAttribute("aria-label", `${canvas.getAttribute("aria-label")}; Enter opens its weights`);
    return;
  }
  canvas.addEventListener("click", take);
  const words = canvas.getAttribute("aria-label") ?? "";
  canvas.tabIndex = 0;
  canvas.setAttribute("aria-label", `${words}; arrow keys point at one`);
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && store.pointedAt) {
      event.preventDefault();
      take();
      return;
    }
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey || (!by && !(event.key === "Escape" && store.pointedAt))) return;
    event.preventDefault();
    event.stopPropagation();
    if (!by) {
      point(undefined);
      return;
    }
    const all = parts();
    const now = all.findIndex(
      ({ column, unit }) => column === store.pointedAt?.column && unit === store.pointedAt.unit,
    );
    const next = all[Math.min(all.length - 1, Math.max(0, now + by))];
    point(next);
    if (next) canvas.setAttribute("aria-label", named(next));
  });
}

/**
 * Let a person look at the weights of a picture's parts where a click does something else: as an entry of its menu.
 * @param {import("./view.js").Mount} mount @param {Part[]} parts @param {string} words
 * @returns {[id: string, words: string, act: () => Promise<void>][]}
 */
export function weightsOf({ name, store }, parts, words) {
  if (!parts.length) return [];
  const [{ column, unit }] = parts;
  return [["part-weights", words, async () => store.hold({ picture: name, column, unit, from: null })]];
}

/** Ring what is pointed at. @param {import("../ui/canvas.js").Sheet} sheet @param {import("./view.js").Mount} mount
 * @param {Part[]} parts @param {string} colour
 */
export function ringPart({ ctx }, { name, store }, parts, colour) {
  const { touched } = store;
  const part = parts.find(
    ({ column, unit }) => touched?.picture === name && column === touched.column && unit === touched.unit,
  );
  if (!part) return;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.strokeRect(part.left - 1, part.top - 1, part.width + 2, part.height + 2);
}
