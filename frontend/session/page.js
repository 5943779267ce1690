/** What the session asks of the page around it. */

/** @import {Chosen, Group} from "../state/types.js" */

/**
 * What a session needs of the page. Whoever only wants to know what happens listens to the store.
 * @typedef {object} Page
 * @property {(words: string) => void} say in the banner; the empty string closes it
 * @property {(error: unknown) => void} failed
 * @property {() => void} forgive takes back what was refused on the controls
 * @property {(words: string, undo?: (() => void) | null) => void} tell what was done, with the way back
 * @property {(further: boolean) => void} address lets the address say what is chosen; `further` where Back shall lead
 * to what was there before
 * @property {(group: Group | null) => void} race shows two runs side by side; null leaves them
 * @property {() => void} stay has the address say again what is on the page
 * @property {(chosen: Chosen) => void} ask for the data that an address names and this machine does not have
 */

export {};
