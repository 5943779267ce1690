/** One session at the page: what a person orders, done one thing after the other with the run that is shown. */

import { atLast, changeRun, command, deleteRun, findRun, getRun, later, newestRun, Refusal } from "./server/api.js";
import { ShownRun, stepsOn } from "./session/shown_run.js";
import { drawsData, SAME_DATA } from "./state/catalog.js";
import { edited, editsSince } from "./state/differences.js";
import { Limits, Locked } from "./state/parts.js";
import { isActive, isReopenable, waits } from "./state/status.js";

/** @import {Board} from "./pictures/board.js" */
/** @import {Page} from "./session/page.js" */
/** @import {Store} from "./state/store.js" */
/** @import {Before} from "./state/undoing.js" */
/** @import {Chosen, Finding, Run} from "./state/types.js" */

const anySeed = () => Math.floor(Math.random() * 1_000_000);

// what no first picture needs is loaded when it is asked for
const branches = later(() => import("./session/branches.js"));
const undo = later(() => import("./session/undo.js"));
const teacher = later(() => import("./session/teacher.js"));

export class Session {
  /** @param {Store} store @param {Board} board where pictures go @param {Page} page */
  constructor(store, board, page) {
    this.store = store;
    this.page = page;
    this.ordered = 0; // how many orders are not done yet
    /** @type {Promise<void>} */
    this.lastOrder = Promise.resolve();
    /** What buttons and keys do, each when all that was asked for before is done. */
    this.orders = {
      train: () => this.order(() => this.train()),
      step: () => this.order(() => this.step()),
      reset: () => this.order(() => this.reset()),
      weights: () => this.order(() => this.newWeights()),
      data: () => this.order(() => this.newData()),
      stop: () => this.order(() => this.stop()),
      further: () => this.order(() => this.further()),
      speed: (/** @type {number | null} */ speed) => this.order(() => this.setSpeed(speed)),
      load: (/** @type {File} */ file) => this.order(async () => (await branches()).load(this.shown, file)),
      fork: (/** @type {number} */ step) => {
        const changes = editsSince(store); // as the person saw them, whatever comes before it is done
        this.order(async () => (await branches()).fork(this.shown, step, changes));
      },
      apply: (/** @type {Finding} */ finding, /** @type {number} */ remedy) => {
        const ill = store.run?.id; // pressed twice, it is repaired once
        this.order(async () => {
          const { apply } = await branches();
          if (ill === this.run.id) await apply(this.shown, finding, remedy);
        });
      },
      edit: (
        /** @type {object[]} */ edits,
        /** @type {string} */ words,
        /** @type {(words: string) => void} */ refused,
      ) => this.order(async () => (await branches()).edit(this.shown, edits, words, refused)),
      undo: () => this.order(async () => (await undo()).takeBack(this.shown, "undo")),
      redo: () => this.order(async () => (await undo()).takeBack(this.shown, "redo")),
    };
    this.shown = new ShownRun(store, board, page, {
      order: (act) => this.order(act),
      areWaiting: () => this.ordered > 0,
      undo: this.orders.undo,
    });
  }

  /**
   * Do what a person asked for, one thing after the other, and show a refusal where it belongs.
   * @param {() => Promise<unknown>} act
   */
  order(act) {
    this.ordered++;
    this.lastOrder = this.lastOrder
      .then(() => {
        if (this.store.lost) this.page.tell("Nothing was done: the connection is lost.");
        else this.page.say("");
        return this.store.lost ? undefined : act();
      })
      .then(
        () => {},
        (error) => (error instanceof Locked ? this.page.tell(error.message) : this.page.failed(error)),
      )
      .then(() => {
        this.ordered--;
        this.shown.connection.agree();
      });
    return this.lastOrder;
  }

  /** The run that is on the page; orders come one after the other, and the first makes one. */
  get run() {
    return this.shown.run;
  }

  // ── begun ──

  /** Begin with what is chosen. @param {string | null} id of a run that is there already */
  async begin(id) {
    const { store, page, shown } = this;
    const asked = id && /^\w+$/.test(id) ? await getRun(id).catch(() => null) : null;
    const found = asked ?? (store.catalog.view_only ? await newestRun() : null);
    if (store.catalog.view_only)
      atLast(teacher, page.failed).then(({ followTeacher }) => followTeacher(shown, sessionStorage), page.failed);
    if (found) shown.adopt(found, false);
    else if (store.catalog.view_only)
      page.say("Nothing is trained here yet; it is shown as soon as the lesson begins.");
    else {
      store.emit("task");
      await this.makeFirst(store.chosen.task);
      if (id) page.say("The run of this address is not here any more; here is a new one.");
    }
  }

