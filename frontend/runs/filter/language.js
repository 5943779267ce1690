/**
 * The words of a filter as a person types them: what may stand at the caret, and clauses that are put in and taken out.
 * What a filter means only the server knows.
 */

/** @import {RunColumn} from "../../server/run_table.js" */

/**
 * A word, sign or bracket of a filter, with its place.
 * @typedef {{kind: "word" | "quoted" | "sign" | "bracket", text: string, start: number, end: number}} Token
 */
/**
 * What may stand at the caret, and which part of the text it would take the place of.
 * @typedef {{kind: "name" | "sign" | "value" | "join", typed: string, from: number, to: number, column: string}} Place
 */
/** @typedef {{text: string, words: string}} Suggestion what would be put in, and what it means */

const TOKEN = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[<>!=]=|!~|[=<>~]|[()]|[^\s()=<>!~"']+(?:\s+%(?![^\s()]))?/g;
const SIGNS = {
  "=": "is",
  "!=": "is not",
  ">": "more than",
  "<": "less than",
  ">=": "at least",
  "<=": "at most",
  "~": "contains",
};
/** A day or a minute is all of it. */
const SIGNS_OF_TIME = {
  "=": "within that day",
  "!=": "not within it",
  ">": "after it",
  "<": "before it",
  ">=": "from its beginning on",
  "<=": "up to its end",
};
const OF_WORDS = ["=", "!=", "~"];
const OF_NUMBERS = ["=", "!=", ">", "<", ">=", "<="];
const MOST = 12; // suggestions at a time

/** Take a filter apart. @param {string} text @returns {Token[]} */
export const tokens = (text) =>
  [...text.matchAll(TOKEN)].map(({ 0: said, index }) => {
    const kind = /^["']/.test(said)
      ? "quoted"
      : /^[()]/.test(said)
        ? "bracket"
        : /^[<>!=~]/.test(said)
          ? "sign"
          : "word";
    return { kind, text: said, start: index, end: index + said.length };
  });

/** Write a value so that a filter reads it as one word. @param {string} value */
export const quoted = (value) =>
  /^[^\s()=<>!~"',\\]+$/.test(value) && !/^(and|or|not|has)$/i.test(value)
    ? value
    : `"${value.replace(/[\\"]/g, "\\$&")}"`;

/** Read a word or what stands in quotes. @param {Token} token */
const unquoted = ({ kind, text }) =>
  kind === "quoted"
    ? text.slice(1, text.length > 1 && text.endsWith(text[0]) ? -1 : undefined).replace(/\\(.)/g, "$1")
    : text;

/** @param {Token | undefined} token @param {string} word */
const isWord = (token, word) => token?.kind === "word" && token.text.toLowerCase() === word;

/** Find what may stand at the caret. @param {string} text @param {number} caret @returns {Place} */
export function placeAt(text, caret) {
  const all = tokens(text);
  const touched = all.find(({ kind, start, end }) => start < caret && caret <= end && !/bracket|sign/.test(kind));
  const sign = all.find(({ kind, start, end }) => kind === "sign" && start < caret && caret < end);
  const here = touched ?? sign;
  const before = all.filter(({ end }) => end <= (here?.start ?? caret));
  /** @type {Place["kind"]} */
  let kind = "name";
  let column = "";
  let isHad = false; // whether "has" stands before the name: then it is neither compared nor has a value
  for (const token of before) {
    if (kind === "name") {
      if (!isHad && (isWord(token, "not") || token.text === "(")) continue;
      column = unquoted(token);
      kind = isHad ? "join" : isWord(token, "has") ? "name" : "sign";
      isHad = !isHad && kind === "name";
    } else if (kind === "sign") kind = token.kind === "sign" ? "value" : "sign";
    else if (kind === "value") kind = "join";
    else if (token.text !== ")") kind = "name";
  }
  const [from, to] = here ? [here.start, here.end] : [caret, caret];
  const typed = here ? text.slice(from, caret) : "";
  return { kind, typed, from, to, column: kind === "value" || kind === "sign" ? column : "" };
}

/** Whether a filter is typed to its end, as far as one sees without knowing any name. @param {string} text */
export function isWhole(text) {
  const all = tokens(text);
  const depth = all.reduce((n, { text: said }) => n + (said === "(" ? 1 : said === ")" ? -1 : 0), 0);
  const last = all.at(-1);
  const isOpen = last?.kind === "quoted" && (last.text.length < 2 || !last.text.endsWith(last.text[0]));
  return !all.length || (!depth && !isOpen && placeAt(`${text} `, text.length + 1).kind === "join");
}

/**
 * Find the column that is meant: by its name, or its last part where that tells.
 * @param {RunColumn[]} columns @param {string} name
 */
export function columnCalled(columns, name) {
  const meant = name.toLowerCase().replaceAll(" ", "_");
  const exact = columns.find((column) => column.name.toLowerCase() === meant);
  if (exact) return exact;
  if (meant === "tag") return columns.find((column) => column.name === "tags");
  const part = columns.find((column) => column.name === `${meant}.name`);
  if (part) return part;
  const found = columns.filter((column) => column.name.toLowerCase().endsWith(`.${meant}`));
  return found.length === 1 ? found[0] : undefined;
}

/** The shortest name that tells a column from all others. @param {RunColumn[]} columns @param {RunColumn} column */
export function shortName(columns, column) {
  const [, part, last] = /^(?:(.*)\.)?([^.]*)$/.exec(column.name) ?? [];
  if (last === "name" && part && columnCalled(columns, part) === column) return part;
  return columnCalled(columns, last) === column ? last : column.name;
}

/** Suggest what may stand at a place. @param {Place} place @param {RunColumn[]} columns @returns {Suggestion[]} */
export function suggestions(place, columns) {
  const typed = place.typed.replace(/^["']/, "").toLowerCase();
  const fits = (/** @type {string[]} */ ...words) => words.some((word) => word.toLowerCase().includes(typed));
  const begins = (/** @type {string} */ word) => word.toLowerCase().startsWith(typed);
  const nearest = (/** @type {Suggestion} */ a, /** @type {Suggestion} */ b) =>
    Number(begins(b.text)) - Number(begins(a.text));
  const column = columnCalled(columns, place.column);
  /** @type {Suggestion[]} */
  let all = [];
  if (place.kind === "name")
    all = columns
      .filter(({ name, title }) => fits(name, title))
      .map((one) => ({ text: shortName(columns, one), words: one.title }))
      .sort(nearest);
  else if (place.kind === "sign")
    all = (column?.kind === "number" || column?.kind === "time" ? OF_NUMBERS : OF_WORDS)
      .filter((sign) => sign.startsWith(typed))
      .map((sign) => ({
        text: sign,
        words: (column?.kind === "time" ? SIGNS_OF_TIME : SIGNS)[/** @type {"="} */ (sign)],
      }));
  else if (place.kind === "value" && column?.kind === "time")
    all = times(new Date()).filter(({ text }) => begins(text));
  else if (place.kind === "value")
    all = (column?.values ?? [])
      .map((value) => ({ text: quoted(String(value)), words: "" }))
      .filter(({ text }) => fits(text))
      .sort(nearest);
  else
    all = ["and", "or"]
      .filter((word) => typed && begins(word)) // a filter that is whole is left alone
      .map((text) => ({ text, words: text === "and" ? "both must hold" : "one is enough" }));
  return all.filter(({ text }) => text !== place.typed).slice(0, MOST);
}

/** Suggest times: days, and how long ago. @param {Date} now @returns {Suggestion[]} */
export function times(now) {
  const day = (/** @type {number} */ ago) => {
    const then = new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago);
    const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
    return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())}`;
  };
  return [
    { text: day(0), words: "today" },
    { text: day(1), words: "yesterday" },
    { text: day(7), words: "a week ago" },
    { text: "-30m", words: "30 minutes ago" },
    { text: "-2h", words: "2 hours ago" },
    { text: "-7d", words: "7 days ago" },
  ];
}

/**
 * Put a suggestion in its place.
 * @param {string} text @param {Place} place @param {string} said @returns {{text: string, caret: number}}
 */
export function completed(text, { from, to }, said) {
  const [before, after] = [text.slice(0, from), text.slice(to).trimStart()];
  const gap = before && !/[\s(]$/.test(before) ? " " : "";
  const whole = `${before}${gap}${said} `;
  return { text: whole + after, caret: whole.length };
}

/**
 * The clauses that all must hold, each with its place; null where some stand beside an "or".
 * @param {string} text @returns {{start: number, end: number, parts: Token[]}[] | null}
 */
function clauses(text) {
  const all = tokens(text);
  let depth = 0;
  /** @type {Token[][]} */
  const found = [[]];
  for (const token of all) {
    if (token.text === "(") depth++;
    if (token.text === ")") depth--;
    if (!depth && isWord(token, "or")) return null;
    if (!depth && isWord(token, "and")) found.push([]);
    else found[found.length - 1].push(token);
  }
  return found
    .filter((parts) => parts.length)
    .map((parts) => ({ start: parts[0].start, end: parts[parts.length - 1].end, parts }));
}

/** @param {Token[]} parts @param {string} name */
const says = (parts, name) =>
  parts.length === 3 &&
  parts[0].text.toLowerCase() === name &&
  parts[1].text === "=" &&
  /word|quoted/.test(parts[2].kind);

/**
 * The value that a filter asks of a column; the empty string where it asks for none.
 * @param {string} text @param {string} name
 */
export function asked(text, name) {
  const clause = clauses(text)?.find(({ parts }) => says(parts, name));
  return clause ? unquoted(clause.parts[2]) : "";
}

/**
 * Let a filter ask another value of a column beside all else that it asks.
 * @param {string} text @param {string} name @param {string} value the empty string asks for none
 */
export function asking(text, name, value) {
  const found = clauses(text);
  const others = found
    ? found.filter(({ parts }) => !says(parts, name)).map(({ start, end }) => text.slice(start, end))
    : [`(${text.trim()})`];
  return [...others, ...(value ? [`${name} = ${quoted(value)}`] : [])].join(" and ");
}

/** Both filters at once. @param {string} one @param {string} other */
export function both(one, other) {
  const [a, b] = [one.trim(), other.trim()];
  return a && b ? `(${a}) and ${b}` : a || b;
}
