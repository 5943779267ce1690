/**
 * Try before you train: a menu of experiments on a copy of the run, and the window of what came out. Escape gives one
 * up.
 */

import { draw } from "../charts/plotly.js";
import { tryOut } from "../server/api.js";
import { edited } from "../state/differences.js";
import { count, told } from "../state/numbers.js";
import { dialog } from "../ui/dialog.js";
import { make, term } from "../ui/element.js";
import { icon } from "../ui/icons.js";
import { opens } from "../ui/menu.js";
import { themed } from "../ui/palette.js";
import { chartOf, described } from "./experiment_chart.js";

/** @import {Store} from "../state/store.js" */
/** @import {Outcome} from "../state/types.js" */

const CHOICES = [
  ["check-up", "Check-up", "Is the untrained network unsure, does what it sees arrive, do its inputs help?"],
  ["overfit-one-batch", "Overfit one batch", "Can it learn 20 examples by heart? If not, it will not learn the rest."],
  ["find-the-rate", "Find the rate", "Where does the loss fall, and where does it explode, as the rate grows?"],
];
const KINDS = { good: "Good", note: "Note", caution: "Caution", ill: "Wrong" };
const SHORTEST = 2; // percent of a bar, so that it can be seen

export class Experiments {
  /**
   * @param {HTMLButtonElement} button opens the menu @param {Store} store
   * @param {{plotly: () => Promise<import("../charts/plotly.js").Plotly>, use: (rate: number) => void}} actions
   */
  constructor(button, store, actions) {
    this.store = store;
    this.actions = actions;
    /** @type {AbortController | null} */
    this.going = null;
    /** @type {Outcome | null} */
    this.outcome = null;
    const choices = CHOICES.map(([name, title, sentence]) => {
      const choice = make("button", { type: "button", id: `try-${name}` });
      choice.append(make("b", { textContent: title }), make("span", { textContent: sentence }));
      choice.onclick = () => {
        this.menu.hidePopover();
        this.open(name, title);
      };
      return choice;
    });
    this.menu = make("div", { id: "try-menu", className: "menu choices" }, ...choices);
    document.body.append(this.menu);
    opens(button, this.menu);
    store.on("catalog", () => {
      button.disabled = store.catalog.view_only;
    });
    this.state = make("p", { className: "muted", id: "experiment-state" });
    this.state.setAttribute("role", "status");
    this.said = make("ul", { className: "statements" });
    this.chart = make("div", { className: "experiment-chart" });
    this.chart.setAttribute("role", "img");
    this.layers = make("div", { className: "spreads" });
    this.foot = make("div", { className: "data-actions" });
    const body = [this.state, this.said, this.chart, this.layers, this.foot];
    this.window = dialog("experiment", "experiment", "", [], body);
    this.window.addEventListener("close", () => {
      this.going?.abort();
      this.going = null;
    });
    new ResizeObserver(() => this.drawSoon()).observe(this.chart);
    new MutationObserver(() => this.drawSoon()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  /** What is tried: the run, or what is chosen where it is in no run yet. */
  get subject() {
    const { run, chosen } = this.store;
    if (run && !edited(this.store).length) return { run: run.id };
    const { speed: _, ...configuration } = chosen;
    return { configuration };
  }

  /** Do an experiment, and show what comes out. @param {string} name @param {string} title */
  async open(name, title) {
    const going = new AbortController();
    this.going = going;
    this.outcome = null;
    const heading = /** @type {HTMLElement} */ (this.window.querySelector("h2"));
    heading.replaceChildren(term(title, `terms/${title.toLowerCase()}`));
    this.window.setAttribute("aria-label", title);
    this.state.textContent =
      "Trying on a copy, for 3 seconds at the most. Your run does not notice. Escape gives it up.";
    for (const part of [this.said, this.layers, this.foot]) part.replaceChildren();
    this.chart.replaceChildren(make("div")); // Plotly wants an element that it has not drawn into before
    this.chart.hidden = false;
    this.chart.classList.add("waiting");
    this.chart.setAttribute("aria-label", "");
    this.window.showModal();
    /** @type {HTMLElement | null} */ (this.window.querySelector("header .quiet"))?.focus();
    /** @type {Outcome} */
    let outcome;
    try {
      outcome = await tryOut(name, this.subject, going.signal);
    } catch (error) {
      if (going.signal.aborted) return;
      this.state.textContent = `It could not be tried: ${/** @type {Error} */ (error).message}`;
      this.chart.hidden = true;
      return;
    }
    if (!going.signal.aborted) await this.show(outcome);
  }

  /** @param {Outcome} outcome */
  async show(outcome) {
    this.outcome = outcome;
    const { statements, layers, suggestion, steps } = outcome;
    this.state.textContent = steps ? `${count(steps)} steps on a copy; your run did not notice.` : "";
    this.said.replaceChildren(
      ...statements.map(({ kind, sentence }) => {
        const mark = make("span", { className: "badge" }, icon(kind));
        const words = make(
          "span",
          {},
          make("b", { className: "visually-hidden", textContent: `${KINDS[kind]}: ` }),
          sentence,
        );
        const item = make("li", {}, mark, words);
        item.dataset.kind = kind;
        return item;
      }),
    );
    this.layers.replaceChildren(...(layers.length ? spreads(layers) : []));
    if (suggestion !== null) {
      const use = make("button", { type: "button", className: "primary", id: "use-rate" });
      use.textContent = `Use this rate: ${told(suggestion)}`;
      use.onclick = () => {
        this.window.close();
        this.actions.use(suggestion);
      };
      this.foot.append(use);
      use.focus();
    }
    this.chart.hidden = !outcome.lines.some(({ x }) => x.length > 1);
    this.chart.setAttribute("aria-label", this.chart.hidden ? "" : described(outcome));
    await this.draw();
  }

  drawSoon() {
    requestAnimationFrame(() => this.draw());
  }

  async draw() {
    const { outcome, chart } = this;
    if (!outcome || chart.hidden || !this.window.open) return;
    const plotly = await this.actions.plotly();
    if (outcome !== this.outcome) return;
    chart.classList.remove("waiting");
    const [line, other, ink, grid, accent] = ["train", "test", "muted", "line", "accent"].map(themed);
    const paper = themed("paper");
    const rate = outcome.evidence.chosen ?? null;
    const { traces, layout } = chartOf(outcome, rate, { line, other, ink, grid, accent, paper });
    draw(plotly, /** @type {HTMLElement} */ (chart.firstElementChild), traces, layout);
  }
}

/**
 * How far apart the answers of each layer are: a row for each, with a bar.
 * @param {import("../state/types.js").Outcome["layers"]} layers
 */
function spreads(layers) {
  const most = Math.max(...layers.map(({ spread }) => spread));
  const rows = layers.map(({ layer, name, spread }) => {
    const bar = make("i");
    bar.style.width = `${spread ? Math.max(SHORTEST, (100 * spread) / most) : 0}%`;
    return make(
      "tr",
      {},
      make("th", { scope: "row", textContent: layer < 0 ? "input" : `${layer + 1} ${name}` }),
      make("td", { className: "bar" }, bar),
      make("td", { textContent: told(Number(spread.toPrecision(3))) }),
    );
  });
  const heading = make(
    "h3",
    {},
    term("How far apart different inputs lie after each layer", "terms/spread of outputs"),
  );
  return [heading, make("table", {}, make("tbody", {}, ...rows))];
}
