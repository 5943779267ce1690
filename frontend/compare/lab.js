/**
 * The laboratory: takes the place of the page for a race or a sweep, and stands in the address. What differs is chosen
 * where the knobs are; the runs are where the picture is, those of a race untrained before it starts.
 */

import { commandGroup, createGroup, deleteGroup, getGroup, listGroups, Refusal } from "../server/api.js";
import { make } from "../ui/element.js";
import { nameOf, rangeOf, shortly, wordsOf } from "./choices.js";
import { Race } from "./race.js";
import { RaceForm } from "./race_form.js";
import { isMany, Sweep } from "./sweep.js";
import { SweepForm } from "./sweep_form.js";

/** @import {Plotly} from "../charts/plotly.js" */
/** @import {Store} from "../state/store.js" */
/** @import {AnyPicture, Group, GroupKind, Run} from "../state/types.js" */
/** @import {Place} from "./choices.js" */

/** @type {Record<GroupKind, string>} */
const TITLES = { race: "Race", sweep: "Sweep" };
const EARLIER = 5;
const PREPARE_AFTER = 300; // milliseconds in which one choice follows another

/**
 * What the laboratory asks of the page.
 * @typedef {object} Actions
 * @property {(run: Run) => void} adopt shows a run alone
 * @property {() => void} left it was closed
 * @property {(error: unknown) => void} failed
 * @property {() => Promise<Plotly>} charts gives Plotly
 * @property {() => Promise<AnyPicture | null>} untrained gives the main picture of the page's run before its first
 * step, as soon as the page has drawn it; null where there is none
 * @property {(there: boolean) => void} connection
 */

