/** The forms of a lesson's question and goal: all that a lesson's file can say of them. */

import { readable } from "../state/catalog.js";
import { PARTS } from "../state/parts.js";
import { make } from "../ui/element.js";

/** @import {Store} from "../state/store.js" */
/** @import {Goal, LessonStep, Question} from "../server/lesson_types.js" */

/** @type {Goal} */
export const NO_GOAL = {
  metric: null,
  value: null,
  cause: null,
  at_least: null,
  at_most: null,
  above: null,
  below: null,
  within: null,
  after: null,
  neurons: null,
  where: {},
};

/**
 * Put a label over a control.
 * @param {string} words @param {HTMLElement} control @param {string} name for whoever looks for it
 */
export function labelled(words, control, name) {
  control.dataset.field = name;
  return make("label", {}, words, control);
}

/** A field of text. @param {string} value @param {(value: string) => void} take @param {number} [rows] of more lines */
export function textField(value, take, rows = 0) {
  const input = rows ? make("textarea", { rows, value }) : make("input", { type: "text", value });
  input.oninput = () => take(input.value);
  return input;
}

/**
 * A field of a number; null where none is in it.
 * @param {number | null} value @param {(value: number | null) => void} take @param {string} [least]
 */
export function numberField(value, take, least = "") {
  const input = make("input", { type: "number", step: "any", min: least, value: value === null ? "" : String(value) });
  input.oninput = () => take(input.value === "" ? null : Number(input.value));
  return input;
}

/**
 * A choice among values, each with its words.
 * @param {[value: string, words: string][]} options @param {string} value @param {(value: string) => void} take
 */
function choiceField(options, value, take) {
  const input = make("select", {}, ...options.map(([name, words]) => new Option(words, name)));
  input.value = value;
  input.oninput = () => take(input.value);
  return input;
}

/**
 * The form of a step's question: what is asked, and how it is answered.
 * @param {LessonStep} step @param {Store} store @param {() => void} changed
 * @param {() => void} rebuilt other fields are wanted
 */
export function questionFields(step, store, changed, rebuilt) {
  const { question } = step;
  const take = (/** @type {Partial<Question>} */ said) => {
    Object.assign(/** @type {Question} */ (step.question), said);
    changed();
  };
  const kind = !question ? "" : question.curve !== null ? "curve" : question.choices.length ? "choice" : "number";
  /** @type {Record<string, () => Question | null>} */
  const kinds = {
    "": () => null,
    choice: () => ({ ...asked, choices: ["yes", "no"], answer: 1 }),
    number: () => ({ ...asked, answer: 0 }),
    curve: () => ({ ...asked, curve: "loss" }),
  };
  const asked = {
    ask: question?.ask || "What do you expect?",
    choices: /** @type {string[]} */ ([]),
    answer: null,
    tolerance: 0,
    curve: null,
    because: question?.because ?? "",
  };
  const how = choiceField(
    [
      ["", "none"],
      ["choice", "a choice"],
      ["number", "a number"],
      ["curve", "a sketch"],
    ],
    kind,
    (wanted) => {
      step.question = kinds[wanted]();
      rebuilt();
    },
  );
  const fields = [labelled("Question before Train", how, "asked")];
  if (!question) return make("div", { className: "maker-row" }, ...fields);
  const ask = labelled(
    "What is asked",
    textField(question.ask, (v) => take({ ask: v })),
    "ask",
  );
  if (kind === "choice") {
    const read = (/** @type {string} */ v) =>
      take({
        choices: v
          .split("\n")
          .map((one) => one.trim())
          .filter(Boolean),
      });
    fields.push(
      labelled("Choices, one a line", textField(question.choices.join("\n"), read, 3), "choices"),
      labelled(
        "The right one, 1 …",
        numberField(question.answer, (v) => take({ answer: v }), "1"),
        "answer",
      ),
    );
  } else if (kind === "number")
    fields.push(
      labelled(
        "The right number",
        numberField(question.answer, (v) => take({ answer: v })),
        "answer",
      ),
      labelled(
        "Right if off by at most",
        numberField(question.tolerance, (v) => take({ tolerance: v ?? 0 }), "0"),
        "tolerance",
      ),
    );
  else {
    const curves = store.catalog.columns.map(({ name }) => /** @type {[string, string]} */ ([name, readable(name)]));
    fields.push(
      labelled(
        "The curve of",
        choiceField(curves, question.curve ?? "", (v) => take({ curve: v })),
        "curve",
      ),
    );
  }
  const because = textField(question.because, (v) => take({ because: v }));
  return make(
    "div",
    { className: "maker-part" },
    make("div", { className: "maker-row" }, ...fields),
    ask,
    labelled("Because (said with the right answer)", because, "because"),
  );
}

/** Whose goal it is. @param {Goal | null} goal */
const kindOf = (goal) =>
  !goal ? "" : goal.cause !== null ? "cause" : goal.value !== null ? "value" : /** @type {const} */ ("metric");

/**
 * The form of a step's goal.
 * @param {LessonStep} step @param {number} at the step, from 0 @param {Store} store @param {() => void} changed
 * @param {() => void} rebuilt other fields are wanted
 */
