/** The calls of the glass box: one step of a run, done again, and every number of it opened. What they answer. */

import { call } from "./api.js";

/** @typedef {"input" | "weight" | "output" | "gradient" | "state"} Role what a number is for */
/** @typedef {"forward" | "loss" | "backward" | "penalty" | "clipping" | "update"} Way */

/**
 * @typedef {object} Quantity an array of a stop
 * @property {string} symbol
 * @property {string} letters as the docstrings write it
 * @property {Role} role
 * @property {number[]} shape
 * @property {boolean} example_axis whether its first axis is the example
 * @property {string[]} axes what its axes are
 * @property {boolean} opened whether it is made from others here
 * @property {string[]} from the symbols that it is made from
 */

/**
 * @typedef {{length: number, size: number, stride: number, dilation: number, before: number, count: number}} WindowAxis
 */
/** @typedef {{x: number[], y: number[], slope: number[]}} Curve a function of one number, as the engine computes it */

/**
 * @typedef {object} Part what is said of a layer, and of those inside it
 * @property {string} kind
 * @property {string} [prefix] of its symbols, within those of the layer that it is inside
 * @property {Record<string, any>} [settings] its fields
 * @property {{rows: WindowAxis, columns: WindowAxis} | null} [windows]
 * @property {string[] | null} [gates]
 * @property {Curve | null} [curve]
 * @property {Part[] | null} [inside]
 */

/**
 * @typedef {object} Stop of the walk
 * @property {string} id
 * @property {Way} way
 * @property {number | null} layer
 * @property {string} path
 * @property {string} kind
 * @property {string} title
 * @property {string} sentence
 * @property {string[]} formula
 * @property {string} shapes
 * @property {string} main the symbol of what comes out
 * @property {number[]} [start] its cell at which one begins: the largest of this example
 * @property {Quantity[]} quantities
 * @property {Part["settings"]} [settings]
 * @property {Part["windows"]} [windows]
 * @property {Part["gates"]} [gates]
 * @property {Part["curve"]} [curve]
 * @property {Part["inside"]} [inside]
 */

/** @typedef {{position: number, name: string, start: number, shape: number[]}} Parameter where it is in theta */

/**
 * @typedef {object} Walk
 * @property {number} step after which it is done
 * @property {number} next_step
 * @property {number} examples of its batch
 * @property {number} example
 * @property {number | null} example_index
 * @property {number[] | null} [wrong] rows of which it says another class than was wanted; null where there are none
 * @property {boolean | null} equal to the next one that was kept, bit for bit; null where none was
 * @property {boolean} several whether the step averages several batches
 * @property {{kind: string, shape: number[], names?: string[]}} input a file of before has no names
 * @property {string[]} [classes] their names
 * @property {any} target
 * @property {any} prediction
 * @property {number} loss
 * @property {Stop[]} stops
 * @property {Parameter[]} parameters
 */

/**
 * @typedef {object} ArrayPart
 * @property {string} symbol
 * @property {number[]} shape
 * @property {[number, number][] | null} window what of it the values are; null where all
 * @property {(number | null)[]} values
 * @property {{shape: number[], values: (number | null)[]}} [overview]
 * @property {number} low
 * @property {number} high
 */

/** @typedef {{symbol: string, index: number[], value: number | null}} Leaf */
/** @typedef {{stop: string, symbol: string, index: number[]}} Place */
/** @typedef {{value: number | null, text: string, mathml: string, leaves: Leaf[]}} CellTerm */

/**
 * @typedef {object} Cell
 * @property {string} symbol
 * @property {number[]} index
 * @property {number | null} value
 * @property {string} exact
 * @property {string} shown with three digits
 * @property {string} symbols
 * @property {string} numbers
 * @property {string} mathml_symbols
 * @property {string} mathml_numbers
 * @property {(Leaf & {role: Role, stop: string})[]} leaves
 * @property {{count: number, sum: number} | null} [more]
 * @property {CellTerm[]} terms that are printed; one where it is no sum
 * @property {{count: number, value: number} | null} [rest] the others
 * @property {Place[]} goes_to
 * @property {Place | null} comes_from
 * @property {string} sentence
 * @property {{position: number, name: string, index: number[], k: number} | null} parameter
 */

/** @typedef {{first: number, lines: string[], lit: number[], by_symbol?: Record<string, number[]>}} Lines */
/** @typedef {Lines & {file: string, also?: (Lines & {name: string, file: string})[]}} Code */

/**
 * @typedef {object} Nudged
 * @property {number} h
 * @property {number} above
 * @property {number} below
 * @property {number} measured
 * @property {number} computed
 * @property {number} error
 * @property {string} verdict
 */

