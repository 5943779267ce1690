/**
 * Where it is seen: lights up the picture, the layer's row and the knob that the shown finding is about. The charts,
 * the neurons and the table of the layers light up what they draw themselves.
 */

import { isAlarm } from "./findings.js";

/** @import {Store} from "../state/store.js" */
/** @import {Finding} from "../state/types.js" */

/** The settings that a finding's first remedy changes, as paths of their controls. @param {Finding} finding */
export function knobsOf({ remedies }) {
  const changes = remedies[0]?.changes ?? {};
  return Object.entries(changes).flatMap(([path, value]) => {
    if (path === "network") return []; // the layer is lit
    if (value === null || typeof value !== "object" || Array.isArray(value)) return [path];
    return Object.keys(value).map((name) => `${path}.${name}`);
  });
}

export class Evidence {
  /** @param {Store} store @param {() => void} redraw draws the pictures anew */
  constructor(store, redraw) {
    this.store = store;
    this.lit = "";
    let drawn = "";
    store.on("finding", () => {
      this.show();
      const { kind, layer } = store.finding ?? {};
      const now = `${kind} ${layer}`; // pictures show no numbers of it, which change a few times a second
      if (now !== drawn) redraw();
      drawn = now;
    });
    store.on("news", () => this.show()); // what was made anew is lit again
  }

  /** The parts of the page that the finding is about, by selectors. @param {Finding} finding */
  placesOf(finding) {
    const { layer, picture } = finding;
    return [
      ...(picture && picture in this.store.task.pictures ? [`[data-picture="${CSS.escape(picture)}"]`] : []),
      ...(layer === null ? [] : [`#panels .layer[data-path="network.${layer}"]`]),
      ...knobsOf(finding).map((path) => `#panels [data-path="${CSS.escape(path)}"]`),
    ];
  }

  /** Light up what belongs to the finding, and nothing else. */
  show() {
    const { finding } = this.store;
    const places = finding && isAlarm(finding) ? this.placesOf(finding) : [];
    /** @type {Set<HTMLElement>} */
    const wanted = new Set(
      places.flatMap((place) => [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(place))]),
    );
    /** @type {NodeListOf<HTMLElement>} */
    const before = document.querySelectorAll(".lit");
    for (const element of before) if (!wanted.has(element)) element.classList.remove("lit");
    for (const element of wanted) {
      element.classList.add("lit");
      element.dataset.kind = finding?.kind;
    }
  }
}
