/** The way into the laboratory, from the page and from an address: what is behind it is loaded when it is opened. */

import { later } from "../server/api.js";
import { byId } from "../ui/element.js";

/** @import {Store} from "../state/store.js" */
/** @import {GroupKind} from "../state/types.js" */
/** @import {Actions, Lab} from "./lab.js" */

const KINDS = /** @type {const} */ (["race", "sweep"]);

const laboratory = later(() => import("./lab.js"));

export class LabDoor {
  /** @param {HTMLElement} element @param {Store} store @param {Actions} actions */
  constructor(element, store, actions) {
    this.element = element;
    this.store = store;
    this.actions = actions;
    /** @type {Lab | null} */
    this.lab = null;
    for (const kind of KINDS) {
      byId(kind).onclick = async () => {
        byId("compare-menu").hidePopover();
        await store.ready;
        await this.open(kind);
      };
    }
  }

  get isOpen() {
    return this.lab?.isOpen ?? false;
  }

  /** Whether a run is one of those that are shown. @param {string | undefined} id */
  shows(id) {
    return this.lab?.shows(id) ?? false;
  }

  /**
   * Open the laboratory, with a race or sweep that is there already or to choose a new one.
   * @param {GroupKind} kind @param {string} [id]
   */
  async open(kind, id) {
    if (!this.store.allowed("compare")) return;
    try {
      const { Lab } = await laboratory();
      this.lab ??= new Lab(this.element, this.store, this.actions);
    } catch (error) {
      this.actions.failed(error);
      return;
    }
    await this.lab.open(kind, id);
  }

  /** Open what an address asks for. @param {string} search */
  async restore(search) {
    const query = new URLSearchParams(search);
    const kind = KINDS.find((one) => query.has(one));
    if (kind) await this.open(kind, query.get(kind) ?? "");
  }

  leave() {
    this.lab?.leave();
  }
}