  /**
   * Make the first run; where the server refuses what the address asks for, the defaults, and say why. Where it keeps
   * no more runs, the newest is shown.
   * @param {string} task
   */
  async makeFirst(task) {
    const { store, page, shown } = this;
    try {
      await shown.renew(false, { further: false });
    } catch (error) {
      if (!(error instanceof Refusal) || ![422, 429].includes(error.status)) throw error;
      if (error.status === 429) {
        const newest = await newestRun();
        if (!newest) throw error;
        shown.adopt(newest, false);
        page.say(`${error.message}. Here is the newest one.`);
        return;
      }
      const asked = store.chosen;
      store.chosen = store.defaultsOf(task);
      store.emit("task");
      await shown.renew(false, { further: false });
      if (error.field === "data.dataset") page.ask(asked);
      else page.say(`The address asks for something that is not allowed: ${error.message}. Here are the defaults.`);
    }
  }

  /** Show a run that a person chose, where a lesson lets it. @param {Run} run */
  openRun(run) {
    this.order(async () => {
      this.shown.askFor(run.configuration);
      this.shown.adopt(run);
    });
  }

  /**
   * Go to what an address says, because a person went back or forward.
   * @param {string | null} id @param {Chosen} chosen
   */
  async goTo(id, chosen) {
    if (id && id === this.store.run?.id) return;
    const run = await findRun(id);
    try {
      this.shown.askFor(run ? run.configuration : chosen);
    } catch (error) {
      this.page.stay();
      throw error;
    }
    if (run) {
      const old = this.store.run;
      this.shown.adopt(run, false);
      if (old?.step === 0) await deleteRun(old.id).catch(() => null);
      else if (old && isActive(old.status) && !this.store.catalog.view_only)
        await command(old.id, "pause").catch(() => null); // until one comes back
      return;
    }
    this.store.chosen = chosen;
    this.store.example = 0;
    this.store.emit("task");
    await this.makeFirst(chosen.task);
  }

  /**
   * Have the page be as a step of a lesson wants it, whatever the step before locked.
   * @param {Chosen | null} chosen null where it stays as it is @param {() => Limits} limits asked when it is so
   */
  lay(chosen, limits) {
    return this.order(async () => {
      const { store } = this;
      const { run } = store;
      store.limits = new Limits();
      try {
        if (!chosen) return;
        store.look(null);
        store.chosen = chosen;
        store.example = 0;
        store.emit("task");
        await this.shown.renew(false, { note: () => {} }).catch((error) => {
          if (run) this.shown.adopt(run, false);
          throw error;
        });
      } finally {
        store.limit(limits());
      }
    });
  }

  /** Lay out the run that is on the page anew: other parts of the page can be used. */
  again() {
    if (this.store.run) this.shown.adopt(this.store.run, false);
  }

  // ── chosen ──

  /**
   * Begin with all that is chosen for a task; where that is refused, all is as it was.
   * @param {Chosen} chosen @param {(error: Refusal) => void} [refused] says why, where the page shall not
   * @param {boolean} [start] whether it trains at once
   */
  choose(chosen, refused, start = false) {
    this.order(async () => {
      const { run } = this.store;
      this.store.chosen = chosen;
      this.store.example = 0;
      this.store.emit("task");
      await this.shown.renew(start, { further: true }).catch((error) => {
        if (run) this.shown.adopt(run, false);
        if (!(refused && error instanceof Refusal && error.status === 422)) throw error;
        refused(error);
      });
    });
  }

  /** @param {string} title */
  preset(title) {
    this.order(async () => {
      this.shown.ask("presets");
      const { name, presets } = this.store.task;
      this.store.chosen = this.store.defaultsOf(name, presets[title] ?? {});
      this.store.emit("choices");
      await this.shown.startAgain(`: ${title}`);
    });
  }

