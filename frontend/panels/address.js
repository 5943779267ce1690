/** The page's address: says all that is chosen, so that a reload, a bookmark and a link bring it back. */

import { legible, readURL, writeURL } from "../state/url.js";

/** @import {Lesson} from "./lesson.js" */
/** @import {Store} from "../state/store.js" */

export class Address {
  /** @param {Store} store @param {Lesson} lesson what the address hides and locks */
  constructor(store, lesson) {
    this.store = store;
    this.lesson = lesson;
  }

  /**
   * Choose what it asks for.
   * @returns {{run: string | null, unknown: string[]}} the run to show, and what was not understood
   */
  read() {
    const { store } = this;
    const { chosen, run, unknown } = readURL(location.search, store.catalog, (name) => store.defaultsOf(name));
    store.chosen = chosen;
    return { run, unknown: [...unknown, ...this.lesson.unknown] };
  }

  write() {
    const { catalog, chosen, run } = this.store;
    const query = new URLSearchParams(writeURL(chosen, this.store.defaultsOf(chosen.task), catalog, run?.id ?? null));
    this.lesson.write(query);
    history.replaceState(null, "", `?${legible(query)}`);
  }
}
