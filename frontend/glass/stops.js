/** The bar of stops: the walk there, where it turns round, and the walk back, which is dashed and hatched. */

import { make } from "../ui/element.js";

/** @import {Stop} from "../server/one_step.js" */

/** Name a stop shortly: "Dense 12". @param {Stop} stop */
export const nameOf = ({ way, kind, title }) => {
  const units = /\((\d+)\)/.exec(title)?.[1];
  if (way === "loss") return "Loss";
  if (way === "penalty") return "Penalty";
  if (way === "clipping") return "Clipping";
  return way === "update" ? "Update" : units ? `${kind} ${units}` : kind;
};

export class StopBar {
  /** @param {(at: number) => void} go */
  constructor(go) {
    this.go = go;
    this.element = make("nav", { className: "glass-stops" });
    this.element.setAttribute("aria-label", "Stops of the walk");
    /** @type {HTMLButtonElement[]} */
    this.buttons = [];
    /** @type {Stop[]} */
    this.stops = [];
  }

  /** @param {Stop[]} stops */
  show(stops) {
    this.stops = stops;
    this.buttons = stops.map((stop, at) => {
      const button = make("button", { type: "button", className: `glass-stop ${stop.way}`, textContent: nameOf(stop) });
      const layer = stop.layer === null ? "" : `, layer ${stop.layer + 1}`;
      button.setAttribute("aria-label", `${nameOf(stop)}${layer}, ${stop.way}`);
      button.dataset.stop = stop.id;
      button.onclick = () => this.go(at);
      return button;
    });
    const turn = make("span", { className: "glass-turn", title: "Here it turns round" });
    turn.setAttribute("aria-hidden", "true");
    const back = stops.findIndex(({ way }) => way === "backward");
    const before = back < 0 ? this.buttons : this.buttons.slice(0, back);
    this.element.replaceChildren(...before, ...(back < 0 ? [] : [turn, ...this.buttons.slice(back)]));
  }

  /** Mark where one is. @param {number} at */
  mark(at) {
    for (const [i, button] of this.buttons.entries()) {
      if (i === at) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    }
    const [bar, button] = [this.element, this.buttons[at]];
    if (!button) return;
    const [left, right] = [button.offsetLeft - bar.offsetLeft, button.offsetLeft - bar.offsetLeft + button.offsetWidth];
    if (left < bar.scrollLeft || right > bar.scrollLeft + bar.clientWidth)
      bar.scrollLeft = (left + right - bar.clientWidth) / 2;
  }

  /** Light the stops from which a number comes, or to which it goes. @param {Set<string>} ids */
  light(ids) {
    for (const [i, button] of this.buttons.entries()) button.classList.toggle("linked", ids.has(this.stops[i].id));
  }
}
