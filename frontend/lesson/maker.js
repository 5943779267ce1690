/** Where a lesson is made: steps are taken from the page as it is; text and goal are typed, and seen at once. */

import { readLesson } from "../server/lessons.js";
import { readable } from "../state/catalog.js";
import { dialog } from "../ui/dialog.js";
import { download } from "../ui/download.js";
import { make } from "../ui/element.js";
import { toAddress } from "./address.js";
import { goalWords } from "./goal.js";
import { questionForm } from "./question.js";
import { textElements } from "./text.js";
import { keep, kept } from "./way.js";
import { lessonText, settingsOf } from "./writing.js";

/** @import {Limits} from "../state/parts.js" */
/** @import {Store} from "../state/store.js" */
/** @import {Goal, LessonContent, LessonStep} from "../server/lesson_types.js" */

const KEY = "lesson being made";
const CHECK_AFTER = 400; // milliseconds without a key

export class LessonMaker {
  /**
   * @param {Store} store @param {{limits: () => Limits, tryIt: (text: string) => void}} actions `limits` are those that
   * the share window has now
   */
  constructor(store, actions) {
    this.store = store;
    this.actions = actions;
    this.lesson = this.kept();
    this.checking = 0;
    this.text = "";
    this.steps = make("div");
    this.preview = make("div", { className: "maker-preview" });
    this.words = make("p");
    this.words.setAttribute("role", "status");
    const add = make("button", { type: "button", className: "primary", id: "maker-add" });
    add.textContent = "Add a step from the page as it is";
    add.onclick = () => {
      this.lesson.steps.push(this.stepOfPage());
      this.build();
    };
    this.file = make("button", { type: "button", id: "maker-file", textContent: "Download the file" });
    this.file.onclick = () =>
      download(new Blob([this.text], { type: "text/markdown" }), `${slug(this.lesson.title)}.md`);
    this.link = make("button", { type: "button", id: "maker-link", textContent: "Copy the link" });
    this.link.onclick = () => this.copy();
    this.tryButton = make("button", { type: "button", id: "maker-try", textContent: "Try it as the class will" });
    this.tryButton.onclick = () => {
      this.window.close();
      actions.tryIt(this.text);
    };
    const acts = make("div", { className: "maker-acts" }, add, this.file, this.link, this.tryButton);
    const left = make(
      "div",
      {},
      this.field("Title", this.lesson, "title"),
      this.field("In one sentence", this.lesson, "summary"),
      this.steps,
      acts,
      this.words,
    );
    this.window = dialog(
      "lesson-maker",
      "lesson-maker",
      "Make a lesson",
      [],
      [make("div", { className: "maker" }, left, this.preview)],
    );
  }

  open() {
    if (!this.lesson.steps.length) this.lesson.steps.push(this.stepOfPage());
    this.build();
    this.window.showModal();
  }

  /** @returns {LessonContent} what was being made before a reload */
  kept() {
    const made = kept(localStorage, KEY);
    return made?.steps ? made : { title: "", summary: "", minutes: 10, steps: [] };
  }

  /** Take a step from the page: what is chosen, hidden and locked now. @returns {LessonStep} */
  stepOfPage() {
    const { chosen } = this.store;
    const limits = this.actions.limits();
    return {
      title: `Step ${this.lesson.steps.length + 1}`,
      text: "",
      settings: settingsOf(chosen, this.store.defaultsOf(chosen.task)),
      hide: [...limits.hide],
      lock: [...limits.lock],
      question: null,
      goal: null,
    };
  }

  /**
   * A field of text.
   * @param {string} label @param {Record<string, any>} owner @param {string} name @param {boolean} [isLong]
   */
  field(label, owner, name, isLong = false) {
    const input = isLong
      ? make("textarea", { value: owner[name] })
      : make("input", { type: "text", value: owner[name] });
    input.dataset.field = name;
    input.oninput = () => {
      owner[name] = input.value;
      this.changed();
    };
    return make("label", {}, label, input);
  }

  build() {
    this.steps.replaceChildren(...this.lesson.steps.map((step, i) => this.stepForm(step, i)));
    this.changed();
  }

  /** @param {LessonStep} step @param {number} i */
  stepForm(step, i) {
    const remove = make("button", { type: "button", className: "quiet", textContent: "Remove" });
    remove.onclick = () => {
      this.lesson.steps.splice(i, 1);
      this.build();
    };
    const again = make("button", { type: "button", className: "quiet", textContent: "Settings from the page now" });
    again.onclick = () => {
      const { settings, hide, lock } = this.stepOfPage();
      Object.assign(step, { settings, hide, lock });
      this.build();
    };
    const locked = [...step.hide.map((p) => `${p} hidden`), ...step.lock.map((p) => `${p} locked`)].join(", ");
    const about = `Task ${step.settings.task}${locked ? `; ${locked}` : ""}`;
    return make(
      "fieldset",
      {},
      make("legend", { textContent: `Step ${i + 1}` }),
      this.field("Title", step, "title"),
      this.field("Text (**bold**, [words](curves) light up what they name)", step, "text", true),
      this.questionFields(step),
      this.goalFields(step),
      make("p", { className: "muted", textContent: about }),
      make("div", { className: "maker-acts" }, again, remove),
    );
  }

