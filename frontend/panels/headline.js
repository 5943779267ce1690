/**
 * The headline: what is happening, in one sentence, and the numbers beside it; and what a screen reader hears of it.
 */

import { isAlarm, keyOf } from "../doctor/findings.js";
import { count, number, percent, significant } from "../state/numbers.js";
import { partsOf } from "../state/parts.js";
import { learnedWords, Progress, wellWords } from "../state/progress.js";
import { hasEnded, lostWords } from "../state/status.js";
import { make, term } from "../ui/element.js";
import { icon } from "../ui/icons.js";

/** @import {PageArea} from "../state/parts.js" */
/** @import {Store} from "../state/store.js" */
/** @import {Stage} from "../state/progress.js" */
/** @import {Finding, MetricsRow, Run, RunStatus, TaskEntry} from "../state/types.js" */

/**
 * What helps, as a button, and the parts of the page that it concerns, which a lesson may lock.
 * @typedef {{title: string, act: () => void, isMain?: boolean, parts?: PageArea[]}} Act
 */
/**
 * What the headline says: of which kind it is, its name in four words at most, a sentence, what can be done, two acts
 * at most; and whether Why? explains it.
 * @typedef {object} Statement
 * @property {"note" | "good" | "caution" | "ill"} kind
 * @property {string} name
 * @property {string} sentence
 * @property {Act[]} acts
 * @property {boolean} isFound by the doctor
 */
/**
 * What a person can do about it.
 * @typedef {object} Orders
 * @property {() => void} train
 * @property {() => void} further for as many steps again
 * @property {(finding: Finding, remedy: number) => void} apply lets a repaired run train beside this one
 * @property {() => void} live back to now
 * @property {(kind: string) => void} found hears of each new finding
 */
/**
 * What is known of the run.
 * @typedef {object} Situation
 * @property {Run | null} run
 * @property {TaskEntry} task
 * @property {MetricsRow} row
 * @property {Stage} stage
 * @property {number | null} at the step that is looked back at
 * @property {Finding | null} [finding] what the doctor found, then or now
 * @property {string} [lost] says that the connection is
 */

/** @type {Record<RunStatus, string>} */
const STATUS = {
  queued: "waiting for its turn",
  running: "training",
  paused: "paused",
  finished: "finished",
  stopped: "stopped",
  diverged: "diverged",
  failed: "failed",
  interrupted: "interrupted",
};
const RESULTS = ["accuracy", "test accuracy", "test loss"];
const QUIET = 5000; // milliseconds between two sentences for a screen reader

/** Begin a sentence with a capital, and end it with a period. @param {string} words */
const asSentence = (words) => `${words[0].toUpperCase()}${words.slice(1).replace(/\.?$/, ".")}`;

/** What is to be noticed where something is taken from the network that learning needs. @type {[string, string][]} */
const SWITCHED = [
  ["empty_inputs", "The inputs are empty: it is told nothing of any example, and can only guess."],
  ["shuffled_labels", "The training labels are shuffled: what it learns now, it learns by heart."],
  ["one_batch", "Every step sees the same batch: watch how training and test part."],
];

/** What is to be noticed while it learns. @param {TaskEntry} task @param {Record<string, any>} data */
const hintOf = (task, data) => SWITCHED.find(([name]) => data[name] === true)?.[1] ?? task.summary;

/**
 * Find what to say.
 * @param {Situation} situation @param {Orders} orders @returns {Statement}
 */
