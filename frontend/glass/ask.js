/** What can be asked of a number: to work it out oneself, whether its slope is true, what another weight would do. */

import { make } from "../ui/element.js";
import { refusal, refuse } from "../ui/field.js";
import { three } from "./figures.js";
import { keyOf } from "./opened_step.js";

/** @import {Cell} from "../server/one_step.js" */
/** @import {Glass} from "./opened_step.js" */

const RIGHT_WITHIN = 0.01;
const LARGEST = 1e6; // that a weight may be set to

/** Read a number that a person typed, with a true minus or a comma. @param {string} typed */
export const readTyped = (typed) => {
  const text = typed.trim().replace("−", "-").replace(",", ".");
  return text === "" ? Number.NaN : Number(text);
};

/** Whether an answer is right within one percent. @param {number} answer @param {number} value */
export const isRight = (answer, value) =>
  Math.abs(answer - value) <= RIGHT_WITHIN * Math.abs(value) || (value === 0 && answer === 0);

/** What the size of an error says. @type {Record<string, string>} */
const VERDICTS = {
  wrong: "something is wrong",
  doubtful: "doubtful; a corner of the loss may lie between",
  good: "good",
  fine: "fine",
};

export class Ask {
  /** @param {Glass} glass */
  constructor(glass) {
    this.glass = glass;
    /** @type {Cell | null} */
    this.cell = null;
    const button = (/** @type {string} */ words, /** @type {() => void} */ act) =>
      make("button", { type: "button", textContent: words, onclick: act });
    this.blank = button("Blank: I work it out", () => this.hide());
    this.nudge = button("Nudge this weight", () => this.nudgeIt());
    this.set = button("Set this weight, in a fork", () => this.offerSet());
    this.way = button("", () => this.follow());
    this.blank.dataset.term = "terms/blank";
    this.nudge.dataset.term = "terms/nudge";
    this.place = make("div", { className: "glass-answer" });
    this.place.setAttribute("role", "status");
    this.form = make("div", { className: "glass-form" });
    this.why = make("p", { className: "caption" });
    this.equal = make("p", { className: "glass-equal" });
    const title = make("h2", { textContent: "Ask this number" });
    const parts = [title, this.blank, this.way, this.nudge, this.set, this.why, this.form, this.place, this.equal];
    this.element = make("section", { className: "card glass-ask" }, ...parts);
    this.element.setAttribute("aria-label", "Ask this number");
  }

  /** Another number is open. @param {Cell} cell */
  show(cell) {
    if (this.cell !== cell) {
      // the same symbol and place may be another layer's
      this.form.replaceChildren();
      this.place.replaceChildren();
    }
    this.cell = cell;
    const { store, source } = this.glass;
    const isParameter = cell.parameter !== null && cell.parameter !== undefined;
    const locked = store.whyNot("network", "weights");
    this.blank.disabled = cell.value === null;
    this.showWay();
    this.nudge.disabled = !isParameter || !source?.nudge;
    this.set.disabled = !isParameter || locked !== "" || !source?.nudge;
    this.why.textContent = isParameter
      ? source?.nudge
        ? locked
        : "A file cannot nudge or set: open the run on a server."
      : "Update, Nudge and Set are for weights: choose one, double underlined.";
    this.why.hidden = !this.why.textContent;
  }

  /** Where a weight's number leads: from its layer to the update of it, and from there to where it is used. */
  get end() {
    const { glass, cell } = this;
    const at = cell?.parameter;
    if (!at) return null;
    const isUpdate = glass.stop.layer === null;
    const stop = glass.walk.stops.find(({ way, layer }) =>
      isUpdate ? way === "forward" && layer === at.position : way === "update",
    );
    if (!stop) return null;
    const spot = isUpdate ? { symbol: at.name, index: at.index } : { symbol: stop.main, index: [at.k] };
    const known = glass.source?.spots?.(stop.id);
    const isThere =
      !known || known.some(({ symbol, index }) => keyOf(symbol, index) === keyOf(spot.symbol, spot.index));
    return isThere ? { stop, ...spot } : null;
  }

  /** Offer the way there. */
  showWay() {
    this.way.textContent = this.glass.stop.layer === null ? "Go to this weight in its layer" : "Go to its update";
    this.way.disabled = this.end === null;
  }

  follow() {
    const { end } = this;
    if (end) this.glass.choose(end.stop, end.symbol, end.index);
  }

