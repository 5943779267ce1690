/** How high each optimizer stands on the surface: its marker and colour, its name, its height. */

import { number } from "../../state/numbers.js";
import { make } from "../../ui/element.js";
import { markerShape } from "./marker.js";
import { pathColour } from "./surface.js";

/**
 * The height where each optimizer is now (optimizers,), and where all of them began.
 * @typedef {import("../view.js").PictureOf<{heights: Float32Array}, {names: string[], start: number}>} Standings
 */

export class StandingsView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.mount = mount;
    /** @type {Standings | null} */
    this.picture = null;
    this.rows = make("tbody");
    const heads = ["Optimizer", "Height"].map((textContent) => make("th", { textContent, scope: "col" }));
    const table = make("table", { className: "standings" }, make("thead", {}, make("tr", {}, ...heads)), this.rows);
    mount.body.append(table);
  }

  /** @param {Standings} picture */
  draw(picture) {
    this.picture = picture;
    const { names, arrays } = picture;
    if (this.rows.childElementCount !== names.length) this.build(names);
    const lowest = Math.min(...arrays.heights);
    [...this.rows.rows].forEach((row, k) => {
      const height = arrays.heights[k];
      row.cells[1].textContent = number(height);
      row.classList.toggle("lowest", height === lowest);
    });
    this.mount.say(`all began at a height of ${number(picture.start)}; the lower, the better`);
  }

  /** @param {string[]} names */
  build(names) {
    this.rows.replaceChildren(
      ...names.map((name, k) => {
        const words = k ? name : `This run: ${this.mount.store.chosen.optimizer.name}`;
        return make("tr", {}, make("td", {}, markerShape(k, pathColour(k)), words), make("td"));
      }),
    );
  }

  /** Say how low each optimizer is, the lowest first. */
  describe() {
    if (!this.picture) return "";
    const { names, arrays } = this.picture;
    const order = [...names.keys()].sort((a, b) => arrays.heights[a] - arrays.heights[b]);
    return `height: ${order.map((k) => `${names[k]} ${number(arrays.heights[k])}`).join(", ")}`;
  }
}
