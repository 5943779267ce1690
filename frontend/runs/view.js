/**
 * How the runs are looked at: which, by which columns, how wide, in what order and groups; it stands in the
 * address.
 */

/** @import {RunColumn} from "../server/run_table.js" */

/**
 * @typedef {object} View
 * @property {string} filter
 * @property {string[]} columns the empty list leaves it to the page: what differs
 * @property {Record<string, number>} widths in rem, of those that a person widened
 * @property {string} order columns with commas, − before those that descend; the empty string is the newest first
 * @property {string} group the column by whose values runs are folded together; the empty string is none
 */

/** What the runs may be folded by. */
export const GROUPS = ["sweep", "race", "task"];

const KEY = "runs-table";
const PREFIX = "runs.";
const ALWAYS = ["name", "status", "result", "step"];
const LAST = ["finding", "created"];
const MOST_SETTINGS = 3; // that the page itself chooses
export const NARROWEST = 3.5;
export const WIDEST = 40;

/** @returns {View} */
export const plainView = () => ({ filter: "", columns: [], widths: {}, order: "", group: "" });

/**
 * The columns that a person sees who has chosen none: what is always told, and what differs.
 * @param {RunColumn[]} all
 */
export function usualColumns(all) {
  const some = (/** @type {string[]} */ names) => names.filter((name) => all.some((one) => one.name === name));
  const differing = (/** @type {RunColumn["group"]} */ group) =>
    all.filter((one) => one.group === group && one.differs).map(({ name }) => name);
  const task = all.some((one) => one.name === "title" && one.differs) ? ["title"] : [];
  const settings = differing("settings").slice(0, MOST_SETTINGS);
  const tags = all.some((one) => one.name === "tags" && one.values.length) ? ["tags"] : [];
  return [...new Set([...some(["name"]), ...task, ...some(ALWAYS), ...settings, ...tags, ...some(LAST)])];
}

/**
 * Write it as what stands in an address; what is as usual is left out.
 * @param {View} view @returns {Record<string, string>}
 */
export function writeView({ filter, columns, widths, order, group }) {
  const wide = Object.entries(widths).map(([name, width]) => `${name}:${width}`);
  const all = { filter, columns: columns.join(","), widths: wide.join(","), order, group };
  const said = Object.entries(all).filter(([, value]) => value);
  return { runs: "", ...Object.fromEntries(said.map(([name, value]) => [PREFIX + name, value])) };
}

/**
 * Read it from an address; null where that does not ask for the runs.
 * @param {URLSearchParams} query @returns {View | null}
 */
export function readView(query) {
  if (!query.has("runs")) return null;
  const list = (/** @type {string} */ name) => (query.get(PREFIX + name) ?? "").split(",").filter(Boolean);
  const group = query.get(`${PREFIX}group`) ?? "";
  return {
    filter: query.get(`${PREFIX}filter`) ?? "",
    columns: [...new Set(list("columns"))],
    widths: widthsOf(list("widths").map((said) => said.split(":"))),
    order: query.get(`${PREFIX}order`) ?? "",
    group: GROUPS.includes(group) ? group : "",
  };
}

/** @param {Iterable<any[]>} pairs names and widths, as somebody wrote them */
function widthsOf(pairs) {
  /** @type {Record<string, number>} */
  const found = {};
  for (const [name, said] of pairs) {
    const width = Number(said);
    if (width >= NARROWEST && width <= WIDEST) found[name] = width;
  }
  return found;
}

/** Whether an address asks for more than that the runs be there. @param {View} view */
export const isPlain = (view) => Object.keys(writeView(view)).length === 1;

/**
 * The view that was kept in this browser, without its filter.
 * @param {Pick<Storage, "getItem">} storage @returns {View}
 */
export function keptView(storage) {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? "{}");
    const { columns, widths, order, group } = kept;
    const names = Array.isArray(columns) ? columns.filter((name) => typeof name === "string") : [];
    return {
      filter: "",
      columns: names,
      widths: widthsOf(Object.entries(widths ?? {})),
      order: typeof order === "string" ? order : "",
      group: GROUPS.includes(group) ? group : "",
    };
  } catch {
    return plainView(); // it holds nothing of ours
  }
}

/** @param {Pick<Storage, "setItem">} storage @param {View} view */
export function keepView(storage, { columns, widths, order, group }) {
  try {
    storage.setItem(KEY, JSON.stringify({ columns, widths, order, group }));
  } catch {
    // a browser that keeps nothing forgets with the reload
  }
}

/** @param {string} order @returns {{name: string, isDescending: boolean}[]} */
export const orders = (order) =>
  order
    .split(",")
    .filter(Boolean)
    .map((said) => ({ name: said.replace(/^-/, ""), isDescending: said.startsWith("-") }));

/**
 * Sort by a column: numbers from the largest, words from A; once more turns it, and then it is as if never sorted.
 * @param {string} order @param {string} name @param {boolean} isNumber
 * @param {boolean} more whether it is sorted by the others first
 */
export function sorted(order, name, isNumber, more) {
  const all = orders(order);
  const now = all.find((one) => one.name === name);
  const next = now === undefined ? isNumber : now.isDescending === isNumber ? !isNumber : null;
  const said = next === null ? [] : [{ name, isDescending: next }];
  const kept = more ? all.filter((one) => one.name !== name) : [];
  const at = more && now ? all.indexOf(now) : kept.length;
  return [...kept.slice(0, at), ...said, ...kept.slice(at)]
    .map((one) => (one.isDescending ? "-" : "") + one.name)
    .join(",");
}

/** Move a name to another place of a list. @param {string[]} all @param {string} name @param {number} to */
export function moved(all, name, to) {
  const others = all.filter((one) => one !== name);
  const at = Math.max(0, Math.min(others.length, to));
  return [...others.slice(0, at), name, ...others.slice(at)];
}
