/**
 * The lesson on the page: one step after the other, with text, a question, and a goal that the server watches. The page
 * follows each step's settings; how far one is outlives a reload; leaving brings back what was there before.
 */

import { getClass, getLesson, judgeGoal, readLesson } from "../server/lessons.js";
import { Limits } from "../state/parts.js";
import { isActive } from "../state/status.js";
import { byId, make, term } from "../ui/element.js";
import { icon } from "../ui/icons.js";
import { fromAddress } from "./address.js";
import { goalWords, verdictWords } from "./goal.js";
import { questionForm } from "./question.js";
import { textElements } from "./text.js";
import { keepOpened, keepWay, keyOf, opened, wayOf } from "./way.js";

/** @import {Store} from "../state/store.js" */
/** @import {Chosen} from "../state/types.js" */
/** @import {LessonFile, LessonStep, Verdict, Way} from "../server/lesson_types.js" */

const LOOK_EVERY = 1000; // milliseconds between two questions whether the goal is reached
const WIDE = "(min-width: 68.75em)"; // where the knobs stand beside the picture
const PHONE = "(max-width: 47.5em)"; // where the picture stands under the text

/**
 * What a lesson asks of the page.
 * @typedef {object} Actions
 * @property {(chosen: Chosen | null, limits: () => Limits) => Promise<void>} lay has the page be as a step wants it,
 * and then asks what that hides and locks
 * @property {(before: {run: string, chosen: Chosen}) => void} comeBack
 * @property {(words: string) => void} say
 * @property {() => void} finish a lesson of the box is done: it is left, and the others are offered
 */

export class LessonPanel {
  /** @param {HTMLElement} element @param {Store} store @param {Actions} actions */
  constructor(element, store, actions) {
    this.element = element;
    this.store = store;
    this.actions = actions;
    /** @type {LessonFile | null} */
    this.file = null;
    this.from = ""; // "class", "own", or the name of a lesson in the box
    /** @type {Way} */
    this.way = { at: 0, answers: {}, reached: {}, runs: {} };
    /** @type {((asked: {step: number, run: string, other: string | null}) => Promise<Verdict>) | null} to the class */
    this.report = null;
    /** @type {() => Node[]} gives what else stands at the foot */
    this.foot = () => [];
    this.gone = ""; // the run of the step before, which says nothing of this one
    this.laid = 0; // the step as which the page is
    this.lookedAt = 0;
    this.looking = 0;
    this.hasMore = false; // there is something new since the server was asked
    /** @type {Verdict | null} */
    this.verdict = null;
    this.progress = term("Step", "terms/lesson"); // which of them, as soon as there is a lesson
    this.progress.classList.add("lesson-place");
    this.title = make("h2");
    this.folding = make("button", { type: "button", className: "quiet lesson-fold", id: "lesson-fold" });
    this.folding.onclick = () => this.fold(!element.classList.contains("folded"));
    this.body = make("div", { className: "lesson-body" });
    this.goal = make("p", { className: "lesson-goal", hidden: true });
    this.goal.setAttribute("role", "status");
    this.back = make("button", { type: "button", id: "lesson-back", textContent: "Back", onclick: () => this.go(-1) });
    this.next = make("button", { type: "button", id: "lesson-next", textContent: "Next", onclick: () => this.go(1) });
    this.more = make("div", { className: "lesson-more" });
    element.replaceChildren(
      make("header", {}, this.title, this.progress, this.folding),
      this.body,
      this.goal,
      make("div", { className: "lesson-nav" }, this.back, this.next),
      this.more,
    );
    this.fold(false);
    store.on("news", (before) => {
      // who trains wants to see the picture
      if (matchMedia(PHONE).matches && this.isOpen && !isActive(before) && isActive(store.run?.status)) this.fold(true);
    });
    const wide = matchMedia(WIDE);
    const place = () =>
      wide.matches ? byId("controls").prepend(element) : document.querySelector("main")?.prepend(element);
    wide.addEventListener("change", place);
    place();
    store.on("rows", () => this.lookSoon());
    store.on("news", () => this.lookSoon());
    store.on("connection", () => !store.lost && this.lookSoon());
    store.on("run", () => {
      const { run } = store;
      if (this.step && run && run.id !== this.gone)
        this.note(() => Object.assign(this.way.runs, run.step ? { [this.way.at]: run.id } : {}));
    });
  }

  /**
   * Fold the text away, or show it; there is a button for that where the picture stands under it.
   * @param {boolean} isFolded
   */
  fold(isFolded) {
    this.element.classList.toggle("folded", isFolded);
    this.folding.textContent = isFolded ? "Show the text" : "Hide the text";
    this.folding.setAttribute("aria-expanded", String(!isFolded));
  }

  /** The step that is shown. @returns {LessonStep | undefined} */
  get step() {
    return this.file?.lesson.steps[this.way.at];
  }

