/** How points of the plane are looked at: with those of the test or without, with answers as they are or in steps. */

import { make } from "../../ui/element.js";

/** @typedef {{test: boolean, steps: boolean}} Seen */

/** What each switch does, when it is on and when it is off. @type {[keyof Seen, string, string][]} */
const SWITCHES = [
  ["test", "Hide test points", "Show test points"],
  ["steps", "Show answers as they are", "Show answers in steps"],
];

/**
 * What can be chosen of a picture of the plane: its id, its words now, and what turns it.
 * @param {import("../view.js").Store} store @param {() => void} [turned]
 * @returns {[id: string, words: string, act: () => Promise<void>][]}
 */
export const switchesOf = (store, turned = () => {}) =>
  SWITCHES.map(([name, off, on]) => [
    `seen-${name}`,
    store.seen[name] ? off : on,
    async () => {
      store.seen = { ...store.seen, [name]: !store.seen[name] };
      store.emit("seen");
      turned();
    },
  ]);

/**
 * Put the switches beside the title, where no menu has them: in a recording.
 * @param {import("../view.js").Mount} mount @param {() => void} repaint
 */
export function switchesBeside({ title, store, surroundings }, repaint) {
  if (surroundings.where !== "replay") return;
  const buttons = switchesOf(store).map(([id]) => make("button", { type: "button", className: `tiny quiet ${id}` }));
  const show = () => {
    const now = switchesOf(store, () => {
      show();
      repaint();
    });
    for (const [i, [, words, act]] of now.entries())
      Object.assign(buttons[i], { textContent: words, onclick: () => act() });
  };
  show();
  title.append(...buttons);
}

/** Read an address's words for it; what it does not say is as usual. @param {string | null} said @returns {Seen} */
export function readSeen(said) {
  const words = (said ?? "").split(",");
  return { test: !words.includes("notest"), steps: words.includes("steps") };
}

/** Write it for an address; the empty string where all is as usual. @param {Seen} seen */
export const writeSeen = ({ test, steps }) => [...(test ? [] : ["notest"]), ...(steps ? ["steps"] : [])].join(",");

/** The byte of a height: 128 is 0. @param {number} height @param {number} limit */
export const byteOf = (height, limit) => 128 + Math.round(127 * Math.max(-1, Math.min(1, height / limit)));

/** The colours of nine steps from the least to the most, one of them 0. @param {Uint8ClampedArray} palette */
export function inSteps(palette) {
  const stepped = new Uint8ClampedArray(palette.length);
  for (let i = 0; i < 256; i++) {
    const at = 128 + Math.round((Math.round(((i - 128) / 127) * 4) / 4) * 127);
    stepped.set(palette.subarray(4 * Math.max(0, at), 4 * Math.max(0, at) + 4), 4 * i);
  }
  return stepped;
}