export function goalFields(step, at, store, changed, rebuilt) {
  const { catalog } = store;
  const kind = kindOf(step.goal);
  const take = (/** @type {Partial<Goal>} */ said) => {
    Object.assign(/** @type {Goal} */ (step.goal), said);
    changed();
  };
  /** @type {Record<string, Goal | null>} */
  const kinds = {
    "": null,
    metric: { ...NO_GOAL, metric: "test_accuracy", at_least: 0.9 },
    value: { ...NO_GOAL, value: "optimizer.learning_rate", at_least: 0.1 },
    cause: { ...NO_GOAL, cause: catalog.causes[0].name },
  };
  const what = choiceField(
    [
      ["", "none"],
      ["metric", "a metric"],
      ["value", "a setting"],
      ["cause", "a finding"],
    ],
    kind,
    (wanted) => {
      step.goal = structuredClone(kinds[wanted]);
      rebuilt();
    },
  );
  const first = labelled("Goal", what, "goal");
  first.dataset.term = "terms/goal";
  const { goal } = step;
  if (!goal) return make("div", { className: "maker-row" }, first);
  const row = [first];
  const number = (
    /** @type {string} */ words,
    /** @type {"at_least" | "at_most" | "within" | "after" | "neurons"} */ name,
  ) =>
    labelled(
      words,
      numberField(goal[name], (v) => take({ [name]: v })),
      name,
    );
  if (kind === "cause") {
    const causes = catalog.causes.map(({ name }) => /** @type {[string, string]} */ ([name, name]));
    row.push(
      labelled(
        "It finds",
        choiceField(causes, goal.cause ?? "", (v) => take({ cause: v })),
        "cause",
      ),
    );
  } else {
    if (kind === "metric") {
      const metrics = ["step", ...catalog.columns.map(({ name }) => name)];
      const named = metrics.map((name) => /** @type {[string, string]} */ ([name, readable(name)]));
      row.push(
        labelled(
          "Which",
          choiceField(named, goal.metric ?? "", (v) => take({ metric: v })),
          "metric",
        ),
      );
    } else {
      const path = textField(goal.value ?? "", (v) => take({ value: v.trim() }));
      row.push(labelled("Which, as optimizer.learning_rate", path, "value"));
    }
    row.push(number("At least", "at_least"), number("At most", "at_most"));
  }
  const compared = [];
  if (kind === "metric" && at > 0) {
    const earlier = Array.from(
      { length: at },
      (_, i) => /** @type {[string, string]} */ ([String(i + 1), `step ${i + 1}`]),
    );
    for (const name of /** @type {const} */ (["above", "below"])) {
      const best = choiceField([["", "–"], ...earlier], String(goal[name] ?? ""), (v) =>
        take({ [name]: Number(v) || null }),
      );
      compared.push(labelled(`${name === "above" ? "Above" : "Below"} the best of`, best, name));
    }
  }
  const where = Object.entries(goal.where).map(([path, value]) => `${path} = ${value}`);
  const only = textField(where.join("\n"), (v) => take({ where: readWhere(v) }), 2);
  const limits = kind === "value" ? [] : [number("Within steps", "within"), number("Not before step", "after")];
  return make(
    "div",
    { className: "maker-part" },
    make("div", { className: "maker-row" }, ...row),
    make("div", { className: "maker-row" }, ...compared, ...limits, number("Hidden neurons at most", "neurons")),
    labelled("Only where, one a line, as optimizer.name = SGD", only, "where"),
  );
}

/**
 * Read lines such as  optimizer.name = SGD  as values by their paths; a line without a value is left out.
 * @param {string} text @returns {Record<string, any>}
 */
export function readWhere(text) {
  /** @type {Record<string, any>} */
  const found = {};
  for (const line of text.split("\n")) {
    const [path, ...rest] = line.split("=");
    const said = rest.join("=").trim();
    if (!path.trim() || !said) continue;
    const bare = said.replace(/^"(.*)"$/, "$1");
    const isNumber = bare === said && said !== "" && Number.isFinite(Number(said));
    found[path.trim()] = isNumber ? Number(said) : said === "true" ? true : said === "false" ? false : bare;
  }
  return found;
}

/**
 * What a step hides or locks, part by part.
 * @param {LessonStep} step @param {() => void} changed
 */
export function limitFields(step, changed) {
  const rows = Object.entries(PARTS).map(([name, { words }]) => {
    const now = step.hide.includes(name) ? "hidden" : step.lock.includes(name) ? "locked" : "as it is";
    const how = choiceField(
      ["as it is", "locked", "hidden"].map((one) => /** @type {[string, string]} */ ([one, one])),
      now,
      (wanted) => {
        const others = (/** @type {string[]} */ names) => names.filter((one) => one !== name);
        step.hide = [...others(step.hide), ...(wanted === "hidden" ? [name] : [])];
        step.lock = [...others(step.lock), ...(wanted === "locked" ? [name] : [])];
        title.textContent = limitWords(step);
        changed();
      },
    );
    return labelled(words, how, `limit-${name}`);
  });
  const title = make("summary", { textContent: limitWords(step) });
  return make("details", { className: "maker-limits" }, title, make("div", { className: "maker-row" }, ...rows));
}

/** Say what is hidden and locked. @param {LessonStep} step */
function limitWords({ hide, lock }) {
  const words = (/** @type {string[]} */ names) =>
    names.map((name) => PARTS[/** @type {keyof typeof PARTS} */ (name)]?.words ?? name).join(", ");
  const said = [hide.length ? `hidden: ${words(hide)}` : "", lock.length ? `locked: ${words(lock)}` : ""].filter(
    Boolean,
  );
  return said.length ? said.join("; ").replace(/^./, (c) => c.toUpperCase()) : "Nothing is hidden or locked";
}