  /** Say whether the step is the one that the run did. @param {boolean | null} isEqual @param {number} step */
  showEqual(isEqual, step) {
    const from = `Step ${step} to ${step + 1} was done again from what the run kept.`;
    const words =
      { true: "✓ Equal bit for bit", false: "Not equal: tell us", null: "Done again" }[String(isEqual)] ?? "";
    const more = isEqual === null ? " The step after it was not kept, so there is nothing to compare it with." : "";
    this.equal.replaceChildren(make("b", { textContent: words, className: isEqual ? "good" : "" }), ` ${from}${more}`);
  }

  // ── blank ──

  /** Hide the number, and let a person work it out. */
  hide() {
    const { cell } = this;
    if (!cell || cell.value === null) return;
    this.glass.blank(cell);
    this.place.replaceChildren();
    const input = make("input", { type: "text", inputMode: "decimal", autocomplete: "off" });
    input.setAttribute("aria-label", "Your answer");
    const said = refusal();
    const row = make("form", { className: "glass-row" }, input, make("button", { textContent: "Check" }));
    const show = make("button", { type: "button", className: "quiet", textContent: "Show it" });
    show.onclick = () => this.reveal("");
    row.onsubmit = (event) => {
      event.preventDefault();
      const answer = readTyped(input.value);
      if (Number.isNaN(answer)) refuse(this.form, "Type a number, as in 0.31.");
      else if (isRight(answer, cell.value ?? 0)) this.reveal(`Right: it is ${cell.shown}.`, "good");
      else {
        refuse(this.form, "");
        this.place.textContent = `${input.value.trim()} is not it: more than 1 % away. The terms above add up to it.`;
        input.select();
      }
    };
    this.form.replaceChildren(make("p", { textContent: "What is it? Within 1 % is right." }), row, show, said);
    input.focus();
  }

  /** @param {string} words @param {string} [kind] */
  reveal(words, kind = "") {
    const hadFocus = this.form.contains(document.activeElement);
    this.form.replaceChildren();
    this.glass.blank(null);
    this.place.replaceChildren(...(words ? [make("b", { className: kind, textContent: words })] : []));
    if (hadFocus) this.blank.focus();
  }

  // ── nudge and set ──

  async nudgeIt() {
    const { glass, cell } = this;
    const { source } = glass;
    if (!cell?.parameter || !source?.nudge) return;
    const { position, name, index } = cell.parameter;
    this.form.replaceChildren();
    this.place.textContent = "Moving it a little to both sides …";
    try {
      const found = await source.nudge(glass.opened.walk.step, { position, name, index });
      if (this.cell !== cell) return;
      const { above, below, measured, computed, error, verdict, h } = found;
      const row = (/** @type {string} */ words, /** @type {string} */ value) =>
        make("div", {}, make("dt", { textContent: words }), make("dd", { textContent: value }));
      this.place.replaceChildren(
        make(
          "dl",
          {},
          row(`loss at w + ${h}`, above.toPrecision(9)),
          row(`loss at w − ${h}`, below.toPrecision(9)),
          row("slope measured", measured.toPrecision(6).replace("-", "−")),
          row("back-propagation", computed.toPrecision(6).replace("-", "−")),
          row("relative error", `${error.toExponential(1).replace("-", "−")}: ${VERDICTS[verdict] ?? verdict}`),
        ),
      );
    } catch (error) {
      if (this.cell === cell) this.place.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** Let a person type another value for the weight. */
  offerSet() {
    const { glass, cell } = this;
    const at = cell?.parameter;
    if (!cell || !at) return;
    this.place.replaceChildren();
    const input = make("input", { type: "text", inputMode: "decimal", autocomplete: "off" });
    input.value = three(glass.valueOf(cell)).replace("−", "-");
    input.setAttribute("aria-label", "The weight's new value");
    const said = refusal();
    const row = make("form", { className: "glass-row" }, input, make("button", { textContent: "Set" }));
    row.onsubmit = (event) => {
      event.preventDefault();
      const value = readTyped(input.value);
      if (Number.isNaN(value) || Math.abs(value) > LARGEST) {
        refuse(this.form, `Type a number from −1,000,000 to 1,000,000; got ${input.value.trim() || "nothing"}.`);
        return;
      }
      glass.setWeight(at, value, (words) => refuse(this.form, words));
    };
    this.form.replaceChildren(make("p", { textContent: "A new run goes on from this step with it:" }), row, said);
    input.focus();
    input.select();
  }
}
