/** The class: students join by a name and their goals are reported; the teacher sees who has reached what. */

import { closeClass, getClass, joinClass, openClass, removeStudent, reportGoal } from "../server/lessons.js";
import { count } from "../state/numbers.js";
import { dialog } from "../ui/dialog.js";
import { make } from "../ui/element.js";

/** @import {Store} from "../state/store.js" */
/** @import {LessonPanel} from "./panel.js" */
/** @import {ClassState} from "../server/lesson_types.js" */

const AGAIN = 2000; // milliseconds between two looks at the table
const QUIET = 60; // seconds without a report of a student, who may read, or be away
const KEY = "class key";
const LONGEST_NAME = 40;

export class ClassWindow {
  /**
   * @param {Store} store @param {LessonPanel} panel
   * @param {{failed: (error: unknown) => void, token: () => Promise<string | null>}} actions `token` lets others watch
   */
  constructor(store, panel, actions) {
    this.store = store;
    this.panel = panel;
    this.actions = actions;
    this.timer = 0;
    this.words = make("p", { className: "muted" });
    this.link = make("input", { type: "text", readOnly: true, id: "class-link" });
    this.link.setAttribute("aria-label", "Link for the class");
    this.link.onfocus = () => this.link.select();
    this.table = make("table", { className: "class-table" });
    this.openButton = make("button", {
      type: "button",
      className: "primary",
      id: "class-open",
      textContent: "Open the class",
    });
    this.openButton.onclick = () => this.act(() => openClass(panel.file?.text ?? ""));
    this.closeButton = make("button", { type: "button", id: "class-close", textContent: "End the class" });
    this.closeButton.onclick = () => this.act(closeClass);
    const acts = make("div", { className: "maker-acts" }, this.openButton, this.closeButton);
    this.window = dialog("class-window", "class-window", "Class", [], [this.words, this.link, acts, this.table]);
    this.window.addEventListener("close", () => clearTimeout(this.timer));
    panel.foot = () => this.footOf();
    store.on("lesson", () => this.hear());
  }

  /** What a lesson's card has at its foot: the teacher's way to the class, or a student's name. */
  footOf() {
    const { store, panel } = this;
    if (panel.from !== "class") {
      if (store.catalog.view_only) return [];
      return [make("button", { type: "button", id: "class", textContent: "Class …", onclick: () => this.open() })];
    }
    if (sessionStorage.getItem(KEY))
      return [make("span", { className: "muted", textContent: "You are in the class." })];
    const name = make("input", { type: "text", maxLength: LONGEST_NAME, placeholder: "Your name", id: "class-name" });
    name.setAttribute("aria-label", "Your name, for the teacher's table");
    const join = make("button", { type: "submit", textContent: "Join" });
    const form = make("form", { className: "lesson-more" }, name, join);
    form.onsubmit = async (event) => {
      event.preventDefault();
      try {
        const { key } = await joinClass(name.value);
        sessionStorage.setItem(KEY, key);
        this.hear();
        panel.show();
      } catch (error) {
        this.actions.failed(error);
      }
    };
    return [form];
  }

  /** Report to the class, where a student is in one. */
  hear() {
    const { panel } = this;
    const key = sessionStorage.getItem(KEY);
    panel.report = null;
    if (panel.from !== "class" || !panel.isOpen || !key) return;
    for (const [at, { run }] of Object.entries(panel.way.reached))
      reportGoal({ ...panel.askedOf(Number(at), run), key }).catch(() => null); // what was reached before he joined
    panel.report = (asked) =>
      reportGoal({ ...asked, key }).catch((error) => {
        if (error.status === 404) {
          sessionStorage.removeItem(KEY); // the teacher took him out, or ended the class
          panel.report = null;
          panel.show();
        }
        throw error;
      });
  }

  async open() {
    this.window.showModal();
    await this.refresh();
  }

  /** @param {() => Promise<unknown>} what */
  async act(what) {
    try {
      await what();
      await this.refresh();
    } catch (error) {
      this.window.close();
      this.actions.failed(error);
    }
  }

  async refresh() {
    clearTimeout(this.timer);
    const room = await getClass().catch(() => null);
    if (room) await this.show(room);
    if (this.window.open) this.timer = window.setTimeout(() => this.refresh(), AGAIN);
  }

  /** @param {ClassState} room */
  async show(room) {
    const { panel } = this;
    const isThis = room.text !== null && room.text === panel.file?.text;
    this.openButton.hidden = isThis;
    this.openButton.textContent =
      room.text === null ? "Open the class" : `Open it with this lesson, and end “${room.title}”`;
    this.closeButton.hidden = room.text === null;
    this.link.hidden = this.table.hidden = room.text === null;
    if (room.text === null) {
      this.words.textContent =
        "Students open the class's link, type a name, and each goal they reach appears here. " +
        "The server checks it by their runs. Names are kept in memory only, until the class ends.";
      return;
    }
    const token = await this.actions.token();
    const address = new URL("?lesson=class", location.href);
    if (token) address.searchParams.set("token", token);
    if (this.link.value !== address.href) this.link.value = address.href;
    const { students } = room;
    const who = students.length === 1 ? "1 student" : `${count(students.length)} students`;
    const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
    const trains = "The terminal has a link with which each trains for himself.";
    const watches = token ? ` With this link they watch your run; it counts for all. ${trains}` : "";
    const means = students.length ? " ✓ and the step at which his run reached the goal." : "";
    const reach = isLocal
      ? " This address works on this machine only: start the server with --host 0.0.0.0, and open the class there."
      : token
        ? ""
        : " This server asks for its token: the terminal has the class's link with it.";
    this.words.textContent = `“${room.title}”: ${who}.${means}${watches}${reach}`;
    this.fill(room);
  }

  /** @param {ClassState} room */
  fill({ students, steps }) {
    const numbers = Array.from({ length: steps }, (_, k) => k + 1);
    const heads = ["Name", ...numbers.map((k) => `Step ${k}`), "", ""];
    const head = make("tr", {}, ...heads.map((words) => make("th", { scope: "col", textContent: words })));
    const focused = document.activeElement?.closest("tr")?.dataset.number;
    const rows = students.map(({ number, name, reached, seconds }) => {
      const goals = new Map(reached.map(({ step, at }) => [step, at]));
      const cells = numbers.map((k) => {
        const at = goals.get(k);
        return make("td", {
          className: at === undefined ? "" : "reached",
          textContent: at === undefined ? "" : at ? `✓ ${count(at)}` : "✓",
        });
      });
      const quiet = `no news for ${Math.round(seconds / 60)} min`;
      const remove = make("button", { type: "button", className: "quiet", textContent: "Remove" });
      remove.setAttribute("aria-label", `Remove ${name}`);
      remove.onclick = () => this.act(() => removeStudent(number));
      const row = make(
        "tr",
        {},
        make("th", { scope: "row", textContent: name }),
        ...cells,
        make("td", { className: "muted", textContent: seconds > QUIET ? quiet : "" }),
        make("td", {}, remove),
      );
      row.dataset.number = String(number);
      return row;
    });
    this.table.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
    if (focused)
      /** @type {HTMLElement | null} */ (this.table.querySelector(`[data-number="${focused}"] button`))?.focus();
  }
}