export class Lab {
  /** @param {HTMLElement} element @param {Store} store @param {Actions} actions */
  constructor(element, store, actions) {
    this.element = element;
    this.store = store;
    this.actions = actions;
    /** @type {GroupKind} */
    this.kind = "race";
    this.title = make("h2");
    this.earlier = make("span", { className: "lab-earlier" });
    this.words = make("p", { className: "race-words" });
    this.words.setAttribute("role", "status");
    this.head = make("header", { className: "card lab-head" }, this.title, this.words, this.earlier);
    this.back = make("button", { type: "button", id: "lab-close", onclick: () => this.leave() });
    this.back.append("Back to the run ", make("kbd", { textContent: "Esc" }));
    this.place = this.build();
    /** @type {Race | Sweep | null} */
    this.shown = null;
    /** @type {RaceForm | SweepForm | null} */
    this.form = null;
    /** @type {Group | null} a race whose runs are made and wait for the start */
    this.prepared = null;
    this.preparedFor = -1; // the wish that they are of
    /** @type {Promise<void> | null} the runs of a race that are being made */
    this.coming = null;
    this.wish = 0; // the number of the latest choice
    this.preparing = 0;
    addEventListener("pagehide", () => this.forget());
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Whether a run is one of those that are shown. @param {string | undefined} id */
  shows(id) {
    return this.shown?.group.runs.some((run) => run.id === id) ?? false;
  }

  /** Lay out the parts. @returns {Place} */
  build() {
    const place = {
      bar: make("div", { className: "lab-bar" }),
      choices: make("div", { className: "lab-choices" }),
      words: this.words,
      stage: make("div", { className: "lab-stage" }),
    };
    const left = make(
      "div",
      { className: "lab-left" },
      make("section", { className: "card transport" }, place.bar, this.back),
      make("section", { className: "card knobs" }, place.choices),
    );
    this.element.replaceChildren(left, this.head, place.stage);
    return place;
  }

  /**
   * Open the laboratory, with a race or sweep that is there already or to choose a new one.
   * @param {GroupKind} kind @param {string} [id]
   */
  async open(kind, id) {
    if (!this.store.allowed("compare")) return;
    this.close();
    this.kind = kind;
    this.title.textContent = TITLES[kind];
    this.earlier.replaceChildren();
    document.body.classList.add("in-lab");
    this.element.hidden = false;
    const wish = ++this.wish;
    const group = id ? await this.find(kind, id).catch(this.actions.failed) : undefined;
    if (wish !== this.wish || !this.isOpen) return; // something else was opened meanwhile, or it was left
    if (group) {
      this.show(group);
      this.shown?.begin();
      this.tell(group);
    } else this.setUp();
    this.stand(group?.id ?? "");
    this.listEarlier();
    this.back.focus({ preventScroll: true });
  }

  /** Ask for a race or a sweep, without its runs where they are many. @param {GroupKind} kind @param {string} id */
  async find(kind, id) {
    const brief = kind === "sweep" ? await getGroup(id, true) : null;
    return brief && isMany(brief) ? brief : getGroup(id);
  }

  /** Let a person choose what differs. */
  setUp() {
    this.close();
    this.stand("");
    this.say("");
    this.place.choices.inert = false;
    const Form = this.kind === "race" ? RaceForm : SweepForm;
    const { untrained } = this.actions;
    this.form = new Form(this.place, this.store, {
      changed: () => this.change(),
      start: () => this.start(),
      untrained,
    });
    this.change();
  }

  /** What differs is chosen anew: show the runs as they would be. */
  change() {
    this.wish++;
    clearTimeout(this.preparing);
    this.preparing = 0;
    this.say("");
    if (this.kind === "race") this.preparing = window.setTimeout(() => this.prepare(), PREPARE_AFTER);
  }

  /** Make the runs of a race as it is chosen, and show them untrained. */
  prepare() {
    clearTimeout(this.preparing);
    this.preparing = 0;
    this.coming = this.makeUntrained();
    return this.coming;
  }

  async makeUntrained() {
    const { form, wish } = this;
    if (!form) return;
    const group = await this.make({ ...form.request(), start: false });
    if (!group) return;
    if (wish !== this.wish || !this.isOpen) {
      deleteGroup(group.id).catch(() => null);
      return;
    }
    this.shown?.close();
    this.forget();
    this.prepared = group;
    this.preparedFor = wish;
    this.show(group);
  }

  /** The runs of a race as it is chosen now, once they are made; null where that is refused. */
  async asChosen() {
    const isHere = () => this.preparedFor === this.wish;
    if (!this.preparing) await this.coming;
    if (!isHere()) await this.prepare();
    return isHere() ? this.prepared : null;
  }

  /**
   * @param {Record<string, unknown>} request
   * @returns {Promise<Group | null>} null where it was refused, which is said
   */
  async make(request) {
    try {
      return await createGroup({ kind: this.kind, ...request });
    } catch (error) {
      if (error instanceof Refusal && error.status) this.say(error.message, true);
      else this.actions.failed(error);
      return null;
    }
  }

  /** Begin what is chosen. */
  async start() {
    const { form, kind } = this;
    if (!form) return;
    const group = await (kind === "race" ? this.asChosen() : this.make(form.request()));
    if (!group || this.form !== form) return;
    if (kind === "race" && this.prepared !== group) return; // of a double click the second half
    this.prepared = null;
    if (kind === "race") await commandGroup(group.id, "resume").catch(this.actions.failed);
    else this.show(group);
    this.form = null;
    this.place.choices.inert = true; // what runs differs as it was chosen
    form.close();
    this.shown?.begin();
    this.stand(group.id);
    this.listEarlier();
  }

  /** Say something of what is chosen. @param {string} words @param {boolean} [isIll] whether it was refused */
  say(words, isIll = false) {
    this.place.words.textContent = words;
    this.head.classList.toggle("ill", isIll);
  }

  /** Show a race or sweep. @param {Group} group */
  show(group) {
    this.shown?.close();
    const { failed, charts, connection } = this.actions;
    const open = (/** @type {Run} */ run) => {
      this.leave();
      this.actions.adopt(run);
    };
    const again = () => this.setUp();
    const Shown = group.kind === "race" ? Race : Sweep;
    this.shown = new Shown(this.place, this.store, group, { open, again, failed, charts, connection });
  }

  /** Say what differs in one that was chosen before. @param {Group} group */
  tell(group) {
    const words = group.search
      ? group.search.axes.map((axis) => {
          const textContent = `${nameOf(axis.path)}: ${rangeOf(axis, shortly)}`;
          return make("li", { dir: "auto", textContent, title: rangeOf(axis) });
        })
      : group.runs.map((run) => make("li", { dir: "auto", textContent: wordsOf(group.paths, run.group.at) }));
    const title = make("h2", { textContent: `${this.store.taskCalled(group.task).title}: what differs` });
    this.place.choices.replaceChildren(title, make("ul", {}, ...words));
  }

  /** Let the address say what is open. @param {string} id */
  stand(id) {
    const url = new URL(location.href);
    url.searchParams.delete(this.kind === "race" ? "sweep" : "race");
    url.searchParams.set(this.kind, id);
    history.replaceState(history.state, "", url);
  }

  /** Offer the ones that were there before. */
  async listEarlier() {
    const { kind } = this;
    const groups = (await listGroups().catch(() => [])).filter((g) => g.kind === kind && g.id !== this.prepared?.id);
    const buttons = groups
      .reverse()
      .slice(0, EARLIER)
      .map((group) => {
        const when = new Date(1000 * group.created).toLocaleTimeString([], { timeStyle: "short" });
        return make("button", {
          type: "button",
          className: "quiet",
          textContent: `${this.store.taskCalled(group.task).title} ${when}`,
          title: `${group.runs.length} runs`,
          onclick: () => this.open(kind, group.id),
        });
      });
    this.earlier.replaceChildren(...(buttons.length ? ["Earlier:", ...buttons] : []));
  }

  /** Let go the runs of a race that never started. */
  forget() {
    if (this.prepared) deleteGroup(this.prepared.id).catch(() => null);
    this.prepared = null;
  }

  /** End what is shown. */
  close() {
    this.wish++;
    clearTimeout(this.preparing);
    this.preparing = 0;
    this.form?.close();
    this.form = null;
    this.shown?.close();
    this.shown = null;
    this.forget();
    this.say("");
    for (const part of [this.place.bar, this.place.choices, this.place.stage]) part.replaceChildren();
  }

  leave() {
    this.close();
    this.element.hidden = true;
    document.body.classList.remove("in-lab");
    this.actions.left();
  }
}
