/** − and + on the diagram, for neurons and for layers: they do what the list of layers does. */

import { make } from "../../ui/element.js";

/** @import {Layer} from "../../state/types.js" */
/** @typedef {{layer: number, middle: number}} Column a layer of the diagram, and where its middle is */
/** @typedef {{shows: string, columns: {title: string, layer: number}[]}} Diagram */

const WIDTH = 54; // pixels of a pair of buttons
const MAIN = ["units", "filters"];

export class Steppers {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.mount = mount;
    this.element = make("div", { className: "steppers" });
    mount.body.classList.add("has-steppers");
    mount.body.append(this.element);
    this.depth = make("span", { className: "depth", hidden: true }, "Layers ", ...this.pair("layer", null));
    mount.title.append(this.depth);
    this.made = "";
  }

  /**
   * Two buttons that ask for one less and one more.
   * @param {string} what @param {number | null} layer its position in the network; null for the number of layers
   */
  pair(what, layer) {
    const { store } = this.mount;
    const why = store.whyNot("network");
    return [-1, 1].map((by) => {
      const button = make("button", { type: "button", textContent: by < 0 ? "−" : "+", disabled: Boolean(why) });
      const label =
        layer === null ? (by < 0 ? "A layer less" : "A layer more") : `${what}: ${by < 0 ? "less" : "more"}`;
      button.setAttribute("aria-label", label);
      button.title = why || label;
      button.onclick = () => store.emit("shape", { layer, by });
      return button;
    });
  }

  /** Put buttons under the layers whose width is a choice. @param {Column[]} columns @param {Diagram} picture
   * @param {Layer[]} layers of the network
   */
  show(columns, picture, layers) {
    this.depth.hidden = picture.shows !== "neurons";
    const pitch = columns.length > 1 ? columns[1].middle - columns[0].middle : WIDTH;
    const chosen = columns.slice(1, -1).filter(({ layer }) => {
      const spec = layers[picture.columns[layer].layer ?? -1];
      return spec && MAIN.some((name) => name in spec);
    });
    const shown = pitch < WIDTH ? [] : chosen;
    const why = this.mount.store.whyNot("network");
    const now = JSON.stringify([why, shown.map(({ layer, middle }) => [picture.columns[layer], Math.round(middle)])]);
    if (now === this.made) return;
    this.made = now;
    for (const button of this.depth.querySelectorAll("button")) button.disabled = Boolean(why);
    this.element.replaceChildren(
      ...shown.map(({ layer, middle }) => {
        const { title, layer: position } = picture.columns[layer];
        const group = make("span", {}, ...this.pair(`${title}, layer ${position + 1}`, position));
        group.style.left = `${middle}px`;
        return group;
      }),
    );
  }
}
