/**
 * The parts of the page that a lesson hides or locks, and the limits that it sets. Whoever lets a person do something,
 * by a click, a key, a drop, an address or a link, asks `store.allowed(…)` first, which asks here.
 */

/** @import {LessonPart} from "./constants.js" */

/**
 * A part: its words, where it is on the page, and whether one only looks there, which a visitor may who cannot train.
 * @typedef {{words: string, selector: string, looks?: boolean}} PagePart
 */

/**
 * Where the parts are of which server/lessons/lesson_file.py has the names.
 * @satisfies {Record<LessonPart, PagePart>}
 */
export const PARTS = {
  tasks: { words: "tasks", selector: "#shelf, #task-button" },
  presets: { words: "presets", selector: '.panel[data-name="Presets"]' },
  data: { words: "data", selector: '.panel[data-name="Data"]' },
  own: { words: "own data", selector: "#data, #own-data, #drop-place" },
  drawing: { words: "drawing", selector: ".brushes, #draw-digit, .pad-tools", looks: true },
  network: { words: "network", selector: '.panel[data-name="Network"]' },
  weights: { words: "weights by hand", selector: ".loader" },
  training: { words: "training", selector: '.panel[data-name="Training"]' },
  train: { words: "Train and Step", selector: "#train, #step, #further" },
  speed: { words: "speed", selector: ".speed" },
  doctor: { words: "remedies and Why?", selector: "#said .do" },
  timeline: { words: "timeline", selector: "#timeline, #looking-back", looks: true },
  glass: { words: "one step in numbers", selector: "#numbers", looks: true },
  compare: { words: "race and sweep", selector: "#compare", looks: true },
  runs: { words: "runs", selector: "#runs, #tab-runs, #wide-runs", looks: true },
};

/** @typedef {keyof typeof PARTS} PageArea a part's name */

/** @param {string} name @returns {name is PageArea} */
const isPart = (name) => Object.hasOwn(PARTS, name);

/** What is of a part of its own in a configuration; all else is training. @type {Record<string, PageArea>} */
const OWNERS = { task: "tasks", data: "data", network: "network", speed: "speed" };

/**
 * The parts that a change of the configuration concerns: with another task all else is another, too.
 * @param {string[]} paths of what is changed, as in "data.noise" @returns {PageArea[]}
 */
export function partsOf(paths) {
  const keys = paths.map((path) => path.split(".")[0]);
  if (keys.includes("task")) return ["tasks"];
  return [...new Set(keys.map((key) => OWNERS[key] ?? "training"))];
}

/** A person asked for what a lesson does not let: the words say what is locked. */
export class Locked extends Error {}

export class Limits {
  /**
   * @param {Iterable<string>} [hide] the parts that are not there @param {Iterable<string>} [lock] those that are seen,
   * and not changed; names that there are not are `unknown`
   */
  constructor(hide = [], lock = []) {
    const [hidden, locked] = [[...hide], [...lock]];
    this.hide = hidden.filter(isPart);
    this.lock = locked.filter(isPart).filter((name) => !hidden.includes(name));
    this.unknown = [
      ...hidden.filter((name) => !isPart(name)).map((name) => `hide=${name}`),
      ...locked.filter((name) => !isPart(name)).map((name) => `lock=${name}`),
    ];
  }

  /** Read what an address hides and locks. @param {string} search */
  static of(search) {
    const query = new URLSearchParams(search);
    const [hide, lock] = ["hide", "lock"].map((how) => (query.get(how) ?? "").split(",").filter(Boolean));
    return new Limits(hide, lock);
  }

  /** Write them into an address's query. @param {URLSearchParams} query */
  write(query) {
    for (const how of /** @type {const} */ (["hide", "lock"])) {
      if (this[how].length) query.set(how, this[how].join(","));
      else query.delete(how);
    }
  }

  get any() {
    return this.hide.length + this.lock.length > 0;
  }

  /** How a part is. @param {PageArea} name @returns {"as it is" | "locked" | "hidden"} */
  of(name) {
    if (this.hide.includes(name)) return "hidden";
    return this.lock.includes(name) ? "locked" : "as it is";
  }

  /** Give the limits that have a part otherwise. @param {PageArea} name @param {string} how as `of` says it */
  with(name, how) {
    const others = (/** @type {PageArea[]} */ names) => names.filter((other) => other !== name);
    const more = (/** @type {string} */ what) => (how === what ? [name] : []);
    return new Limits([...others(this.hide), ...more("hidden")], [...others(this.lock), ...more("locked")]);
  }

  /** Which of some parts are not to be used, in words; the empty string where all are. @param {PageArea[]} parts */
  words(parts) {
    const closed = parts.filter((name) => this.of(name) !== "as it is").map((name) => PARTS[name].words);
    return closed.length ? `Locked in this lesson: ${closed.join(", ")}.` : "";
  }
}