export function findingOf({ run, task, row, stage, at, finding = null, lost = "" }, orders) {
  const say = (
    /** @type {Statement["kind"]} */ kind,
    /** @type {string} */ name,
    /** @type {string} */ sentence,
    /** @type {Act[]} */ ...acts
  ) => ({ kind, name, sentence, acts, isFound: false });
  const sayFound = (/** @type {Finding} */ { kind, title, sentence }, /** @type {Act[]} */ ...acts) => ({
    ...say(kind, title.replace(/\.$/, ""), asSentence(sentence), ...acts),
    isFound: true,
  });
  const hint = hintOf(task, run?.configuration.data ?? {});
  if (lost) return say("caution", "Connection lost", lost);
  if (!run) return say("note", "Getting ready", hint);
  if (at !== null) {
    const back = { title: "Back to now", act: orders.live };
    if (finding && isAlarm(finding))
      return sayFound({ ...finding, sentence: `Step ${count(at)}: ${finding.sentence}` }, back);
    const now = run.step === at ? "" : `; the run is at step ${count(run.step)}`;
    return say("note", "Looking back", `This is step ${count(at)}, as it was${now}.`, back);
  }
  if (run.status === "failed") return say("ill", "It failed", asSentence(run.error || "Nobody knows why"));
  if (run.status === "interrupted") {
    const words = `The server ended. It goes on from step ${count(run.step)}, where its last checkpoint was written.`;
    return say("caution", "Interrupted", words, { title: "Resume", act: orders.train, isMain: true });
  }
  if (run.status === "queued") {
    const place = run.waiting ? `number ${count(run.waiting)} in line` : "the next one";
    return say("note", "Waiting", `Others train now, and this run is ${place}. It starts by itself.`);
  }
  if (finding && isAlarm(finding)) return sayFound(finding, ...remediesOf(finding, orders));
  if (run.status === "diverged") {
    const words = `In step ${count(run.step + 1)} the loss was no number any more: the steps were too large.`;
    return say("ill", "It diverged", words);
  }
  const further = { title: "Train further", act: orders.further };
  const best = run.status === "finished" ? run.best_step : null;
  if (stage === "learned") return say("good", "Learned", learnedWords(task.goal, row, run.configuration.data));
  if (best !== null)
    return say(
      "note",
      "Finished",
      `Nothing became better any more: the weights of step ${count(best)} count.`,
      further,
    );
  if (stage === "well") {
    const name =
      { finished: "Finished", stopped: "Stopped" }[/** @type {"finished"} */ (run.status)] ?? "Learning well";
    return say("good", name, wellWords(task.goal, row), ...(hasEnded(run.status) ? [further] : []));
  }
  const reached = (resultOf(task, row).join(" ") || `loss ${number(row.loss)}`).trim();
  if (run.status === "finished")
    return say("note", "Finished", `All ${count(run.steps)} steps are done: ${reached}. More may help.`, further);
  if (run.status === "stopped")
    return say("note", "Stopped", `It stands at step ${count(run.step)}: ${reached}.`, further);
  if (run.status === "running") return finding ? sayFound(finding) : say("note", "Learning", hint);
  if (run.step === 0) return say("note", "Ready", hint);
  return say("note", "Paused", `Step ${count(run.step)}: ${reached}. Go on, take one step, or turn a knob.`);
}

/**
 * The first two remedies of a finding as buttons.
 * @param {Finding} finding @param {Orders} orders
 */
const remediesOf = (finding, orders) =>
  finding.remedies.slice(0, 2).map(({ title, changes }, i) => ({
    title,
    act: () => orders.apply(finding, i),
    isMain: i === 0,
    parts: partsOf(Object.keys(changes)),
  }));

/**
 * What counts in a task: its name and its value, of the training data where there are no others; empty where that is
 * the loss, which is there anyway.
 * @param {TaskEntry} task @param {MetricsRow} row @returns {[string, string] | []}
 */
function resultOf(task, row) {
  const isUntested = typeof row.loss === "number" && (row.test_loss ?? null) === null;
  if (task.kind !== "classes") return isUntested ? [] : ["test loss", number(row.test_loss)];
  return isUntested ? ["accuracy", percent(row.accuracy)] : ["test accuracy", percent(row.test_accuracy)];
}