  /** A choice changed: in a moment the run takes it over. */
  renewSoon() {
    this.shown.renewSoon();
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
      const { status } = this.run;
      const names = changes.optimizer && Object.keys(changes.optimizer).join();
      if (!isActive(status) && !waits(status)) await this.shown.takeOver();
      else await this.shown.changeOrKeep(changes, names ?? null);
    });
  }

  /**
   * Let the run learn from what was drawn. All of one stroke is undone at once.
   * @param {{stroke: number, sheet: string | null}} drawn which stroke it is; where there is too little to learn from,
   * what is drawn
   */
  draw({ stroke, sheet }) {
    const { drawing } = this.store.chosen.data;
    this.order(async () => {
      const { shown } = this;
      const note = (/** @type {Before} */ before) => {
        this.store.sheet = sheet;
        shown.undoing.note(before, `stroke ${stroke}`, Infinity);
      };
      const { status } = this.run;
      if (sheet !== null) note(shown.before(this.run));
      else if (isActive(status) || waits(status) || isReopenable(status))
        await shown.changeOn({ data: { drawing } }, note).catch(async (error) => {
          if (!(error instanceof Refusal) || error.status !== 409) throw error;
          await shown.startAgain(": with what you drew"); // it has waited long enough for something better
        });
      else await shown.startAgain(": with what you drew");
    });
  }

  // ── ordered ──

  async train() {
    this.shown.ask("train");
    if (isActive(this.run.status)) {
      this.shown.dropRenewal();
      await this.shown.end("pause");
      return;
    }
    const { at } = this.store;
    if (at !== null && edited(this.store).length) {
      await (await branches()).fork(this.shown, at, editsSince(this.store));
      return;
    }
    this.store.look(null); // nobody trains what is not on the page
    await this.shown.settle();
    if (waits(this.run.status)) this.shown.update(await command(this.run.id, "resume"));
    else await this.shown.renew(true);
  }

  async step() {
    this.shown.ask("train");
    this.store.look(null);
    await this.shown.settle();
    if (waits(this.run.status)) this.shown.update(await command(this.run.id, "step"));
  }

  async stop() {
    this.shown.ask("train");
    await this.shown.end("stop");
  }

  /** Begin anew with the same first weights, training on if it was training. */
  async reset() {
    this.shown.ask("train");
    await this.shown.startAgain(" from the same first weights");
  }

  /** Begin anew with other first weights, on the same data. */
  async newWeights() {
    this.shown.ask("training");
    const { chosen } = this.store;
    if (drawsData(this.store)) chosen.data_seed ??= chosen.seed; // the data stay as they are
    chosen.seed = anySeed();
    this.store.emit("choices");
    await this.shown.startAgain(`: seed ${chosen.seed}`);
  }

  /** Begin anew with other data, from the same first weights. */
  async newData() {
    this.shown.ask("data");
    const { chosen } = this.store;
    if (!drawsData(this.store)) {
      this.page.tell(`${SAME_DATA}.`);
      return;
    }
    chosen.data_seed = anySeed();
    this.store.emit("choices");
    await this.shown.startAgain(`: data seed ${chosen.data_seed}`);
  }

  /**
   * Let a run that has ended go on: for as many steps again where it did all of them, and with what was chosen as it
   * ended.
   */
  async further() {
    this.shown.ask("train");
    const { id } = this.run;
    const kept = this.shown.changed ? editsSince(this.store) : {};
    const fits = this.shown.fits(kept);
    this.shown.update(await changeRun(id, { ...(fits && kept), steps: stepsOn(this.run) }));
    if (fits) this.shown.changed = false;
    this.shown.update(await command(id, "resume"));
    this.store.chosen.steps = this.run.steps;
    this.store.emit("choices");
    this.page.address(false);
  }

  /** @param {number | null} speed */
  async setSpeed(speed) {
    this.shown.ask("speed");
    this.store.chosen.speed = speed;
    this.shown.update(await changeRun(this.run.id, { speed }));
    this.page.address(false);
  }

  // ── seen ──

  /** Take in whether the server is heard, where somebody else listens to it. @param {boolean} there */
  connection(there) {
    if (there) this.shown.connection.found();
    else this.shown.connection.lost(0);
  }

  /** @param {string[]} names of the pictures that are on screen */
  watch(names) {
    this.shown.connection.watch(names);
  }

  /** @param {number} id of a picture that was drawn, or never will be */
  drawn(id) {
    this.shown.connection.drawn(id);
  }
}
