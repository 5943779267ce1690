/** The page's address: says all that is chosen, so that a reload, a bookmark and a link bring it back. */

import { readSeen, writeSeen } from "../pictures/plane/switches.js";
import { legible, readURL, writeURL } from "../state/url.js";

/** @import {Store} from "../state/store.js" */
/** @import {Chosen} from "../state/types.js" */

const [LONGEST, MOST] = [60, 6]; // characters of what is quoted, and how many

export class Address {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.known = location.search; // what it says as far as the page knows: a person may have gone back meanwhile
  }

  /**
   * Read what it asks for, or another address did.
   * @param {string} [search]
   * @returns {{chosen: Chosen, run: string | null, unknown: string[]}} what to choose, the run to show, and
   * what was not understood
   */
  read(search = location.search) {
    const { store } = this;
    this.known = search;
    const query = new URLSearchParams(search);
    store.seen = readSeen(query.get("view"));
    store.compared = query.get("compare") ?? ""; // their windows are loaded later, and a reload may come before
    store.table = Object.fromEntries([...query].filter(([name]) => /^runs(\.|$)/.test(name)));
    const { chosen, run, unknown } = readURL(search, store.catalog, (name) => store.defaultsOf(name));
    return { chosen, run, unknown: [...unknown, ...store.limits.unknown] };
  }

  /** Take it over from whoever wrote it: the laboratory has one of its own. */
  takeBack() {
    this.known = location.search;
    this.write();
  }

  /** Say what was not understood, in words; the empty string where all was. @param {string[]} unknown */
  wordsFor(unknown) {
    const short = unknown.map((said) => (said.length > LONGEST ? `${said.slice(0, LONGEST)} …` : said));
    const many = short.length > MOST ? [...short.slice(0, MOST), `and ${short.length - MOST} more`] : short;
    return many.length ? `Not understood in the address, so the default stands there: ${many.join(", ")}` : "";
  }

  /**
   * Say what is chosen.
   * @param {boolean} [further] whether a person chose another task or run: then Back leads to the one before
   */
  write(further = false) {
    if (location.search !== this.known) return; // where a person is now is shown next
    const { catalog, chosen, run } = this.store;
    if (!catalog || !chosen) return; // nothing is chosen yet
    const query = new URLSearchParams(writeURL(chosen, this.store.defaultsOf(chosen.task), catalog, run?.id ?? null));
    this.store.limits.write(query);
    const seen = writeSeen(this.store.seen);
    if (seen) query.set("view", seen);
    if (this.store.lesson) query.set("lesson", this.store.lesson);
    if (this.store.numbers) query.set("glass", this.store.numbers);
    if (this.store.compared) query.set("compare", this.store.compared);
    for (const [name, said] of Object.entries(this.store.table)) query.set(name, said);
    const url = `?${legible(query)}`;
    if (!further) history.replaceState(null, "", url);
    else if (url !== location.search) history.pushState(null, "", url);
    this.known = location.search;
  }
}