export class Headline {
  /**
   * @param {{said: HTMLElement, numbers: HTMLElement, facts: HTMLElement, live: HTMLElement}} places
   * @param {Store} store @param {Orders} orders
   */
  constructor(places, store, orders) {
    this.places = places;
    this.store = store;
    this.orders = orders;
    this.heard = { at: 0, status: "", stage: "", finding: "", loss: /** @type {number | null} */ (null) };
    this.shown = "";
    /** @type {string | undefined} the run that it is about */
    this.shownOf = undefined;
    this.progress = new Progress({ column: "loss", reached: 0, lost: 0, learned: "" });
    /** @type {Map<string, HTMLElement>} */
    this.values = new Map();
    this.badge = make("span", { className: "badge" });
    this.name = make("b");
    this.sentence = make("span");
    /** @type {Act[]} what the buttons do */
    this.acts = [];
    this.buttons = make("div", { className: "acts" });
    this.why = make("button", { type: "button", id: "ask-why", textContent: "Why?", hidden: true });
    const all = make("div", { className: "do" }, this.buttons, this.why);
    places.said.replaceChildren(this.badge, make("p", {}, this.name, " ", this.sentence), all);
    for (const what of /** @type {const} */ (["task", "run"])) store.on(what, () => this.begin());
    for (const what of /** @type {const} */ (["news", "rows", "finding"]))
      store.on(what, () => (store.looksBack ? this.say(this.situation()) : this.show()));
    store.on("connection", () => this.say(this.situation()));
  }

  /** Another task or run is there. */
  begin() {
    const { task } = this.store;
    if (this.progress.goal !== task.goal) this.progress = new Progress(task.goal);
    this.say(this.situation());
  }

  /** @returns {Situation} */
  situation() {
    const { run, task, columns, at, finding } = this.store;
    const lost = lostWords(this.store);
    const stage = this.progress.upTo(columns, at ?? Infinity);
    return { run, task, row: (at === null ? run?.metrics : this.store.rowAt(at)) ?? {}, stage, at, finding, lost };
  }

  /** Show how the run is now. */
  show() {
    const { run } = this.store;
    if (!run) return;
    const situation = this.situation();
    this.say(situation);
    const best = run.status === "finished" && run.best_step !== null ? `, best at step ${count(run.best_step)}` : "";
    const waiting = run.status === "queued" && run.waiting ? `waiting, place ${run.waiting}` : "";
    this.put("facts", "status", waiting || STATUS[run.status] + best);
    this.put("facts", "epoch", count(Math.floor(run.epoch)));
    if (run.steps_per_second) this.put("facts", "steps/s", `${count(Math.round(run.steps_per_second))} steps/s`);
    else this.drop("steps/s");
    this.putNumbers(run, run.step, situation.row);
    this.announce(run, situation);
  }

  /** Show the numbers of a step of the run's history. @param {number} step */
  showSnapshot(step) {
    const { run } = this.store;
    if (!run) return;
    const situation = this.situation();
    this.say(situation);
    this.put("facts", "status", "looking back");
    this.put("facts", "epoch", count(Math.floor(run.epoch * (run.step ? step / run.step : 0))));
    this.drop("steps/s");
    this.putNumbers(run, step, situation.row);
  }

  /** @param {Situation} situation */
  say(situation) {
    const { kind, name, sentence, acts, isFound } = findingOf(situation, this.orders);
    const { parentElement } = this.places.said;
    const offered = acts.filter(({ parts = [] }) => this.store.allowed("train", ...parts));
    this.acts = offered;
    const written = [kind, name, sentence, ...offered.map(({ title }) => title)].join("\n");
    if (written === this.shown) return;
    if (this.shownOf === situation.run?.id && name !== this.name.textContent?.slice(0, -1)) this.orders.found(kind);
    this.shown = written;
    this.shownOf = situation.run?.id;
    if (parentElement) parentElement.dataset.kind = kind;
    this.badge.replaceChildren(icon(kind));
    this.name.textContent = `${name}.`;
    this.sentence.textContent = sentence.replaceAll(" %", "\u00a0%");
    this.why.hidden = !isFound;
    const titles = [...this.buttons.children].map(({ textContent }) => textContent);
    if (titles.join("\n") === offered.map(({ title }) => title).join("\n")) return; // a button that is pressed stays
    this.buttons.replaceChildren(
      ...offered.map(({ title, isMain }, i) =>
        make("button", {
          type: "button",
          className: isMain ? "primary" : i ? "second" : "",
          textContent: title,
          onclick: () => this.acts[i]?.act(),
        }),
      ),
    );
  }

