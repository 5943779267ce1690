/**
 * The way to the table of all runs, by its button and from an address: what is behind it is loaded when it is
 * opened.
 */

import { loaded } from "../server/api.js";

/** @import {Store} from "../state/store.js" */
/** @import {Actions, RunsWindow} from "./window.js" */

export class RunsDoor {
  /** @param {Store} store @param {Actions} actions */
  constructor(store, actions) {
    this.store = store;
    this.actions = actions;
    /** @type {RunsWindow | null} */
    this.window = null;
  }

  /** Load it ahead of the click that a pointer on its button announces. */
  prepare() {
    import("./window.js").catch(() => null); // the click tries again, and says why
  }

  /** @param {string} [search] of an address that says how they are looked at */
  async open(search = "") {
    const { store } = this;
    if (store.catalog.view_only || !store.allowed("runs")) {
      store.table = {};
      this.actions.address();
      return;
    }
    try {
      const { RunsWindow } = await loaded(import("./window.js"));
      this.window ??= new RunsWindow(store, this.actions);
      await this.window.open(search);
    } catch (error) {
      this.actions.failed(error);
    }
  }

  /** Open what an address asks for. @param {string} search */
  async restore(search) {
    if (new URLSearchParams(search).has("runs")) await this.open(search);
    else this.window?.close();
  }
}
