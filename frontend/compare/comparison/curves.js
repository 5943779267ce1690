/** The curves of several runs over one another: two charts, of any metric that one of them has, over the same. */

import { ChartCard } from "../../charts/chart_card.js";
import { make } from "../../ui/element.js";
import { across, curveOf } from "../across.js";

/** @import {ChartCard as Card} from "../../charts/chart_card.js" */
/** @import {Plotly} from "../../charts/plotly.js" */
/** @import {MetricsColumn} from "../../state/types.js" */
/** @import {Member} from "./member.js" */

/** What each chart shows at first, the best that there is. */
const FIRST = [
  ["test_loss", "loss"],
  ["test_accuracy", "accuracy", "loss"],
];

const NARROW = 30; // rem of both charts below which there is no room for names at the curves' ends
const LONGEST = 32; // characters of a name there

/** @param {string} words */
const titled = (words) => words[0].toUpperCase() + words.slice(1);

export class ComparedCurves {
  /**
   * @param {MetricsColumn[]} all the metrics that there are @param {() => Promise<Plotly>} plotly
   * @param {(card: Card) => void} offer gives a chart its menu
   */
  constructor(all, plotly, offer) {
    this.all = all;
    this.plotly = plotly;
    /** @type {Member[]} */
    this.members = [];
    this.by = "step";
    this.said = make("p", { className: "muted" });
    this.names = make("ul", { className: "compared-names", hidden: true });
    this.names.setAttribute("aria-label", "Runs in these curves");
    this.slots = FIRST.map((first, k) => {
      const select = make("select", { className: "chart-choice" });
      select.setAttribute("aria-label", "Which curves");
      const card = new ChartCard(k ? "Second curves" : "First curves");
      card.heading.replaceChildren(select);
      card.owner = "runs";
      offer(card);
      const slot = { select, card, first, wanted: "" };
      select.onchange = () => {
        slot.wanted = select.value;
        this.draw();
      };
      return slot;
    });
    const charts = make("div", { className: "compared-curves" }, ...this.slots.map(({ card }) => card.element));
    this.element = make("section", {}, charts, this.names, this.said);
    this.element.setAttribute("aria-label", "Curves");
  }

  /** @param {Member[]} members */
  show(members) {
    this.members = members;
    for (const slot of this.slots) slot.wanted = "";
    this.names.replaceChildren(
      ...members.map(({ words, colour, called }) => {
        const name = make("li", { title: called, textContent: words, dir: "ltr" });
        name.style.setProperty("--own", colour);
        return name;
      }),
    );
  }

  /** Whether the runs are named below the curves: at their ends there is no room for all of a name. */
  get isNamedBelow() {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const isNarrow = this.element.clientWidth < NARROW * rem;
    return isNarrow || this.members.some(({ called }) => called.length > LONGEST);
  }

  /** The metrics that one of the runs has. */
  get measured() {
    return this.all.filter(({ name }) => this.members.some(({ columns }) => columns[name]?.some((v) => v !== null)));
  }

  async draw() {
    const plotly = await this.plotly().catch(() => null);
    const { measured, by } = this;
    if (!plotly || !measured.length) return;
    const { isNamedBelow } = this;
    this.names.hidden = !isNamedBelow;
    for (const { select, card, first, wanted } of this.slots) {
      const name = wanted || first.find((one) => measured.some((metric) => metric.name === one)) || measured[0].name;
      const metric = measured.find((one) => one.name === name) ?? measured[0];
      const titles = measured.map((one) => one.title).join();
      if (select.dataset.titles !== titles)
        select.replaceChildren(...measured.map((one) => new Option(titled(one.title), one.name)));
      select.dataset.titles = titles;
      select.value = metric.name;
      card.words = `${titled(metric.title)} over ${by}`;
      const curves = this.members
        .map((member) => curveOf(member, member.columns, by, metric.name))
        .filter(({ y }) => y.some((v) => v !== null))
        .map((curve) => (isNamedBelow ? { ...curve, label: curve.name.split(" ")[0] } : curve));
      card.draw(plotly, { curves, over: by, scale: metric.share ? "share" : "log", marks: [] });
    }
    const lost = this.members.filter(({ columns, run }) => !across(columns, run, by));
    const names = lost.map(({ words }) => words).join(", ");
    this.said.textContent = lost.length
      ? `Not over ${by}, because nobody knows how large its epochs were: ${names}`
      : "";
  }

  /** Point at a place, or at none. @param {number | null} place */
  point(place) {
    for (const { card } of this.slots) card.point(place);
  }
}