  get isOpen() {
    return this.file !== null;
  }

  /**
   * Open a lesson where an address names one, or the one that was open in this tab before a reload.
   * @param {string} search @param {string} hash
   */
  async restore(search, hash) {
    const query = new URLSearchParams(search);
    const name = query.get("lesson");
    const before = opened();
    const own = await fromAddress(hash);
    if (own !== null) await this.begin(() => readLesson(own), "own");
    else if (name === "own" && before?.text) {
      const { text } = before;
      await this.begin(() => readLesson(text), "own", query.has("run"));
    } else if (name === "class") await this.begin(() => this.ofClass(), "class", query.has("run"));
    else if (name && name !== "own") await this.begin(() => getLesson(name), name, query.has("run"));
    else if (name) {
      this.store.lesson = "";
      this.actions.say("This lesson is a file of one's own, which this tab does not have: open the file again.");
    }
  }

  /** @returns {Promise<LessonFile>} */
  async ofClass() {
    const { text } = await getClass();
    if (text === null) throw new Error("There is no class now. The teacher opens it from the lesson.");
    return readLesson(text);
  }

  /**
   * Open a lesson where one was; `isAgain` where the page is as a step wants it already.
   * @param {() => Promise<LessonFile>} get @param {string} from @param {boolean} [isAgain]
   */
  async begin(get, from, isAgain = false) {
    const { store } = this;
    let file;
    try {
      file = await get();
    } catch (error) {
      store.lesson = "";
      this.actions.say(error instanceof Error ? error.message : String(error));
      return;
    }
    const here = opened();
    const isSame = isAgain && here?.from === from;
    const { run, chosen } = store;
    const before = isSame
      ? here.before
      : run && !isAgain && run.step
        ? { run: run.id, chosen: structuredClone(chosen) }
        : null;
    this.file = file;
    this.from = store.lesson = from;
    this.way = wayOf(keyOf(file));
    if (isSame) this.way.at = here.at ?? this.way.at; // another tab may be further
    this.way.at = Math.min(this.way.at, file.lesson.steps.length - 1);
    this.laid = this.way.at;
    keepOpened({ from, text: from === "own" ? file.text : null, before, at: this.way.at });
    this.element.hidden = false;
    this.fold(false);
    document.body.classList.add("has-lesson");
    store.emit("lesson");
    if (isAgain) this.limit();
    else this.lay();
    this.show();
  }

  /** Have the page be as the step wants it; false where that could not be. */
  async lay() {
    const { step, store } = this;
    if (!step) return true;
    const { task, ...settings } = step.settings;
    const chosen = task && !store.catalog.view_only ? store.defaultsOf(task, completed(store, task, settings)) : null;
    this.verdict = null;
    const gone = chosen ? (store.run?.id ?? "") : "";
    this.gone = gone;
    let isLaid = false; // what is asked for while the connection is lost is not done
    await this.actions.lay(chosen, () => {
      isLaid = true;
      return this.limits(); // a question may be answered meanwhile
    });
    return chosen ? store.run?.id !== gone : isLaid;
  }

  /** What the step hides and locks; before a question is answered one does not train. */
  limits() {
    const { step } = this;
    if (!step) return new Limits();
    const waits = step.question && this.way.answers[this.way.at] === undefined;
    return new Limits(step.hide, [...step.lock, ...(waits ? ["train"] : [])]);
  }

  limit() {
    this.store.limit(this.limits());
  }

  /** @param {() => unknown} change of the way, which is kept, beside what another tab has done */
  note(change) {
    change();
    if (!this.file) return;
    const { way } = this;
    const others = wayOf(keyOf(this.file));
    for (const part of /** @type {const} */ (["answers", "reached", "runs"]))
      Object.assign(way[part], { ...others[part], ...way[part] });
    keepWay(keyOf(this.file), way);
    const here = opened();
    if (here) keepOpened({ ...here, at: way.at });
  }

  /**
   * Go on, or back; where the page cannot be as that step wants it, one stays.
   * @param {number} by
   */
  async go(by) {
    const { file } = this;
    if (!file) return;
    const at = this.way.at + by;
    if (at >= file.lesson.steps.length) {
      if (file.name && !this.store.catalog.view_only) this.actions.finish();
      else this.actions.say("That was the last step. Leave the lesson, or go back to any step.");
      return;
    }
    const to = Math.max(0, at);
    const stand = (/** @type {number} */ where) => {
      this.note(() => {
        this.way.at = where;
      });
    };
    stand(to);
    this.fold(false);
    const laid = this.lay();
    this.show();
    this.body.scrollTop = 0;
    this.element.querySelector("h3")?.focus();
    const isLaid = await laid;
    if (this.file !== file || this.way.at !== to) return; // it was left, or one went on
    if (isLaid) this.laid = to;
    else {
      this.gone = "";
      stand(this.laid);
      this.limit();
      this.show();
    }
  }

