/** The picture of each kind of stop, above its matrices. */

/** @import {Cell, Stop} from "../../server/one_step.js" */
/** @import {Glass} from "../opened_step.js" */

/**
 * A picture of one kind of stop.
 * @typedef {object} KindPicture
 * @property {(stop: Stop, cell: Cell | null) => Promise<void>} show
 * @property {(cells: {symbol: string, index: number[]}[]) => void} light
 */

/** @typedef {{new (mount: HTMLElement, glass: Glass): KindPicture, alone?: boolean}} KindClass */

/** By "Dense forward", or "Dense" for all ways. @type {Record<string, KindClass>} */
const PICTURES = {};

/**
 * Give the picture of a stop's kind; null where its matrices say it all.
 * @param {Stop} stop @returns {KindClass | null}
 */
export const pictureOf = (stop) => PICTURES[`${stop.kind} ${stop.way}`] ?? PICTURES[stop.kind] ?? null;
