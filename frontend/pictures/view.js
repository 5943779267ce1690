/** What a view is, and what it is told of where it stands. */

/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../state/types.js").Picture} Picture */

/**
 * Where a view stands, and what can be done there.
 * @typedef {object} Surroundings
 * @property {"page" | "race" | "sweep" | "replay" | "export"} where
 * @property {boolean} isPast whether a snapshot of the past is shown
 * @property {boolean} isSmall whether there is room for the drawing alone, without title and caption
 * @property {boolean} answers whether anybody answers a click
 * @property {boolean} hasSheet whether the data are drawn there @property {boolean} isPaintable whether a person may
 */

/**
 * What a view is mounted on: where it draws, what the page knows, and where it stands.
 * @typedef {object} Mount
 * @property {string} name of the picture
 * @property {HTMLElement} title where its tools go
 * @property {HTMLElement} body where it draws
 * @property {(words: string | (string | Node)[]) => void} say writes the caption
 * @property {(words: string) => void} entitle gives the picture another name
 * @property {(marks: Mark[]) => void} legend says beside the name what marks mean
 * @property {Store} store
 * @property {Surroundings} surroundings
 */

/** @typedef {{mark: string, colour: string, words: string}} Mark a sign in one of the style sheet's colours */

/**
 * Draws the pictures of one kind.
 * @typedef {object} View
 * @property {(picture: any) => void} draw
 * @property {() => string} [describe] says in words, with its numbers, what is drawn
 * @property {() => [id: string, words: string, act: () => Promise<void>][]} [choices] how it can be looked at
 * @property {() => void} [dispose] ends what goes on without the card
 */

/** @typedef {"wide" | "square" | "tall" | "aside"} Shape what a view would like to be; "aside" is beside the charts */
/** @typedef {{kind: string, share: number}} Companion a kind of view that takes this share of the same place, below */
/** @typedef {new (mount: Mount) => View} ViewClass */

/**
 * The fields of a picture: what all have, and the arrays, shapes and fields of its kind.
 * @template {Record<string, Uint8Array | Float32Array>} Arrays @template {object} [Fields={}]
 * @typedef {Omit<Picture, "arrays" | "shapes"> & {
 *   arrays: Arrays,
 *   shapes: {[name in keyof Arrays]: number[]},
 * } & Fields} PictureOf
 */

/**
 * Say what can be done in a place.
 * @param {Surroundings["where"]} where @param {Store} store @returns {Surroundings}
 */
export function surroundingsIn(where, store) {
  const answers = where === "page";
  const hasDrawing = store.task?.fields.some((/** @type {{name: string}} */ field) => field.name === "drawing");
  return {
    where,
    isPast: false,
    isSmall: where === "sweep",
    answers,
    hasSheet: answers && Boolean(hasDrawing),
    isPaintable: answers && Boolean(hasDrawing) && store.allowed("data", "drawing"),
  };
}
