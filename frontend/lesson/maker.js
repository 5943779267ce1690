/** Where a lesson is made: steps are taken from the page as it is; text and goal are typed, and seen at once. */

import { readLesson } from "../server/lessons.js";
import { dialog } from "../ui/dialog.js";
import { download } from "../ui/download.js";
import { make } from "../ui/element.js";
import { toAddress } from "./address.js";
import { goalFields, labelled, limitFields, numberField, questionFields, textField } from "./forms.js";
import { goalWords } from "./goal.js";
import { questionForm } from "./question.js";
import { textElements } from "./text.js";
import { keep, kept } from "./way.js";
import { lessonText, settingsOf } from "./writing.js";

/** @import {Limits} from "../state/parts.js" */
/** @import {Store} from "../state/store.js" */
/** @import {LessonContent, LessonStep} from "../server/lesson_types.js" */

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
    const open = make("input", { type: "file", accept: ".md,.txt,text/markdown", hidden: true, id: "maker-open" });
    open.onchange = async () => {
      const [file] = open.files ?? [];
      open.value = "";
      if (file) await this.read(await file.text());
    };
    const openButton = make("button", { type: "button", textContent: "Open a file …", onclick: () => open.click() });
    const anew = make("button", { type: "button", id: "maker-anew", textContent: "Begin anew" });
    anew.onclick = () => {
      const before = this.lesson;
      this.take({ title: "", summary: "", minutes: 10, steps: [] });
      this.lesson.steps.push(this.stepOfPage());
      this.build();
      this.undo(before);
    };
    this.notes = make("p");
    this.notes.setAttribute("role", "status");
    const acts = make(
      "div",
      { className: "maker-acts" },
      add,
      this.file,
      this.link,
      this.tryButton,
      openButton,
      anew,
      open,
    );
    this.minutes = make("label");
    const foot = make("div", { className: "maker-foot" }, acts, this.notes, this.words);
    const left = make(
      "div",
      {},
      this.field("Title", () => this.lesson, "title"),
      this.field("In one sentence", () => this.lesson, "summary"),
      this.minutes,
      this.steps,
      foot,
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

  /** Go on with another lesson. @param {LessonContent} lesson */
  take(lesson) {
    this.lesson = lesson;
    this.build();
  }

  /** Offer what was there before. @param {LessonContent} before */
  undo(before) {
    const back = make("button", { type: "button", className: "quiet", textContent: "Bring back what was here" });
    back.onclick = () => {
      this.notes.replaceChildren();
      this.take(before);
    };
    this.notes.replaceChildren("Another lesson is here now. ", back);
  }

  /** Go on with a lesson's file. @param {string} text */
  async read(text) {
    const before = this.lesson;
    try {
      this.take((await readLesson(text)).lesson);
      this.undo(before);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      this.notes.replaceChildren(`That file was not taken: ${words}`);
    }
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
   * @param {string} label @param {() => Record<string, any>} owner @param {string} name @param {boolean} [isLong]
   */
  field(label, owner, name, isLong = false) {
    const take = (/** @type {string} */ value) => {
      owner()[name] = value;
      this.changed();
    };
    return labelled(label, textField(owner()[name], take, isLong ? 5 : 0), name);
  }

  build() {
    const { lesson } = this;
    const minutes = numberField(
      lesson.minutes,
      (v) => {
        lesson.minutes = Math.max(1, Math.round(v ?? 1));
        this.changed();
      },
      "1",
    );
    this.minutes.replaceChildren("About how many minutes", minutes);
    for (const name of /** @type {const} */ (["title", "summary"])) {
      const input = this.window.querySelector(`.maker > div > label [data-field="${name}"]`);
      /** @type {HTMLInputElement} */ (input).value = lesson[name];
    }
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
      Object.assign(step, { settings: this.stepOfPage().settings });
      this.build();
    };
    const up = make("button", { type: "button", className: "quiet", textContent: "Earlier", disabled: i === 0 });
    up.onclick = () => {
      const { steps } = this.lesson;
      steps.splice(i - 1, 2, step, steps[i - 1]);
      this.build();
    };
    const changed = () => this.changed();
    const rebuilt = () => {
      const { activeElement } = document;
      const name = activeElement instanceof HTMLElement ? activeElement.dataset.field : undefined;
      this.build();
      const form = this.steps.children[i];
      if (name) /** @type {HTMLElement | null} */ (form.querySelector(`[data-field="${name}"]`))?.focus();
    };
    const form = make(
      "fieldset",
      {},
      make("legend", { textContent: `Step ${i + 1}` }),
      this.field("Title", () => step, "title"),
      this.field("Text (**bold**, [words](curves) light up what they name)", () => step, "text", true),
      questionFields(step, this.store, changed, rebuilt),
      goalFields(step, i, this.store, changed, rebuilt),
      limitFields(step, changed),
      make("p", { className: "muted", textContent: settingWords(step) }),
      make("div", { className: "maker-acts" }, again, up, remove),
    );
    form.addEventListener("focusin", () => this.follow(i));
    return form;
  }

  /** Something was typed: keep it, show it, and have the server read it in a moment. */
  changed() {
    const { lesson } = this;
    this.text = lessonText(lesson);
    keep(localStorage, KEY, lesson);
    this.preview.replaceChildren(
      make("h2", { textContent: lesson.title || "Untitled" }),
      ...lesson.steps.flatMap((step, i) => [
        make("h3", { textContent: step.title, id: `maker-preview-${i + 1}` }),
        ...textElements(step.text, false),
        ...(step.question ? [questionForm(step.question, undefined, false, () => {}, this.store)] : []),
        ...(step.goal ? [make("p", { className: "lesson-goal", textContent: `Goal: ${goalWords(step.goal)}.` })] : []),
      ]),
    );
    clearTimeout(this.checking);
    this.checking = window.setTimeout(() => this.check(), CHECK_AFTER);
  }

  /** Let the preview show the step that is worked on. @param {number} i */
  follow(i) {
    const { preview } = this;
    const head = /** @type {HTMLElement | null} */ (preview.querySelector(`#maker-preview-${i + 1}`));
    if (head) preview.scrollTop = head.offsetTop - preview.offsetTop;
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

/** What a step is set to, in words. @param {LessonStep} step */
function settingWords({ settings: { task, ...others } }) {
  if (!task) return "The page stays as the step before has it";
  const names = Object.keys(others).map((name) => name.replaceAll("_", " "));
  return `Task ${task}${names.length ? `; ${names.join(", ")} as on the page when it was taken` : ", as it begins"}`;
}

/** @param {string} title */
const slug = (title) =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "") || "lesson";
