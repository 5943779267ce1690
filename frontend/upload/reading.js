/** How a file of a table is read: each guess of the server's, and what a person says instead. */

import { ENCODINGS } from "../state/constants.js";
import { make } from "../ui/element.js";

/** @import {ReadAs, Table} from "../state/types.js" */

/**
 * What a person said of a file; what is absent is found out.
 * @typedef {{separator?: string, decimal?: string, encoding?: string, header?: string, skip?: string, sheet?: string,
 *   examples?: string, kinds?: Record<number, string>}} Reading
 */

const SEPARATORS = {
  comma: "comma",
  semicolon: "semicolon",
  tab: "tab",
  bar: "bar",
  space: "space",
  fixed: "none: fixed places",
  libsvm: "none: LIBSVM, 3:0.5",
};
const SIGNS = { dot: "dot, 1.5", comma: "comma, 1,5" };
const EXAMPLES = { rows: "rows", columns: "columns" };
const FIRST = { yes: "names of columns", no: "a row of data" };

/** Write a reading as the server takes it. @param {Reading} how @returns {Record<string, string>} */
export function parametersOf(how) {
  const { kinds = {}, ...others } = how;
  const said = Object.entries(kinds).map(([place, kind]) => `${place}:${kind}`);
  return said.length ? { ...others, kinds: said.join(",") } : others;
}

/**
 * Make a control for each guess, which says what was found out until a person says something else.
 * @param {Table} table @param {Reading} how @param {(how: Reading, id: string) => void} changed
 */
export function readingControls(table, how, changed) {
  const read = table.read_as;
  const choose = (
    /** @type {"separator" | "decimal" | "encoding" | "header" | "examples"} */ name,
    /** @type {string} */ title,
    /** @type {string} */ found,
    /** @type {Record<string, string>} */ choices,
  ) => {
    const auto = make("option", { value: "auto", textContent: `auto (${found})` });
    const options = Object.entries(choices).map(([value, textContent]) => make("option", { value, textContent }));
    const select = make("select", { id: name }, auto, ...options);
    select.value = how[name] ?? "auto";
    select.onchange = () => {
      const { [name]: _before, ...others } = how;
      changed(select.value === "auto" ? others : { ...others, [name]: select.value }, name);
    };
    return make("label", {}, `${title} `, select);
  };
  const skip = make("input", { id: "skip", type: "number", min: "0", max: "1000", value: String(read.skip ?? 0) });
  skip.onchange = () => {
    const { skip: _before, ...others } = how;
    changed(skip.value === "" ? others : { ...others, skip: skip.value }, "skip");
  };
  const isText = !read.format;
  const isNamed = table.separator === "libsvm"; // its places are the names of its columns
  const parts = [
    (read.sheets?.length ?? 0) > 1 ? sheets(read, changed) : "",
    isText
      ? choose(
          "separator",
          "separator",
          /** @type {Record<string, string>} */ (SEPARATORS)[table.separator],
          SEPARATORS,
        )
      : "",
    isNamed ? "" : choose("decimal", "decimal sign", read.decimal ?? "dot", SIGNS),
    read.doubt ? offered(`Read the ${read.doubt} as decimal sign`, { decimal: read.doubt }, how, changed) : "",
    read.encoding ? choose("encoding", "encoding", short(read.encoding), ENCODINGS) : "",
    (isText && !isNamed) || read.format === "spreadsheet"
      ? choose("header", "first line", read.header ? "names" : "data", FIRST)
      : "",
    isText && !isNamed ? make("label", {}, "lines to skip ", skip) : "",
    (isText && !isNamed) || read.format === "spreadsheet" || read.format === "page"
      ? choose("examples", "examples are", read.examples ?? "rows", EXAMPLES)
      : "",
    ...(read.offers ?? []).map(({ words, choose: chosen }) => offered(words, chosen, how, changed)),
  ];
  const element = make("div", { className: "reading" }, ...parts);
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "How the file is read");
  return element;
}

/**
 * Choose among the sheets of a spreadsheet, or the tables of a zip; what was said of one says nothing of another.
 * @param {Partial<ReadAs>} read @param {(how: Reading, id: string) => void} changed
 */
function sheets({ sheet = "", sheets: names = [], format }, changed) {
  const select = make(
    "select",
    { id: "sheet" },
    ...names.map((name) => make("option", { value: name, textContent: name, selected: name === sheet })),
  );
  select.onchange = () => changed({ sheet: select.value }, "sheet");
  return make("label", {}, format === "spreadsheet" ? "sheet " : "table ", select);
}

/**
 * Offer another reading where nothing told which is meant.
 * @param {string} words @param {Reading} chosen @param {Reading} how
 * @param {(how: Reading, id: string) => void} changed
 */
function offered(words, chosen, how, changed) {
  const [name] = Object.keys(chosen);
  const button = make("button", { type: "button", id: `other-${name}`, textContent: words });
  button.onclick = () => changed({ ...how, ...chosen }, name);
  return button;
}

/** Call an encoding by its name alone. @param {string} encoding */
const short = (encoding) => (ENCODINGS[encoding] ?? encoding).split(" (")[0];
