/** The way to the comparison of any runs, from their table and from an address; what is behind it is loaded then. */

import { loaded } from "../../server/api.js";

/** @import {Store} from "../../state/store.js" */
/** @import {Actions, Comparison} from "./window.js" */

export class ComparisonDoor {
  /** @param {Store} store @param {Actions} actions */
  constructor(store, actions) {
    this.store = store;
    this.actions = actions;
    /** @type {Comparison | null} */
    this.window = null;
  }

  /** Show runs side by side. @param {string[]} ids */
  async open(ids) {
    const { store } = this;
    if (store.catalog.view_only || !store.allowed("runs")) {
      store.compared = "";
      this.actions.address();
      return;
    }
    try {
      const { Comparison } = await loaded(import("./window.js"));
      this.window ??= new Comparison(store, this.actions);
      await this.window.open(ids);
    } catch (error) {
      this.actions.failed(error);
    }
  }

  /** Show those that an address names. @param {string} search */
  async restore(search) {
    const said = new URLSearchParams(search).get("compare");
    if (said !== null) await this.open(said.split(","));
    else this.window?.close();
  }
}
