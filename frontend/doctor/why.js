/**
 * Why?: what a finding means, the numbers that show it, what helps and what that changes, who described it, and what
 * else was found.
 */

import { named, readable } from "../state/catalog.js";
import { count, number, onAxis, significant } from "../state/numbers.js";
import { partsOf } from "../state/parts.js";
import { make } from "../ui/element.js";
import { opens } from "../ui/menu.js";
import { keyOf } from "./findings.js";
import { markOfFindings } from "./mark.js";
import { changed } from "./remedies.js";

/** @import {Store} from "../state/store.js" */
/** @import {Finding} from "../state/types.js" */

const GAP = 6; // pixels around it
const LEAST = 280; // pixels of height in which it can be read

/** What the evidence calls shares of a whole, which are written in per cent. */
export const SHARES = [
  "accuracy",
  "best straight line",
  "change per step",
  "fallen",
  "flat answers",
  "moved",
  "share of the largest class",
  "test accuracy",
];
/** Names that say too little where the sentence does not stand beside them. @type {Record<string, string>} */
export const NAMES = {
  "at step": "lowest at step",
  "best straight line": "right by the best straight line",
  "change per step": "change of the weights per step",
  fallen: "fall of the loss",
  "flat answers": "answers where the slope is flat",
  moved: "way of the weights from their first place",
  length: "length of the gradient",
  swing: "swing of the loss",
  times: "times the loss of the data",
  "times smaller": "times smaller than the last layer’s",
  "usual length": "usual length of the gradient",
};

/** Name a number of the evidence so that it is understood alone. @param {string} name */
export const nameOf = (name) => NAMES[name] ?? readable(name);

/**
 * Write a number of the evidence as a person reads it; a list, by its values.
 * @param {unknown} value @param {string} [name] of the number @returns {string}
 */
export function told(value, name = "") {
  if (Array.isArray(value)) return value.map((one) => told(one, name)).join(", ");
  if (typeof value !== "number") return String(value ?? "–");
  if (SHARES.includes(name)) return `${significant(100 * value, 3).replace("e-", "e−")} %`;
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return count(value);
  if (Math.abs(value) >= 1e9) return onAxis(value);
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
      const room = innerHeight - under.getBoundingClientRect().bottom - 2 * GAP;
      this.panel.style.maxHeight = room > LEAST ? `${room}px` : ""; // where there is room it hides no sentence
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
        make("th", { scope: "row", textContent: nameOf(name) }),
        make("td", { textContent: told(value, name) }),
      ),
    );
    const begun = make("tr", {}, make("th", { scope: "row", textContent: "since step" }), make("td", {}, count(since)));
    return [make("h3", { textContent: "The numbers" }), make("table", {}, make("tbody", {}, ...rows, begun))];
  }

  /** What helps, and what each changes: before → after. @param {Finding} finding */
  remedies(finding) {
    const { run } = this.store;
    if (!finding.remedies.length || !run) return [];
    const rows = finding.remedies.map((remedy, i) => {
      const act = make("button", { type: "button", className: i ? "" : "primary", textContent: remedy.title });
      const locked = this.store.whyNot("doctor", "train", ...partsOf(Object.keys(remedy.changes)));
      act.disabled = locked !== "" || this.store.looksBack;
      act.onclick = () => {
        this.panel.hidePopover();
        this.actions.apply(finding, i);
      };
      const words = changed(run.configuration, remedy.changes).map((line) => make("span", { textContent: line }));
      return make("li", {}, act, ...words, ...(locked ? [make("span", { textContent: locked })] : []));
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
