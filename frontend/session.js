/**
 * One run's life on the page: made, adopted, renewed, followed, tuned, forked and left, and watched again after a lost
 * connection.
 */

import {
  changeRun,
  checkWeights,
  command,
  createRun,
  deleteRun,
  forkRun,
  getMetrics,
  getRun,
  loadWeights,
  newestRun,
  Refusal,
} from "./server/api.js";
import { Stream } from "./server/stream.js";
import { leaveUnitsToTask } from "./state/catalog.js";
import { edited, editsSince } from "./state/differences.js";
import { isActive, waits } from "./state/status.js";

/** @import {Board} from "./pictures/board.js" */
/** @import {Message} from "./server/stream.js" */
/** @import {Store} from "./state/store.js" */
/** @import {Chosen, News, Run} from "./state/types.js" */

const RENEW_AFTER = 150; // milliseconds in which one choice follows another

/**
 * What the session needs of the page around it. Whoever only wants to know what happens listens to the store.
 * @typedef {object} Page
 * @property {(words: string) => void} say in the banner; the empty string closes it
 * @property {(error: unknown) => void} failed
 * @property {() => void} forgive takes back what was refused on the controls
 * @property {(there: boolean) => void} connection says that the server is not there, or is there again
 * @property {() => void} address lets the address say what is chosen
 * @property {(chosen: Chosen) => void} ask for the data that an address names and this machine does not have
 */

export class Session {
  /** @param {Store} store @param {Board} board where pictures go @param {Page} page */
  constructor(store, board, page) {
    this.store = store;
    this.board = board;
    this.page = page;
    /** @type {Stream | null} */
    this.stream = null;
    this.renewal = 0;
    this.changed = false; // whether what is chosen is in no run yet
    /** @type {Promise<void>} */
    this.lastOrder = Promise.resolve();
    /** What buttons and keys do, each when all that was asked for before is done. */
    this.orders = {
      train: () => this.order(() => this.train()),
      step: () => this.order(() => this.step()),
      reset: () => this.order(() => this.renew(false)),
      seed: () => this.order(() => this.newSeed()),
      stop: () => this.order(() => this.stop()),
      further: () => this.order(() => this.further()),
      speed: (/** @type {number | null} */ speed) => this.order(() => this.setSpeed(speed)),
      load: (/** @type {File} */ file) => this.order(() => this.load(file)),
      fork: (/** @type {number} */ step) => this.order(() => this.fork(step)),
    };
    store.on("look", () => {
      if (!store.looksBack) this.leavePast();
    });
  }

  /**
   * Do what a person asked for, one thing after the other, and show a refusal where it belongs.
   * @param {() => Promise<unknown>} act
   */
  order(act) {
    this.lastOrder = this.lastOrder
      .then(() => this.page.say(""))
      .then(act)
      .then(() => {}, this.page.failed);
    return this.lastOrder;
  }

  /** The run that is on the page; orders come one after the other, and the first makes one. */
  get run() {
    return /** @type {Run} */ (this.store.run);
  }

  // ── made, adopted, renewed ──

  /** Begin with what is chosen. @param {string | null} id of a run that is there already */
  async begin(id) {
    const { store, page } = this;
    const asked = id && /^\w+$/.test(id) ? await getRun(id).catch(() => null) : null;
    const found = asked ?? (store.catalog.view_only ? await newestRun() : null);
    if (found) this.adopt(found);
    else if (store.catalog.view_only) page.say("Nothing is trained here yet. Reload when the lesson has begun.");
    else {
      store.emit("task");
      await this.makeFirst(store.chosen.task);
    }
  }

