/** The moments of several runs under one scrubber: at each, every run shows how it was then. */

import { endWords } from "../../charts/axis.js";
import { onAxis } from "../../state/numbers.js";
import { make } from "../../ui/element.js";
import { fill } from "../../ui/field.js";

/** @import {Member} from "./member.js" */

const DIGITS = 9; // in which places are told apart

export class Moments {
  /** @param {(place: number | null) => void} looked hears where the runs are looked at; null is now */
  constructor(looked) {
    this.looked = looked;
    /** @type {Member[]} */
    this.members = [];
    this.by = "step";
    /** @type {number[]} */
    this.places = [];
    /** @type {number | null} the place that is looked at */
    this.at = null;
    /** @type {number | null | undefined} the one that is wanted next */
    this.wanted = undefined;
    this.isGoing = false;
    this.handle = make("input", { type: "range", min: "0", max: "0", step: "1", value: "0" });
    this.handle.setAttribute("aria-label", "Moment of all runs");
    this.handle.oninput = () => this.go(this.places[Number(this.handle.value)] ?? null);
    this.handle.onfocus = () => this.refresh();
    this.said = make("b");
    this.now = make("button", { type: "button", textContent: "Live", disabled: true, onclick: () => this.go(null) });
    const words = make("span", { textContent: "Look back at all" });
    this.bar = make("div", { className: "race-rewind card moments" }, words, this.handle, this.said, this.now);
    this.lanes = make("div", { className: "compared-lanes" });
    this.element = make("section", {}, this.bar, this.lanes);
    this.element.setAttribute("aria-label", "Pictures");
  }

  /** @param {Member[]} members */
  show(members) {
    this.members = members;
    this.at = null;
    this.wanted = undefined;
    this.lanes.replaceChildren(...members.map(({ element }) => element));
    this.bar.hidden = members.every(({ lane }) => !lane);
    this.refresh().then(() => Promise.all(members.map((member) => member.warm())));
  }

  /** Ask which snapshots there are now. */
  async refresh() {
    const { members } = this;
    await Promise.all(members.map(({ lane }) => lane?.history.refresh().catch(() => null)));
    if (members === this.members) this.lay();
  }

  /** Count the moments over something else. @param {string} by */
  over(by) {
    this.by = by;
    if (this.at !== null) this.go(null);
    this.lay();
  }

  /** Lay out the moments: those of all runs, in order. */
  lay() {
    const all = this.members.flatMap((member) => member.moments(this.by)).map((at) => Number(at.toPrecision(DIGITS)));
    this.places = [...new Set(all)].sort((a, b) => a - b);
    this.handle.max = String(Math.max(0, this.places.length - 1));
    this.handle.disabled = !this.places.length;
    this.stand();
  }

  /** Let the slider stand and say where the runs are looked at. */
  stand() {
    const { at, places } = this;
    const k = at === null ? places.length - 1 : places.findIndex((place) => place >= at);
    this.handle.value = String(k < 0 ? places.length - 1 : k);
    this.said.textContent = at === null ? "now" : this.by === "step" ? `step ${onAxis(at)}` : endWords(this.by, at);
    fill(this.handle, this.said.textContent);
    this.now.disabled = at === null;
  }

  /**
   * Look at a place; while one is on its way, only the latest that is wanted comes next.
   * @param {number | null} place null is now
   */
  async go(place) {
    this.wanted = place;
    if (this.isGoing) return;
    this.isGoing = true;
    while (this.wanted !== undefined) {
      const { members, wanted } = this;
      this.wanted = undefined;
      this.at = wanted;
      this.stand();
      this.looked(wanted);
      await Promise.all(members.map((member) => member.look(this.by, wanted)));
      this.element.dataset.at = String(wanted ?? "now");
    }
    this.isGoing = false;
  }
}
