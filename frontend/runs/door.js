/**
 * The way to a window over many runs, by a button and from an address: its modules and its style are loaded when it is
 * opened, or shortly before.
 */

import { fileOf, later } from "../server/api.js";
import { make } from "../ui/element.js";

/** @import {Store} from "../state/store.js" */

/**
 * A window behind a door.
 * @template A what it is asked to show
 * @typedef {{open: (asked: A) => Promise<void>, close: () => void}} Opened
 */
/**
 * How a door leads to its window.
 * @template A
 * @typedef {object} Way
 * @property {string} sheet the file of its style
 * @property {() => Promise<() => Opened<A>>} load what makes the window, as soon as its modules are there
 * @property {(query: URLSearchParams) => A | null} read what an address asks for; null where it does not
 * @property {() => void} forget takes that back, for who may not see it
 * @property {boolean} [watched] whether visitors may see it, who may change nothing
 * @property {() => void} address says what is shown
 * @property {(error: unknown) => void} failed
 */

/** @template A */
export class Door {
  /** @param {Store} store @param {Way<A>} way */
  constructor(store, way) {
    this.store = store;
    this.way = way;
    this.load = later(way.load);
    /** @type {Opened<A> | null} */
    this.window = null;
    /** @type {Promise<unknown> | null} */
    this.dressing = null;
  }

  /** Whether who is here may see it. */
  get isOpenTo() {
    const { store, way } = this;
    return store.allowed("runs") && (!store.catalog.view_only || Boolean(way.watched));
  }

  /** Load it ahead of the click that is likely now. */
  prepare() {
    if (this.window || !this.isOpenTo) return;
    this.dress();
    this.load().catch(() => null); // the click tries again, and says why
  }

  /** Load its style, once. */
  dress() {
    this.dressing ??= new Promise((resolve) => {
      const link = make("link", { rel: "stylesheet", href: fileOf(this.way.sheet) });
      link.onload = resolve;
      link.onerror = () => {
        link.remove();
        this.dressing = null; // the next time tries again
        resolve(undefined);
      };
      document.head.append(link);
    });
    return this.dressing;
  }

  /** @param {A} asked */
  async open(asked) {
    const { way } = this;
    if (!this.isOpenTo) {
      way.forget();
      way.address();
      return;
    }
    try {
      const [made] = await Promise.all([this.load(), this.dress()]);
      this.window ??= made();
      await this.window.open(asked);
    } catch (error) {
      way.failed(error);
    }
  }

  /** Open what an address asks for. @param {string} search */
  async restore(search) {
    const asked = this.way.read(new URLSearchParams(search));
    if (asked !== null) await this.open(asked);
    else this.window?.close();
  }
}