/**
 * @typedef {object} ParameterChain
 * @property {number} position
 * @property {string} name
 * @property {number[]} index
 * @property {Cell[]} quantities
 * @property {{steps: number[], g: (number | null)[], moved: (number | null)[]} | null} past
 * @property {string} [why]
 */

/**
 * @typedef {(step: number, stop: string, symbol: string, example: number | "all", window: string) =>
 *   Promise<ArrayPart>} AskArray
 */

/**
 * Where steps are opened: the server, or a file.
 * @typedef {object} Source
 * @property {(step: number | null, example: number | null, exampleOf: number | null) => Promise<Walk>} walk of a row of
 * the batch or, where none is named, of a place in the training data
 * @property {AskArray} array
 * @property {(step: number, stop: string, symbol: string, index: number[], example: number) => Promise<Cell>} cell
 * @property {(step: number, stop: string) => Promise<Code>} code
 * @property {((step: number, k: number) => Promise<ParameterChain | null>) | null} parameter null where a file has
 * not this one
 * @property {((stop: string) => {symbol: string, index: number[]}[]) | null} spots which of a stop's numbers there are;
 * null where all of them
 * @property {((step: number, at: {position: number, name: string, index: number[]}) => Promise<Nudged>) | null} nudge
 */

/** @param {Record<string, string | number | null>} said */
const query = (said) => {
  const given = Object.entries(said).filter(([, value]) => value !== null && value !== "");
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
};

/** Open the steps of a run. @param {string} run @returns {Source} */
export function stepsOf(run) {
  const path = `runs/${run}/one_step`;
  return {
    walk: (step, example, exampleOf) => call("GET", `${path}?${query({ step, example, example_of: exampleOf })}`),
    array: (step, stop, symbol, example, window) =>
      call("GET", `${path}/array?${query({ step, stop, symbol, example, window })}`),
    cell: (step, stop, symbol, index, example) =>
      call("GET", `${path}/cell?${query({ step, stop, symbol, index: index.join(","), example })}`),
    code: (step, stop) => call("GET", `${path}/code?${query({ step, stop })}`),
    parameter: (step, k) => call("GET", `${path}/parameter?${query({ step, k })}`),
    spots: null,
    nudge: (step, at) => call("POST", `${path}/nudge`, { step, ...at }),
  };
}

/**
 * What a file has of a step, each as the server answers it: arrays by stop and symbol, cells by their place too.
 * @typedef {object} Explained
 * @property {number} step
 * @property {number} example
 * @property {Walk} walk
 * @property {Record<string, ArrayPart>} arrays
 * @property {Record<string, Cell>} cells
 * @property {Record<string, Code>} code
 * @property {Record<string, ParameterChain>} [parameters] by their places in theta
 */

const NOT_THERE = "This is not in the file; a run on a server has every number.";

/**
 * Cut a window out of what a file has of an array; undefined where it does not lie in it.
 * @param {ArrayPart | undefined} part @param {string} said as in 0:8,4:12 @returns {ArrayPart | undefined}
 */
export function cut(part, said) {
  if (!part || said === "") return part;
  const asked = said.split(",").map((range) => /** @type {[number, number]} */ (range.split(":").map(Number)));
  const has = part.window ?? part.shape.map((length) => /** @type {[number, number]} */ ([0, length]));
  const isThere = asked.length === has.length && asked.every(([a, b], i) => a >= has[i][0] && b <= has[i][1]);
  if (!isThere) return undefined;
  let places = [0];
  for (const [axis, [from, to]] of asked.entries()) {
    const [first, end] = has[axis];
    const along = Array.from({ length: to - from }, (_, i) => from + i - first);
    places = places.flatMap((before) => along.map((i) => before * (end - first) + i));
  }
  return { ...part, window: asked, values: places.map((at) => part.values[at]) };
}

/** Open the step that is in a file. @param {Explained} explained @returns {Source} */
export function stepsInFile({ step, example, walk, arrays, cells, code, parameters }) {
  /** @type {<T>(found: T | undefined) => Promise<T>} */
  const there = async (found) => {
    if (found === undefined) throw new Error(NOT_THERE);
    return found;
  };
  return {
    walk: (asked, of) => there((asked ?? step) === step && (of ?? example) === example ? walk : undefined),
    array: (_, stop, symbol, of, window) => there(of === "all" ? undefined : cut(arrays[`${stop} ${symbol}`], window)),
    cell: (_, stop, symbol, index) => there(cells[`${stop} ${symbol} ${index.join(",")}`]),
    code: (_, stop) => there(code[stop]),
    parameter: parameters ? async (_, k) => parameters[k] ?? null : null,
    nudge: null,
    spots: (stop) =>
      Object.entries(cells).flatMap(([key, { symbol, index }]) =>
        key.startsWith(`${stop} `) ? [{ symbol, index }] : [],
      ),
  };
}