  /** The lesson is left: what was there before comes back. */
  leave() {
    if (!this.file) return null;
    const { before } = opened() ?? { before: null };
    const again = { file: this.file, from: this.from };
    this.file = null;
    this.store.lesson = "";
    keepOpened(null);
    this.element.hidden = true;
    document.body.classList.remove("has-lesson");
    for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
    this.store.emit("lesson");
    if (before) this.actions.comeBack(before);
    return () => this.begin(async () => again.file, again.from);
  }

  show() {
    const { file, step, way } = this;
    if (!file || !step) return;
    const { steps } = file.lesson;
    this.title.textContent = file.lesson.title;
    this.progress.textContent = `Step ${way.at + 1} of ${steps.length}`;
    const head = make("h3", { textContent: step.title, tabIndex: -1 });
    this.body.replaceChildren(head, ...textElements(step.text), ...this.asked(step));
    this.back.disabled = way.at === 0;
    this.next.textContent = way.at === steps.length - 1 ? "Finish" : "Next";
    this.more.replaceChildren(...this.foot());
    this.showGoal();
    this.lookSoon();
  }

  /** @param {LessonStep} step */
  asked({ question }) {
    if (!question) return [];
    const { at, answers, reached } = this.way;
    const answered = (/** @type {any} */ answer) => {
      this.note(() => {
        answers[at] = answer;
      });
      this.limit();
      this.show();
    };
    return [questionForm(question, answers[at], Boolean(reached[at]), answered, this.store)];
  }

  showGoal() {
    const { goal } = this;
    const wanted = this.step?.goal;
    goal.hidden = !wanted;
    const done = this.way.reached[this.way.at];
    this.next.className = done || !wanted ? "primary" : "";
    if (!wanted) return;
    const state = done
      ? verdictWords(wanted, { reached: done.at, words: "", best: null })
      : this.verdict
        ? verdictWords(wanted, this.verdict)
        : "";
    goal.classList.toggle("reached", Boolean(done));
    goal.replaceChildren(
      icon(done ? "good" : "note"),
      make(
        "span",
        {},
        make("b", { textContent: "Goal: " }),
        `${goalWords(wanted)}. `,
        make("em", { textContent: state }),
      ),
    );
  }

  /** Ask now and then whether the goal is reached, while it is not. */
  lookSoon() {
    const { run } = this.store;
    if (!this.step?.goal || this.way.reached[this.way.at]) return;
    this.hasMore = this.looking !== 0;
    if (this.hasMore) return;
    if (!run || run.id === this.gone || (!run.step && this.step.goal.value === null)) return;
    const wait = Math.max(0, this.lookedAt + LOOK_EVERY - performance.now());
    this.looking = window.setTimeout(() => this.look(), wait);
  }

  async look() {
    this.hasMore = false;
    const { file, way, store } = this;
    const { run } = store;
    const goal = this.step?.goal;
    if (file && goal && run && run.id !== this.gone) {
      const { at } = way;
      if (run.step) this.note(() => Object.assign(way.runs, { [at]: run.id }));
      const asked = this.askedOf(at, run.id);
      const lesson = file.name ? { name: file.name } : { text: file.text };
      const verdict = await (this.report?.(asked) ?? judgeGoal({ ...lesson, ...asked })).catch((error) => ({
        reached: null,
        words: error.message,
        best: null,
      }));
      if (file === this.file && at === this.way.at) this.heard(at, run.id, verdict);
    }
    this.lookedAt = performance.now();
    this.looking = 0;
    if (this.hasMore) this.lookSoon(); // also where that was the run's last row
  }

  /**
   * What is asked of a step: by which run, and with which earlier one it is compared.
   * @param {number} at @param {string} run
   */
  askedOf(at, run) {
    const { goal } = this.file?.lesson.steps[at] ?? {};
    const { reached, runs } = this.way;
    const compared = goal?.above ?? goal?.below ?? null;
    const other = compared === null ? null : (reached[compared - 1]?.run ?? runs[compared - 1] ?? null);
    return { step: at + 1, run, other };
  }

  /** @param {number} at @param {string} run @param {Verdict} verdict */
  heard(at, run, verdict) {
    this.verdict = verdict;
    const { reached } = verdict;
    if (reached === null) {
      this.showGoal();
      return;
    }
    this.note(() => {
      this.way.reached[at] = { at: reached, run };
    });
    this.show();
  }
}

/**
 * Complete a step's settings where they change a part of the task's own: whoever only gives a rate keeps the optimizer.
 * @param {Store} store @param {string} task @param {Record<string, any>} settings
 */
function completed(store, task, settings) {
  const { defaults } = store.taskCalled(task);
  return { ...settings, data: { ...defaults.data, ...settings.data } };
}
