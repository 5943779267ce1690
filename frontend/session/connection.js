/** The connection to the run on the page: what the server tells of it, and what holds while it tells nothing. */

import { getFindings, getMetrics } from "../server/api.js";
import { Stream } from "../server/stream.js";
import { readable } from "../state/catalog.js";
import { differences, say } from "../state/differences.js";

/** @import {Board} from "../pictures/board.js" */
/** @import {Message} from "../server/stream.js" */
/** @import {Store} from "../state/store.js" */
/** @import {News, Run} from "../state/types.js" */
/** @import {Page} from "./page.js" */

/**
 * What the connection asks of whoever shows the run.
 * @typedef {object} Asks
 * @property {() => boolean} isBusy whether something that was chosen or ordered here is on its way to the server
 * @property {(run: Run) => void} takeUp has chosen what that run was made from
 * @property {() => void} gone the server no longer has the run
 */

export class Connection {
  /** @param {Store} store @param {Board} board where pictures go @param {Page} page @param {Asks} asks */
  constructor(store, board, page, asks) {
    this.store = store;
    this.board = board;
    this.page = page;
    this.asks = asks;
    /** @type {Stream | null} */
    this.stream = null;
    /** @type {Set<string>} paths of what the run has otherwise than before, whoever changed it */
    this.heard = new Set();
    this.ticking = 0; // counts down while the connection is lost
    /** @type {HTMLElement | null} where the focus was when it was lost */
    this.focused = null;
  }

  /** Show a run: its stream, its rows from the first, its pictures. @param {Run} run @param {boolean} [further] */
  follow(run, further = false) {
    const { store, board } = this;
    board.catchUp();
    this.stream?.close();
    store.run = run;
    store.sheet = null;
    store.found = [{ step: run.step, findings: run.findings ?? [] }];
    store.emit("run");
    this.followParent(run);
    this.followFindings(run);
    store.clearRows();
    store.emit("rows");
    const rows = () => {
      board.catchUp(); // what was said is in the store then
      return store.next;
    };
    this.stream = new Stream(run.id, rows, {
      message: (message) =>
        this.goesOn(message) ? board.withPictures(() => this.hear(message)) : this.hearAtOnce(message),
      picture: (picture) => {
        if (picture.run === store.run?.id) board.take(picture);
      },
      lost: (wait) => this.lost(wait),
      found: () => this.found(),
      gone: () => {
        this.found();
        this.asks.gone();
      },
    });
    this.stream.watch(board.watched());
    this.update(run);
    this.page.address(further);
  }

  /** Fetch the rows of the run that this one went on from. @param {Run} run */
  async followParent(run) {
    const { store } = this;
    store.parent = null;
    store.changes = run.changes ?? [];
    if (!run.parent) return;
    const rows = await getMetrics(run.parent.run).catch(() => null);
    if (store.run?.id !== run.id || !rows) return;
    store.parent = rows.columns;
    store.emit("rows");
  }

  /** Fetch what the doctor found before. @param {Run} run */
  async followFindings({ id, step }) {
    const { store } = this;
    if (!step) return;
    const before = await getFindings(id).catch(() => null);
    if (store.run?.id !== id || !before) return;
    const last = before.at(-1)?.step ?? -1;
    store.found = [...before, ...store.found.slice(1).filter((entry) => entry.step > last)];
    store.emit("findings");
  }

  /** Whether training only goes on: nothing that anybody waits for. @param {Message} message */
  goesOn(message) {
    const { run } = this.store;
    if (message.type === "status") return message.status === run?.status && message.revision === run?.revision;
    return message.type === "metrics" || message.type === "findings";
  }

  /** Take in something that is not to wait, after what was said before. @param {Message} message */
  hearAtOnce(message) {
    this.board.catchUp();
    this.hear(message);
  }

  /** Take in what the stream says. @param {Message} message */
  hear(message) {
    if (message.type === "status") this.update(message);
    else if (message.type === "findings") this.store.addFindings(message);
    else if (message.type === "nothing") this.board.setEmpty(message.picture, true);
    else if (message.type === "metrics" && !this.store.addRows(message)) this.stream?.again();
  }

  /**
   * Take in what is newer: an answer to a call may arrive after the stream has already told more.
   * @param {News} news
   */
  update(news) {
    const { run } = this.store;
    if (!run || news.id !== run.id) return;
    if (news.revision < run.revision || (news.revision === run.revision && news.step < run.step)) return;
    this.store.run = { ...run, ...news };
    if (news.changes) this.store.takeChanges(news.changes);
    if (news.configuration)
      for (const { path } of differences(run.configuration, news.configuration)) this.heard.add(path);
    if (news.speed !== undefined && news.speed !== run.speed) this.heard.add("speed");
    if (this.heard.size) this.agree();
    this.store.emit("news", run.status);
    if (news.error && !["diverged", "failed"].includes(news.status)) this.page.say(`${news.status}: ${news.error}`);
    if (run.status !== this.store.run.status) this.store.emit("runs");
    document.body.dataset.status = this.store.run.status;
  }

  /** Take over what was changed in another tab, and say so, as soon as nothing of this one is on its way. */
  agree() {
    const { store, heard } = this;
    if (!store.run || this.asks.isBusy() || store.looksBack || store.lost) return;
    const there = { ...store.run.configuration, speed: store.run.speed };
    const found = differences(store.chosen, there).filter(({ path }) => heard.has(path));
    heard.clear();
    if (!found.length) return;
    for (const { path, after } of found) {
      const [key, name] = path.split(".");
      const owner = /** @type {Record<string, any>} */ (
        name ? store.chosen[/** @type {"data"} */ (key)] : store.chosen
      );
      owner[name ?? key] = structuredClone(after);
    }
    store.emit("choices");
    this.page.address(false);
    const words = found.map(({ path, after }) => `${readable(path.split(".").at(-1) ?? "")} is ${say(after)} now`);
    this.page.tell(`${words.join(", ")}: changed in another tab.`);
  }

  /** Take in that the server is not heard. @param {number} wait milliseconds to the next try */
  lost(wait) {
    const { store } = this;
    if (!store.lost) this.focused = /** @type {HTMLElement | null} */ (document.activeElement);
    store.lost = { until: performance.now() + wait };
    clearInterval(this.ticking);
    this.ticking = window.setInterval(() => store.emit("connection"), 1000);
    store.emit("connection");
  }

  /** Take in that the server is heard; what was changed while it was not is as it was: nobody heard of it. */
  found() {
    const { store } = this;
    if (!store.lost) return;
    store.lost = null;
    clearInterval(this.ticking);
    if (store.run) {
      this.asks.takeUp(store.run);
      store.emit("choices");
    }
    store.emit("connection");
    if (document.activeElement === document.body) this.focused?.focus({ preventScroll: true });
  }

  /** @param {string[]} names of the pictures that are on screen */
  watch(names) {
    this.stream?.watch(names);
  }

  /** @param {number} id of a picture that was drawn, or never will be */
  drawn(id) {
    this.stream?.drawn(id);
  }
}