  /**
   * Make the first run; where the server refuses what the address asks for, the defaults, and say why.
   * @param {string} task
   */
  async makeFirst(task) {
    const { store, page } = this;
    try {
      await this.renew(false);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 422) throw error;
      const asked = store.chosen;
      store.chosen = store.defaultsOf(task);
      store.emit("task");
      await this.renew(false);
      if (error.field === "data.dataset") page.ask(asked);
      else page.say(`The address asks for something that is not allowed: ${error.message}. Here are the defaults.`);
    }
  }

  /**
   * Make a new run of what is chosen. The one on the page is stopped, or forgotten where it never took a step.
   * @param {boolean} start
   */
  async renew(start) {
    clearTimeout(this.renewal);
    this.renewal = 0;
    const old = this.store.run;
    this.changed = false; // what changes while the server answers is newer
    const run = await createRun({ ...this.store.chosen, start }).catch((error) => {
      this.changed = true;
      throw error;
    });
    this.page.forgive();
    this.follow(run);
    if (old && old.id !== run.id) {
      if (old.step === 0) await deleteRun(old.id).catch(() => null);
      else if (isActive(old.status) || waits(old.status)) await command(old.id, "stop").catch(() => null);
    }
    this.store.emit("runs");
  }

  /**
   * A choice changed: begin anew in a moment, training on if it was training. While looking back it waits for its
   * moment.
   */
  renewSoon() {
    if (this.store.looksBack) {
      this.store.emit("edited");
      return;
    }
    this.changed = true;
    clearTimeout(this.renewal);
    this.renewal = window.setTimeout(() => this.order(() => this.renew(isActive(this.store.run?.status))), RENEW_AFTER);
  }

  /**
   * Make sure that what is chosen is what is on the page; where it was refused, it is refused again, in the same place.
   */
  async settle() {
    if (this.changed) await this.renew(false);
  }

  /** Take over a run that the server has already, with all that was chosen for it. @param {Run} run */
  adopt(run) {
    this.takeUp(run);
    this.store.emit("task");
    this.follow(run);
    this.store.emit("runs");
  }

  /** Choose what a run was made from. @param {Run} run */
  takeUp(run) {
    this.changed = false;
    this.store.chosen = structuredClone({ ...run.configuration, speed: run.speed });
    leaveUnitsToTask(this.store.chosen.network);
  }

  /** Come back to now: what was changed while looking back, and not taken anywhere, is as it was. */
  leavePast() {
    if (!this.store.run || !edited(this.store).length) return;
    this.takeUp(this.store.run);
    this.store.emit("choices");
  }

  // ── chosen ──

  /** Begin with all that is chosen for a task. @param {Chosen} chosen */
  choose(chosen) {
    this.order(async () => {
      this.store.chosen = chosen;
      this.store.example = 0;
      this.store.emit("task");
      await this.renew(false);
    });
  }

  /** @param {string} title */
  preset(title) {
    this.order(async () => {
      const { name, presets } = this.store.task;
      this.store.chosen = this.store.defaultsOf(name, presets[title] ?? {});
      this.store.emit("choices");
      await this.renew(false);
    });
  }

  async newSeed() {
    this.store.chosen.seed = Math.floor(Math.random() * 1_000_000);
    this.store.emit("choices");
    await this.renew(isActive(this.store.run?.status));
  }

  /**
   * Change the run as it trains; a new run where that is not possible.
   * @param {{optimizer?: object, data?: object}} changes
   */
  tune(changes) {
    if (this.store.looksBack) {
      this.store.emit("edited");
      return;
    }
    this.order(async () => {
      const { id, status } = this.run;
      if (!isActive(status) && !waits(status)) {
        await this.renew(false);
        return;
      }
      this.update(await changeRun(id, changes));
      this.page.forgive();
      this.page.address();
    });
  }

  /** @param {number | null} speed */
  async setSpeed(speed) {
    this.store.chosen.speed = speed;
    this.update(await changeRun(this.run.id, { speed }));
    this.page.address();
  }

  // ── ordered ──

  async train() {
    const { id, status } = this.run;
    if (isActive(status)) {
      clearTimeout(this.renewal);
      this.update(await command(id, "pause"));
      return;
    }
    await this.settle();
    if (waits(this.run.status)) this.update(await command(this.run.id, "resume"));
    else await this.renew(true);
  }

  async step() {
    await this.settle();
    if (waits(this.run.status)) this.update(await command(this.run.id, "step"));
  }

  async stop() {
    this.update(await command(this.run.id, "stop"));
  }

  /** Let a run that has ended go on: for as many steps again where it did all of them. */
  async further() {
    const { id, step, steps } = this.run;
    this.update(await changeRun(id, { steps: step < steps ? steps : 2 * steps }));
    this.update(await command(id, "resume"));
    this.store.chosen.steps = this.run.steps;
    this.store.emit("choices");
    this.page.address();
  }

  /** Begin a new run of the same network with the weights of a file, where they fit. @param {File} file */
  async load(file) {
    await checkWeights(this.run.id, file); // what is refused leaves the run that is shown as it is
    await this.renew(false);
    this.update(await loadWeights(this.run.id, file));
  }

  /**
   * Go on from a step of the run's history in a new run, with what was changed on the controls since. This one pauses.
   * @param {number} step
   */
  async fork(step) {
    const { id, status, speed } = this.run;
    const run = await forkRun(id, { step, changes: editsSince(this.store), speed });
    if (isActive(status)) await command(id, "pause").catch(() => null);
    this.adopt(run);
  }

  // ── followed, lost and found ──

  /** Show a run: its stream, its rows from the first, its pictures. @param {Run} run */
  follow(run) {
    const { store, board } = this;
    this.stream?.close();
    store.run = run;
    store.emit("run");
    this.followParent(run);
    store.clearRows();
    store.emit("rows");
    this.stream = new Stream(run.id, () => store.next, {
      message: (message) => this.hear(message),
      picture: (picture) => {
        if (picture.run === store.run?.id) board.take(picture);
      },
      lost: () => this.page.connection(false),
      found: () => this.page.connection(true),
      gone: () => this.replace(),
    });
    this.stream.watch(board.watched());
    this.update(run);
    this.page.address();
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

  /** Take in what the stream says. @param {Message} message */
  hear(message) {
    if (message.type === "status") this.update(message);
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
    this.store.emit("news", run.status);
    if (news.error) this.page.say(`${news.status}: ${news.error}`);
    if (run.status !== this.store.run.status) this.store.emit("runs");
    document.body.dataset.status = this.store.run.status;
  }

  /** The server no longer has the run. */
  async replace() {
    this.page.connection(true);
    this.store.run = null;
    await this.order(() => this.renew(false));
    this.page.say("The server no longer has that run; here is a new one with the same choices.");
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