  /**
   * Show the step, the loss and what counts; and under Speed the rate, and the penalty where a regularizer asks one.
   * @param {Run} run @param {number} step @param {MetricsRow} row
   */
  putNumbers(run, step, row) {
    const result = resultOf(this.store.task, row);
    this.put("numbers", "step", count(step));
    this.put("numbers", "loss", number(row.loss));
    for (const name of RESULTS) if (name !== result[0]) this.drop(name);
    if (result.length) this.put("numbers", ...result);
    this.values.get("loss")?.classList.toggle("ill", run.status === "diverged");
    if (run.configuration.schedule.name === "Constant")
      this.drop("learning rate"); // the knob says it
    else this.put("facts", "learning rate", significant(row.learning_rate ?? run.optimizer.learning_rate, 3));
    if (row.tested) this.put("facts", "measured on", `${count(row.tested)} test examples`);
    else this.drop("measured on");
    if (run.configuration.regularizer) this.put("facts", "penalty", number(row.penalty));
    else this.drop("penalty");
  }

  /** @param {"numbers" | "facts"} place @param {string} name @param {string} value */
  put(place, name, value) {
    let cell = this.values.get(name);
    if (!cell) {
      cell = make("dd");
      cell.dataset.value = name;
      const word = { "steps/s": "steps per second", "measured on": "test data" }[name] ?? name;
      const words = { "learning rate": "Rate", "steps/s": "Speed" }[name] ?? `${name[0].toUpperCase()}${name.slice(1)}`;
      const label = term(words, `terms/${word}`);
      this.places[place].append(make("div", {}, make("dt", {}, label), cell));
      this.values.set(name, cell);
    }
    if (cell.textContent !== value) cell.textContent = value;
  }

  /** @param {string} name */
  drop(name) {
    this.values.get(name)?.parentElement?.remove();
    this.values.delete(name);
  }

  /**
   * Tell those who do not see it, now and then, and at once what is new.
   * @param {Run} run @param {Situation} situation
   */
  announce(run, { task, row, stage, finding = null }) {
    const now = performance.now();
    const { heard } = this;
    const loss = row.loss ?? null;
    const found = isAlarm(finding) ? `${run.id} ${keyOf(finding)}` : "";
    const isFound = found !== "" && found !== heard.finding;
    const hasLearned = stage === "learned" && heard.stage !== "learned";
    const isNew = run.status !== heard.status || isFound || hasLearned;
    if (!isNew && (run.status !== "running" || now - heard.at < QUIET)) return;
    let trend = "";
    if (heard.loss !== null && loss !== null && run.status === "running")
      trend = loss < heard.loss ? ", loss falling" : ", loss rising";
    const { textContent: name } = this.name;
    const learned = hasLearned && name === "Learned." ? `. Learned: ${this.sentence.textContent}` : "";
    const ill = isFound ? `. ${name} ${this.sentence.textContent}` : "";
    const result = resultOf(task, row).join(" ") || `loss ${number(row.loss)}`;
    const state = `${STATUS[run.status]}, epoch ${Math.floor(run.epoch)}, ${result}`;
    this.places.live.textContent = state + trend + learned + ill;
    this.heard = { at: now, status: run.status, stage, finding: found || heard.finding, loss };
  }
}
