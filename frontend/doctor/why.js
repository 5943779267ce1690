/**
 * Why?: what a finding means, the numbers that show it, what helps and what that changes, who described it, and what
 * else was found.
 */

import { named, readable } from "../state/catalog.js";
import { count, number } from "../state/numbers.js";
import { make } from "../ui/element.js";
import { opens } from "../ui/menu.js";
import { keyOf } from "./findings.js";
import { markOfFindings } from "./mark.js";
import { changed } from "./remedies.js";

/** @import {Store} from "../state/store.js" */
/** @import {Finding} from "../state/types.js" */

/**
 * Write a number of the evidence as a person reads it; a list, by its values.
 * @param {any} value @returns {string}
 */
export function told(value) {
  if (Array.isArray(value)) return value.map(told).join(", ");
  if (typeof value !== "number") return String(value ?? "–");
  if (Number.isInteger(value)) return count(value);
  return Math.abs(value) >= 1000 ? count(Math.round(value)) : number(value).replace("e-", "e−").replace(/^-/, "−");
}

export class Why {
  /**
   * @param {HTMLButtonElement} button that opens it @param {HTMLElement} under what it lies under @param {Store} store
   * @param {{apply: (finding: Finding, remedy: number) => void, bring: (finding: Finding) => void}} actions
   * `bring` lets the evidence be seen, which may lie under a tab
   */
  constructor(button, under, store, actions) {
    this.store = store;
    this.actions = actions;
    this.shown = "";
    this.panel = make("section", { id: "why", className: "why" });
    this.panel.setAttribute("aria-label", "Why?");
    document.body.append(this.panel);
    const opened = () => {
      this.build();
      if (store.finding) actions.bring(store.finding);
    };
    opens(button, this.panel, opened, under);
    store.on("finding", () => {
      if (!this.panel.matches(":popover-open")) return;
      if (!store.finding) this.panel.hidePopover();
      else if (keyOf(store.finding) !== this.shown) this.build();
    });
  }

  build() {
    const { finding, findings, run } = this.store;
    this.shown = keyOf(finding);
    if (!finding) return;
    const cause = named(this.store.catalog.causes, finding.cause);
    const others = findings.filter((one) => keyOf(one) !== this.shown);
    const close = make("button", { type: "button", className: "quiet", textContent: "Close" });
    close.onclick = () => this.panel.hidePopover();
    this.panel.replaceChildren(
      make("header", {}, make("h2", {}, markOfFindings([finding], true)), close),
      make("p", { className: "why-sentence", textContent: finding.sentence }),
      ...(cause ? [make("p", { textContent: cause.help })] : []),
      ...this.evidence(finding),
      ...this.remedies(finding),
      ...(cause ? [make("p", {}, make("b", { textContent: "In general: " }), cause.advice)] : []),
      ...(others.length ? [make("h3", { textContent: "Also found" }), this.others(others)] : []),
      ...(cause ? [make("p", { className: "muted source", textContent: `Described by ${cause.source}.` })] : []),
    );
    this.panel.dataset.kind = finding.kind;
    this.panel.dataset.step = String(run?.step ?? 0);
  }

  /** The numbers that show it. @param {Finding} finding */
  evidence({ evidence, since }) {
    const rows = Object.entries(evidence).map(([name, value]) =>
      make(
        "tr",
        {},
        make("th", { scope: "row", textContent: readable(name) }),
        make("td", { textContent: told(value) }),
      ),
    );
    const begun = make("tr", {}, make("th", { scope: "row", textContent: "since step" }), make("td", {}, count(since)));
    return [make("h3", { textContent: "The numbers" }), make("table", {}, make("tbody", {}, ...rows, begun))];
  }

  /** What helps, and what each changes: before → after. @param {Finding} finding */
  remedies(finding) {
    const { run, catalog } = this.store;
    if (!finding.remedies.length || !run) return [];
    const rows = finding.remedies.map((remedy, i) => {
      const act = make("button", { type: "button", className: i ? "" : "primary", textContent: remedy.title });
      act.disabled = catalog.view_only || this.store.looksBack;
      act.onclick = () => {
        this.panel.hidePopover();
        this.actions.apply(finding, i);
      };
      const words = changed(run.configuration, remedy.changes).map((line) => make("span", { textContent: line }));
      return make("li", {}, act, ...words);
    });
    const note = make("p", {
      className: "muted",
      textContent: "A repaired copy trains beside this run; nothing is lost.",
    });
    return [make("h3", { textContent: "What helps" }), make("ul", { className: "why-remedies" }, ...rows), note];
  }

  /** @param {Finding[]} others */
  others(others) {
    return make(
      "ul",
      { className: "why-others" },
      ...others.map((one) =>
        make("li", {}, markOfFindings([one], true), make("span", { textContent: ` ${one.sentence}` })),
      ),
    );
  }
}
