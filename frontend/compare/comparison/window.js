/**
 * Any runs side by side in a window of their own, which stands in the address: their curves over one another, their
 * pictures at the same moment, and their settings.
 */

import { someRuns } from "../../server/api.js";
import { settingsOf } from "../../state/differences.js";
import { dialog } from "../../ui/dialog.js";
import { make } from "../../ui/element.js";
import { select } from "../../ui/field.js";
import { WAYS } from "../across.js";
import { ComparedCurves } from "./curves.js";
import { Member } from "./member.js";
import { Moments } from "./moments.js";
import { ComparedTable } from "./table.js";

/** @import {Plotly} from "../../charts/plotly.js" */
/** @import {Store} from "../../state/store.js" */
/** @import {Run} from "../../state/types.js" */

const MOST = 8;
const DRAW_EVERY = 400;
const QUOTED = 40; // characters of what is no run

/**
 * What the window asks of the page.
 * @typedef {object} Actions
 * @property {(id: string) => void} open shows a run alone
 * @property {() => void} all shows the table of all runs
 * @property {() => void} address says which runs are compared
 * @property {() => Promise<Plotly>} plotly
 * @property {(there: boolean) => void} connection
 * @property {(error: unknown) => void} failed
 */

/**
 * How runs are called: by their names or, where they have none, by their task and what differs.
 * @param {Run[]} runs @param {Store} store
 */
function namesOf(runs, store) {
  const settings = settingsOf(
    runs.filter(({ imported }) => !imported),
    runs[0]?.id ?? "",
    store.catalog,
  );
  return runs.map((run) => {
    if (run.name || run.imported) return run.name || "Trained elsewhere";
    return [store.taskCalled(run.task).title, settings.get(run.id)].filter(Boolean).join(", ");
  });
}

export class Comparison {
  /** @param {Store} store @param {Actions} actions */
  constructor(store, actions) {
    this.store = store;
    this.actions = actions;
    /** @type {Member[]} */
    this.members = [];
    this.wish = 0;
    this.drawing = 0;
    this.said = make("p", { className: "runs-lost", hidden: true });
    this.said.setAttribute("role", "status");
    this.curves = new ComparedCurves(store.catalog.columns, actions.plotly, (card) => store.emit("charts", card));
    this.moments = new Moments((place) => this.curves.point(place));
    this.table = new ComparedTable(store.catalog, (id) => this.open(this.ids.filter((one) => one !== id)));
    const file = (/** @type {string} */ words, /** @type {string} */ download) =>
      make("a", { className: "button", download }, make("span", { textContent: "Export " }), words);
    this.csv = file("CSV", "metrics.csv");
    this.page = file("page", "comparison.html");
    this.csv.title = "All rows of these runs in one table";
    this.page.title = "Curves and settings in one file that needs no server";
    this.parts = [this.curves.element, this.moments.element, this.table.element];
    this.window = this.build();
  }

  build() {
    const axis = select(WAYS, "step", "compared-over", (by) => {
      this.curves.by = by;
      this.moments.over(by);
      this.curves.draw();
    });
    const over = make("label", { className: "muted" }, "over ", axis);
    const all = make("button", { type: "button", textContent: "All runs" });
    all.onclick = () => {
      this.window.close();
      this.actions.all();
    };
    const beside = [over, this.csv, this.page, all];
    const made = dialog("comparison", "comparison", "Runs side by side", beside, [this.said, ...this.parts]);
    made.addEventListener("close", () => this.closed());
    new ResizeObserver(() => this.curves.draw()).observe(this.curves.element);
    return made;
  }

  get ids() {
    return this.members.map(({ run }) => run.id);
  }

  /** Show runs side by side. @param {string[]} wanted their ids */
  async open(wanted) {
    const wish = ++this.wish;
    const ids = [...new Set(wanted.map((id) => id.trim()).filter(Boolean))];
    this.store.compared = ids.join(",");
    if (!this.window.open) this.window.showModal();
    this.actions.address();
    const { runs, words } = await this.find(ids);
    if (wish !== this.wish || !this.window.open) return; // others are wanted meanwhile, or none
    this.say(words);
    this.show(runs);
  }

  /** Find runs, and say which of them are not there. @param {string[]} ids */
  async find(ids) {
    const known = ids.filter((id) => /^\w+$/.test(id)).slice(0, MOST);
    const filter = known.map((id) => `id = "${id}"`).join(" or ");
    let found = /** @type {Run[]} */ ([]);
    try {
      if (known.length) found = await someRuns({ filter, limit: MOST });
    } catch (error) {
      return { runs: [], words: error instanceof Error ? error.message : String(error) };
    }
    const runs = known.flatMap((id) => found.find((run) => run.id === id) ?? []);
    const lost = ids.slice(0, MOST).filter((id) => !runs.some((run) => run.id === id));
    const quoted = lost.map((id) => `“\u2068${id.slice(0, QUOTED)}\u2069”`).join(", ");
    const said = [
      lost.length ? `Not on this server, or not any more: ${quoted}.` : "",
      ids.length > MOST ? `At the most ${MOST} runs stand side by side: these are the first of ${ids.length}.` : "",
      runs.length < 2 ? "Choose at least two in the table of all runs." : "",
    ];
    return { runs, words: said.filter(Boolean).join(" ") };
  }

  /** @param {Run[]} runs */
  show(runs) {
    this.clear();
    const names = namesOf(runs, this.store);
    const actions = {
      rows: () => this.soon(),
      status: () => this.soon(),
      open: (/** @type {Run} */ run) => {
        this.window.close();
        this.actions.open(run.id);
      },
      connection: this.actions.connection,
      failed: this.actions.failed,
    };
    this.members = runs.map((run, k) => new Member(run, names[k], k, this.store, actions));
    for (const part of this.parts) part.hidden = !runs.length;
    this.offerFiles();
    this.curves.show(this.members);
    this.moments.show(this.members);
    this.table.show(this.members);
    this.soon();
  }

  /** Offer files of the runs that are there. */
  offerFiles() {
    const ids = this.members.flatMap(({ run, lane }) => (lane?.isGone ? [] : run.id));
    for (const link of [this.csv, this.page]) link.hidden = !ids.length;
    this.csv.href = `/api/compare/metrics.csv?runs=${ids.join(",")}`;
    this.page.href = `/api/compare/comparison.html?runs=${ids.join(",")}`;
  }

  /** There are more rows, or something else is said of a run. */
  soon() {
    this.drawing ||= window.setTimeout(() => {
      this.drawing = 0;
      this.curves.draw();
      this.table.renew(this.members);
      this.offerFiles();
    }, DRAW_EVERY);
  }

  /** Say something above the curves. @param {string} words the empty string takes it back */
  say(words) {
    this.said.textContent = words;
    this.said.hidden = !words;
  }

  clear() {
    clearTimeout(this.drawing);
    this.drawing = 0;
    for (const member of this.members) member.close();
    this.members = [];
  }

  close() {
    this.window.close();
  }

  closed() {
    this.wish++;
    this.clear();
    this.say("");
    this.store.compared = "";
    this.actions.address();
  }
}
