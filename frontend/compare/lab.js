/** The laboratory: takes the place of the page for a race or a sweep, and stands in the address. */

import { getGroup, listGroups } from "../server/api.js";
import { byId, make } from "../ui/element.js";
import { Race } from "./race.js";
import { RaceForm } from "./race_form.js";
import { Sweep } from "./sweep.js";
import { SweepForm } from "./sweep_form.js";

/** @import {Plotly} from "../charts/plotly.js" */
/** @import {Store} from "../state/store.js" */
/** @import {Group, GroupKind, Run} from "../state/types.js" */

/** @type {Record<GroupKind, string>} */
const TITLES = { race: "Race", sweep: "Sweep" };
const EARLIER = 5;

/**
 * What the laboratory asks of the page.
 * @typedef {object} Actions
 * @property {(run: Run) => void} adopt shows a run alone
 * @property {() => void} left it was closed
 * @property {(error: unknown) => void} failed
 * @property {() => Promise<Plotly>} charts gives Plotly
 * @property {(there: boolean) => void} connection
 */

export class Lab {
  /** @param {HTMLElement} element @param {Store} store @param {Actions} actions */
  constructor(element, store, actions) {
    this.element = element;
    this.store = store;
    this.actions = actions;
    this.body = make("div", { className: "lab-body" });
    this.earlier = make("span", { className: "lab-earlier" });
    /** @type {Race | Sweep | null} */
    this.shown = null;
    for (const kind of /** @type {const} */ (["race", "sweep"])) {
      byId(kind).onclick = async () => {
        byId("compare-menu").hidePopover();
        await store.ready;
        await this.open(kind);
      };
    }
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /**
   * Open the laboratory, with a race or sweep that is there already or to choose a new one.
   * @param {GroupKind} kind @param {string} [id]
   */
  async open(kind, id) {
    this.close();
    const back = make("button", {
      type: "button",
      id: "lab-close",
      textContent: "Back to the run",
      title: "Back (Esc)",
      onclick: () => this.leave(),
    });
    this.body = make("div", { className: "lab-body" });
    this.earlier = make("span", { className: "lab-earlier" });
    const head = make("header", {}, make("h2", { textContent: TITLES[kind] }), this.earlier, back);
    this.element.replaceChildren(head, this.body);
    document.body.classList.add("in-lab");
    this.element.hidden = false;
    const { body } = this;
    const group = id ? await getGroup(id).catch(this.actions.failed) : undefined;
    if (body !== this.body || !this.isOpen) return; // something else was opened meanwhile, or it was left
    if (group) this.show(group);
    else this.setUp(kind);
    this.stand(kind, group?.id ?? "");
    this.listEarlier(kind);
    back.focus({ preventScroll: true });
  }

  /** Let a person choose what differs. @param {GroupKind} kind */
  setUp(kind) {
    this.close();
    const started = (/** @type {Group} */ group) => {
      this.stand(kind, group.id);
      this.listEarlier(kind);
      this.show(group);
    };
    const Form = kind === "race" ? RaceForm : SweepForm;
    new Form(this.body, this.store, { started, failed: this.actions.failed });
  }

  /** Show a race or sweep that is there. @param {Group} group */
  show(group) {
    this.close();
    const { failed, charts, connection } = this.actions;
    const open = (/** @type {Run} */ run) => {
      this.leave();
      this.actions.adopt(run);
    };
    const again = () => this.setUp(group.kind);
    const Shown = group.kind === "race" ? Race : Sweep;
    this.shown = new Shown(this.body, this.store, group, { open, again, failed, charts, connection });
  }

  /** Open what an address asks for. @param {string} search */
  async restore(search) {
    const query = new URLSearchParams(search);
    for (const kind of /** @type {const} */ (["race", "sweep"])) {
      const id = query.get(kind);
      if (id === null) continue;
      await this.open(kind, id);
      return;
    }
  }

  /** Let the address say what is open. @param {GroupKind} kind @param {string} id */
  stand(kind, id) {
    const url = new URL(location.href);
    url.searchParams.delete(kind === "race" ? "sweep" : "race");
    url.searchParams.set(kind, id);
    history.replaceState(null, "", url);
  }

  /** Offer the ones that were there before. @param {GroupKind} kind */
  async listEarlier(kind) {
    const groups = (await listGroups().catch(() => [])).filter((g) => g.kind === kind);
    const buttons = groups
      .reverse()
      .slice(0, EARLIER)
      .map((group) => {
        const when = new Date(1000 * group.created).toLocaleTimeString([], { timeStyle: "short" });
        return make("button", {
          type: "button",
          className: "quiet",
          textContent: `${group.task} ${when}`,
          title: `${group.runs.length} runs`,
          onclick: () => this.open(kind, group.id),
        });
      });
    this.earlier.replaceChildren(...buttons);
  }

  /** End what is shown. */
  close() {
    this.shown?.close();
    this.shown = null;
  }

  leave() {
    this.close();
    this.element.hidden = true;
    this.element.replaceChildren();
    document.body.classList.remove("in-lab");
    this.actions.left();
  }
}