  /** @param {LessonStep} step */
  questionFields(step) {
    const said = {
      ask: step.question?.ask ?? "",
      choices: step.question?.choices.join("\n") ?? "",
      answer: step.question?.answer ?? 1,
    };
    const take = () => {
      const choices = said.choices
        .split("\n")
        .map((words) => words.trim())
        .filter(Boolean);
      step.question = said.ask.trim()
        ? { ask: said.ask.trim(), choices, answer: Number(said.answer), tolerance: 0, curve: null, because: "" }
        : null;
      this.changed();
    };
    const input = (
      /** @type {string} */ label,
      /** @type {"ask" | "choices" | "answer"} */ name,
      /** @type {HTMLInputElement | HTMLTextAreaElement} */ made,
    ) => {
      made.value = String(said[name]);
      made.oninput = () => {
        Object.assign(said, { [name]: made.value });
        take();
      };
      return make("label", {}, label, made);
    };
    return make(
      "div",
      { className: "maker-row" },
      input("Question before Train", "ask", make("input", { type: "text" })),
      input("Choices, one a line", "choices", make("textarea", { rows: 2 })),
      input("The right one, or the number", "answer", make("input", { type: "number", step: "any" })),
    );
  }

  /** @param {LessonStep} step */
  goalFields(step) {
    const { columns } = this.store.catalog;
    const now = step.goal;
    const metric = make(
      "select",
      {},
      new Option("no goal", ""),
      ...columns.map(({ name }) => new Option(readable(name), name)),
    );
    metric.append(new Option("step", "step"));
    metric.value = now?.metric ?? "";
    const bound = make("select", {}, new Option("at least", "at_least"), new Option("at most", "at_most"));
    bound.value = now?.at_most != null ? "at_most" : "at_least";
    const number = (/** @type {number | null | undefined} */ v, /** @type {string} */ label) => {
      const input = make("input", { type: "number", step: "any", value: v == null ? "" : String(v) });
      input.setAttribute("aria-label", label);
      return input;
    };
    const value = number(now?.at_least ?? now?.at_most, "value");
    const within = number(now?.within, "within steps");
    const neurons = number(now?.neurons, "neurons at most");
    const read = (/** @type {HTMLInputElement} */ input) => (input.value === "" ? null : Number(input.value));
    const take = () => {
      /** @type {Goal} */
      const goal = {
        metric: metric.value,
        value: null,
        cause: null,
        at_least: null,
        at_most: null,
        above: null,
        below: null,
        within: read(within),
        after: null,
        neurons: read(neurons),
        where: {},
      };
      goal[/** @type {"at_least"} */ (bound.value)] = read(value);
      step.goal = metric.value ? goal : null;
      this.changed();
    };
    for (const input of [metric, bound, value, within, neurons]) input.oninput = take;
    metric.dataset.field = "metric";
    value.dataset.field = "value";
    return make(
      "div",
      { className: "maker-row" },
      make("label", {}, "Goal", metric),
      make("label", {}, "is", bound),
      make("label", {}, "value", value),
      make("label", {}, "within steps", within),
      make("label", {}, "neurons at most", neurons),
    );
  }

  /** Something was typed: keep it, show it, and have the server read it in a moment. */
  changed() {
    const { lesson } = this;
    this.text = lessonText(lesson);
    keep(localStorage, KEY, lesson);
    this.preview.replaceChildren(
      make("h2", { textContent: lesson.title || "Untitled" }),
      ...lesson.steps.flatMap((step) => [
        make("h3", { textContent: step.title }),
        ...textElements(step.text, false),
        ...(step.question ? [questionForm(step.question, undefined, false, () => {}, this.store)] : []),
        ...(step.goal ? [make("p", { className: "lesson-goal", textContent: `Goal: ${goalWords(step.goal)}.` })] : []),
      ]),
    );
    clearTimeout(this.checking);
    this.checking = window.setTimeout(() => this.check(), CHECK_AFTER);
  }

  async check() {
    const { text } = this;
    const wrong = await readLesson(text).then(
      () => "",
      (error) => error.message,
    );
    if (text !== this.text) return;
    this.words.textContent = wrong || "The server reads it: it can be handed out.";
    this.words.classList.toggle("maker-wrong", Boolean(wrong));
    for (const button of [this.file, this.link, this.tryButton]) button.disabled = Boolean(wrong);
  }

  async copy() {
    const address = new URL(location.pathname, location.href);
    address.hash = await toAddress(this.text);
    const copied = await navigator.clipboard?.writeText(address.href).then(
      () => true,
      () => false,
    );
    this.link.textContent = copied ? "Copied" : "Copy the link";
    if (!copied) this.words.textContent = address.href;
  }
}

/** @param {string} title */
const slug = (title) =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "") || "lesson";
