/** The way into the glass box, from the page, by key and from a link: what is behind it is loaded when it is opened. */

import { later } from "../server/api.js";
import { byId } from "../ui/element.js";
import { readPlace } from "./place.js";

/** @import {NumberPlace, Store} from "../state/store.js" */
/** @import {GlassBox} from "./glass.js" */
/** @import {GlassPage} from "./opened_step.js" */

const glassBox = later(() => import("./glass.js"));

export class GlassDoor {
  /** @param {Store} store @param {GlassPage} page */
  constructor(store, page) {
    this.store = store;
    this.page = page;
    /** @type {GlassBox | null} */
    this.box = null;
    const button = /** @type {HTMLButtonElement} */ (byId("numbers"));
    button.onclick = () => this.open({});
    store.on("numbers", (/** @type {NumberPlace} */ place) => this.open(place));
    store.on("run", () => this.box?.follow());
  }

  get isOpen() {
    return this.box?.isOpen ?? false;
  }

  /** Open one step of the run on the page, at a number where one is named. @param {NumberPlace} place */
  async open(place) {
    const { store, page } = this;
    await store.ready;
    if (!store.run) return;
    const why = store.whyNot("glass");
    if (why) {
      page.tell(why);
      return;
    }
    try {
      const { GlassBox } = await glassBox();
      this.box ??= new GlassBox(byId("glass"), store, page);
      const near = place.isNear ? { step: page.nearest(place.step ?? 0) ?? null } : {};
      await this.box.open({ step: store.at, ...place, ...near });
    } catch (error) {
      page.failed(error);
    }
  }

  /** Open what an address names. @param {string} search */
  async restore(search) {
    const said = new URLSearchParams(search).get("glass");
    if (said !== null) await this.open(readPlace(said));
  }

  leave() {
    this.box?.leave();
  }

  /** The theme is another one. */
  redraw() {
    this.box?.redraw();
  }

  /** What a key does while it is open. @param {string} key */
  actFor(key) {
    return this.box?.actFor(key);
  }
}
