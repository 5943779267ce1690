/** One step that is open: its walk, and its arrays and cells, each asked for once. */

/** @import {ArrayPart, Cell, Code, Quantity, Role, Source, Stop, Walk} from "../server/one_step.js" */
/** @import {NumberPlace, Store} from "../state/store.js" */

/** @typedef {{symbol: string, index: number[]}} Spot a number, by where it is */

/**
 * What is lit: the number that is open, those that it is made from, what is pointed at, and whence and whither that
 * goes.
 * @typedef {{chosen: Spot | null, made: Spot[], hot: Spot[], from: Spot[], to: Spot[]}} Lights
 */

/**
 * What the glass box asks of the page.
 * @typedef {object} GlassPage
 * @property {(error: unknown) => void} failed
 * @property {(words: string) => void} tell what was done
 * @property {(step: number) => number | undefined} nearest the snapshot that is nearest to a step
 * @property {() => void} address lets the address say which number is open
 * @property {(layer: number, unit: number | null) => boolean} show points at a unit in the picture of the network
 */

/**
 * The glass box, as its parts see it.
 * @typedef {object} Glass
 * @property {OpenedStep} opened
 * @property {Walk} walk
 * @property {Stop} stop
 * @property {Store} store
 * @property {Source | null} source
 * @property {Lights} lights
 * @property {Cell | null} current the number that is open
 * @property {Cell | null} blanked the number that a person works out
 * @property {number} newestAt where the run stood when its newest step was opened
 * @property {number} k the parameter that was open last, by its place in theta
 * @property {number} wish grows when something else is wanted
 * @property {(error: unknown) => void} failed
 * @property {(stop: Stop, symbol: string, window?: string) => Promise<ArrayPart>} array
 * @property {(stop: Stop, symbol: string, window: string) => Promise<ArrayPart>} ofBatch a part of all examples' array
 * @property {(stop: Stop, symbol: string, index: number[]) => Promise<Cell>} cell
 * @property {(stop: Stop, symbol: string, index: number[]) => Promise<void>} choose opens a number
 * @property {(symbol: string, index: number[]) => void} chooseHere opens a number that the stop shows
 * @property {(symbol: string) => Role} role
 * @property {(symbol: string, index: number[]) => string} nameOf
 * @property {(cells: Spot[]) => void} lightUp points at cells; an empty list leaves them
 * @property {(stop: Stop, symbol: string, index: number[]) => void} hover points at one, and lights what it is part of
 * @property {(element: Element | null) => void} exactly says a number exactly
 * @property {(symbol: string, index: number[]) => boolean} isBlank whether it is hidden
 * @property {(cell: Cell | null) => void} blank hides a number
 * @property {(cell: Cell) => number | null} valueOf
 * @property {(at: {position: number, name: string, index: number[]}, value: number, refused: (words: string) => void)
 *   => void} setWeight
 * @property {(example: number) => Promise<void>} openExample
 * @property {(isBatch: boolean) => void} openBatch
 * @property {() => void} showInPicture
 * @property {(place: NumberPlace) => Promise<void>} open
 */

/**
 * How a cell is known: the same number may stand in several matrices.
 * @param {string} symbol @param {number[]} index
 */
export const keyOf = (symbol, index) => `${symbol} ${index.join()}`;

export class OpenedStep {
  /** @param {Source} source @param {Walk} walk @param {boolean} isBatch whether matrices have a row for each example */
  constructor(source, walk, isBatch) {
    this.source = source;
    this.walk = walk;
    this.isBatch = isBatch;
    /** @type {Map<string, Promise<any>>} */
    this.asked = new Map();
    /** @type {Map<string, any>} what has come */
    this.there = new Map();
  }

  /**
   * Ask once; what was refused may be asked again.
   * @template T @param {string} key @param {() => Promise<T>} ask @returns {Promise<T>}
   */
  once(key, ask) {
    const before = this.asked.get(key);
    if (before) return before;
    const answer = ask();
    this.asked.set(key, answer);
    answer.then(
      (value) => this.there.set(key, value),
      () => this.asked.delete(key),
    );
    return answer;
  }

  /** @param {string} id */
  stop(id) {
    return this.walk.stops.find((stop) => stop.id === id);
  }

  /** The stop between the gradient and the new weights that has a quantity. @param {string} symbol */
  updating(symbol) {
    return this.walk.stops.find(
      ({ layer, way, quantities }) =>
        layer === null && way !== "loss" && quantities.some((quantity) => quantity.symbol === symbol),
    );
  }

  /**
   * Whether a quantity is shown of one example alone.
   * @param {Quantity | undefined} quantity
   */
  isOfExample(quantity) {
    return Boolean(quantity?.example_axis) && !this.isBatch;
  }

  /** @param {Stop} stop @param {string} symbol @param {string} [window] @returns {Promise<ArrayPart>} */
  array(stop, symbol, window = "") {
    const { step, example } = this.walk;
    return this.once(`array ${stop.id} ${symbol} ${window}`, () =>
      this.source.array(step, stop.id, symbol, this.isBatch ? "all" : example, window),
    );
  }

  /** A part of an array of the whole batch. @param {Stop} stop @param {string} symbol @param {string} window
   * @returns {Promise<ArrayPart>}
   */
  ofBatch(stop, symbol, window) {
    return this.once(`batch ${stop.id} ${symbol} ${window}`, () =>
      this.source.array(this.walk.step, stop.id, symbol, "all", window),
    );
  }

  /** @param {Stop} stop @param {string} symbol @param {number[]} index @returns {Promise<Cell>} */
  cell(stop, symbol, index) {
    const { step, example } = this.walk;
    return this.once(cellKey(stop, symbol, index), () => this.source.cell(step, stop.id, symbol, index, example));
  }

  /**
   * A cell that has come already.
   * @param {Stop} stop @param {string} symbol @param {number[]} index @returns {Cell | null}
   */
  cellThere(stop, symbol, index) {
    return this.there.get(cellKey(stop, symbol, index)) ?? null;
  }

  /** @param {Stop} stop @returns {Promise<Code>} */
  code(stop) {
    return this.once(`code ${stop.id}`, () => this.source.code(this.walk.step, stop.id));
  }

  /** Give the full index of a cell that is shown at a place. @param {Quantity} quantity @param {number[]} place */
  full(quantity, place) {
    return this.isOfExample(quantity) ? [this.walk.example, ...place] : place;
  }

  /**
   * The other way round; null where that cell is of another example.
   * @param {Quantity} quantity @param {number[]} index
   */
  placeOf(quantity, index) {
    if (!this.isOfExample(quantity)) return index;
    return index[0] === this.walk.example ? index.slice(1) : null;
  }
}

/** @param {Stop} stop @param {string} symbol @param {number[]} index */
const cellKey = (stop, symbol, index) => `cell ${stop.id} ${keyOf(symbol, index)}`;
