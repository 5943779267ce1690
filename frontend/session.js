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
  findRun,
  forkRun,
  getFindings,
  getMetrics,
  getRun,
  loadWeights,
  newestRun,
  Refusal,
  remedyRun,
} from "./server/api.js";
import { Stream } from "./server/stream.js";
import { drawsData, leaveUnitsToTask, readable, SAME_DATA, seedOfData } from "./state/catalog.js";
import { differences, edited, editsSince, say } from "./state/differences.js";
import { count } from "./state/numbers.js";
import { Limits, Locked, partsOf } from "./state/parts.js";
import { isActive, isReopenable, waits } from "./state/status.js";
import { Undoing } from "./state/undoing.js";

/** @import {Board} from "./pictures/board.js" */
/** @import {Message} from "./server/stream.js" */
/** @import {PageArea} from "./state/parts.js" */
/** @import {Store} from "./state/store.js" */
/** @import {Before} from "./state/undoing.js" */
/** @import {Chosen, Configuration, Finding, Group, News, Run} from "./state/types.js" */

const RENEW_AFTER = 150; // milliseconds in which one choice follows another
const LONGEST_NAME = 80; // characters of a run's name
const FOLLOW_AFTER = 2000; // milliseconds after which a visitor asks whether the teacher has another run,
const FOLLOW_RARELY = 15_000; // and those between two times, where nothing has happened for long

const anySeed = () => Math.floor(Math.random() * 1_000_000);

/**
 * What the session needs of the page around it. Whoever only wants to know what happens listens to the store.
 * @typedef {object} Page
 * @property {(words: string) => void} say in the banner; the empty string closes it
 * @property {(error: unknown) => void} failed
 * @property {() => void} forgive takes back what was refused on the controls
 * @property {(words: string, undo?: (() => void) | null) => void} tell what was done, with the way back
 * @property {(further: boolean) => void} address lets the address say what is chosen; `further` where Back shall lead
 * to what was there before
 * @property {(group: Group | null) => void} race shows two runs side by side; null leaves them
 * @property {() => void} stay has the address say again what is on the page
 * @property {(chosen: Chosen) => void} ask for the data that an address names and this machine does not have
 */

/** How many steps a run has that goes on after its end: as many again where it did all. @param {Run} run */
const stepsOn = ({ step, steps }) => (step < steps ? steps : 2 * steps);

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
    this.ordered = 0; // how many orders are not done yet
    /** @type {Set<string>} paths of what the run has otherwise than before, whoever changed it */
    this.heard = new Set();
    this.ticking = 0; // counts down while the connection is lost
    /** @type {HTMLElement | null} where the focus was when it was lost */
    this.focused = null;
    this.undoing = new Undoing(sessionStorage);
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
      load: (/** @type {File} */ file) => this.order(() => this.load(file)),
      fork: (/** @type {number} */ step) => {
        const changes = editsSince(store); // as the person saw them, whatever comes before it is done
        this.order(() => this.fork(step, changes));
      },
      apply: (/** @type {Finding} */ finding, /** @type {number} */ remedy) => {
        const ill = store.run?.id; // pressed twice, it is repaired once
        this.order(async () => (ill === this.run.id ? this.apply(finding, remedy) : undefined));
      },
      edit: (
        /** @type {object[]} */ edits,
        /** @type {string} */ words,
        /** @type {(words: string) => void} */ refused,
      ) => this.order(() => this.edit(edits, words, refused)),
      undo: () => this.order(() => this.takeBack("undo")),
      redo: () => this.order(() => this.takeBack("redo")),
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
        this.agree();
      });
    return this.lastOrder;
  }

  /** Go on only where a lesson lets a person use some parts of the page. @param {PageArea[]} parts */
  ask(...parts) {
    const why = this.store.whyNot(...parts);
    if (why) throw new Locked(why);
  }

  /**
   * Go on only where nothing that a lesson locks would be otherwise than in the run on the page; else all that was
   * chosen is as it is there.
   * @param {Configuration} [chosen]
   */
  askFor(chosen = this.store.chosen) {
    const { run } = this.store;
    if (!run || !this.store.limits.any) return;
    const { catalog } = this.store;
    const paths = edited({ run, chosen, catalog }).map(({ path }) => path);
    const why = this.store.whyNot(...partsOf(paths), ...this.ofOtherData(chosen));
    if (!why) return;
    const isOther = this.store.chosen.task !== run.configuration.task;
    this.takeUp(run);
    this.store.emit(isOther ? "task" : "choices");
    throw new Locked(why);
  }

  /**
   * The part that another seed concerns beside the training: where it draws other data, the data.
   * @param {Configuration} chosen @returns {"data"[]}
   */
  ofOtherData(chosen) {
    const { configuration } = this.run;
    const isOther = seedOfData(chosen) !== seedOfData(configuration);
    return isOther && this.store.taskCalled(chosen.task).seeded ? ["data"] : [];
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
    if (store.catalog.view_only) this.followTeacher();
    if (found) this.adopt(found, false);
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
    const { store, page } = this;
    try {
      await this.renew(false, { further: false });
    } catch (error) {
      if (!(error instanceof Refusal) || ![422, 429].includes(error.status)) throw error;
      if (error.status === 429) {
        const newest = await newestRun();
        if (!newest) throw error;
        this.adopt(newest, false);
        page.say(`${error.message}. Here is the newest one.`);
        return;
      }
      const asked = store.chosen;
      store.chosen = store.defaultsOf(task);
      store.emit("task");
      await this.renew(false, { further: false });
      if (error.field === "data.dataset") page.ask(asked);
      else page.say(`The address asks for something that is not allowed: ${error.message}. Here are the defaults.`);
    }
  }

  /**
   * Make a new run of what is chosen. The one on the page is stopped, or forgotten where it never took a step.
   * @param {boolean} start
   * @param {{further?: boolean, note?: (before: Before) => void}} [how] whether Back shall lead to what was there
   * before, as it does where that was trained; and where it is noted for undo
   */
  async renew(start, how = {}) {
    clearTimeout(this.renewal);
    this.renewal = 0;
    this.askFor();
    this.changed = false; // what changes while the server answers is newer
    const run = await createRun({ ...this.store.chosen, start }).catch((error) => {
      this.changed = true;
      throw error;
    });
    await this.replaceBy(run, how);
  }

  /**
   * Show a run that was made just now.
   * @param {Run} run @param {{further?: boolean, note?: (before: Before) => void}} [how]
   */
  async replaceBy(run, { further, note = (before) => this.undoing.note(before, "") } = {}) {
    const old = this.store.run;
    this.page.forgive();
    this.follow(run, further ?? Boolean(old?.step));
    if (old && old.id !== run.id) {
      note(this.before(old));
      await this.leave(old);
    }
    this.store.emit("runs");
  }

  /** How it was with a run, to come back to it. @param {Run} run @returns {Before} */
  before(run) {
    const chosen = structuredClone({ ...run.configuration, speed: run.speed });
    return { run: run.id, chosen, trains: isActive(run.status), after: this.run.id, sheet: this.store.sheet };
  }

  /** Stop a run that is not on the page any more, or forget it where it never took a step. @param {Run} old */
  async leave(old) {
    if (old.step === 0 && !old.parent) await deleteRun(old.id).catch(() => null);
    else if (isActive(old.status) || waits(old.status)) await command(old.id, "stop").catch(() => null);
  }

  /** Begin anew with the same first weights, training on if it was training. */
  async reset() {
    this.ask("train");
    await this.startAgain(" from the same first weights");
  }

  /**
   * Begin anew, training on if it was training; where something was trained already, say so.
   * @param {string} words that go on after "Started again"
   */
  async startAgain(words) {
    const { step, status } = this.run;
    await this.renew(isActive(status));
    if (step) this.page.tell(`Started again${words}.`, this.orders.undo);
  }

  /**
   * A choice changed: in a moment the run takes it over, or where it cannot, it begins anew, training on if it was
   * training. While looking back it waits for its moment.
   */
  renewSoon() {
    if (this.store.looksBack) {
      this.store.emit("edited");
      return;
    }
    this.changed = true;
    clearTimeout(this.renewal);
    this.renewal = window.setTimeout(() => this.order(() => this.takeOver()), RENEW_AFTER);
  }

  /** Let the run take over what was changed on the controls; where it cannot, begin anew and say so. */
  async takeOver() {
    clearTimeout(this.renewal);
    this.renewal = 0;
    const { run, catalog } = this.store;
    const found = edited(this.store);
    if (!run || !found.length) {
      this.changed = false;
      this.page.forgive();
      this.page.address(false);
      return;
    }
    const changes = editsSince(this.store);
    const fits = Object.keys(changes).every((name) => catalog.changeable.includes(name)) && !changes.optimizer?.name;
    const reopens = isReopenable(run.status) && Object.keys(changes).join() === "steps" && changes.steps > run.step;
    if (fits && run.step > 0 && (isActive(run.status) || waits(run.status) || reopens)) {
      await this.change(changes, found.map(({ path }) => path).join());
      return;
    }
    await this.startAgain(`: ${found.map(({ words }) => words).join(", ")}`);
  }

  /**
   * Change the run that is on the page, and remember how it was.
   * @param {object} changes @param {string | null} what names the control; null where there is nothing to undo
   * @param {(before: Before) => void} [note]
   */
  async change(changes, what, note = (before) => what !== null && this.undoing.note(before, what)) {
    this.askFor();
    const before = this.before(this.run);
    this.changed = false;
    this.update(
      await changeRun(this.run.id, changes).catch((error) => {
        this.changed = true;
        throw error;
      }),
    );
    note(before);
    this.page.forgive();
    this.page.address(false);
  }

  /**
   * Make sure that what is chosen is what is on the page; where it was refused, it is refused again, in the same place.
   */
  async settle() {
    if (this.changed) await this.takeOver();
  }

  /**
   * Take over a run that the server has already, with all that was chosen for it.
   * @param {Run} run @param {boolean} [further] whether Back shall lead to the one that is on the page now
   */
  adopt(run, further = true) {
    const isSame = run.id === this.store.run?.id;
    this.takeUp(run);
    this.store.emit("task");
    this.follow(run, further && !isSame);
    this.store.emit("runs");
  }

  /** Show a run that a person chose, where a lesson lets it. @param {Run} run */
  openRun(run) {
    this.order(async () => {
      this.askFor(run.configuration);
      this.adopt(run);
    });
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
        await this.renew(false, { note: () => {} }).catch((error) => {
          if (run) this.adopt(run, false);
          throw error;
        });
      } finally {
        store.limit(limits());
      }
    });
  }

  /** Lay out the run that is on the page anew: other parts of the page can be used. */
  again() {
    if (this.store.run) this.adopt(this.store.run, false);
  }

  /** Choose what a run was made from. @param {Run} run */
  takeUp(run) {
    this.changed = false;
    this.store.chosen = structuredClone({ ...run.configuration, speed: run.speed });
    leaveUnitsToTask(this.store.chosen.network, this.store.catalog);
  }

  /** Come back to now: what was changed while looking back, and not taken anywhere, is as it was. */
  leavePast() {
    if (!this.store.run || !edited(this.store).length) return;
    this.takeUp(this.store.run);
    this.store.emit("choices");
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
      await this.renew(start, { further: true }).catch((error) => {
        if (run) this.adopt(run, false);
        if (!(refused && error instanceof Refusal && error.status === 422)) throw error;
        refused(error);
      });
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
      this.askFor(run ? run.configuration : chosen);
    } catch (error) {
      this.page.stay();
      throw error;
    }
    if (run) {
      const old = this.store.run;
      this.adopt(run, false);
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

  /** @param {string} title */
  preset(title) {
    this.order(async () => {
      this.ask("presets");
      const { name, presets } = this.store.task;
      this.store.chosen = this.store.defaultsOf(name, presets[title] ?? {});
      this.store.emit("choices");
      await this.startAgain(`: ${title}`);
    });
  }

  /** Begin anew with other first weights, on the same data. */
  async newWeights() {
    this.ask("training");
    const { chosen } = this.store;
    if (drawsData(this.store)) chosen.data_seed ??= chosen.seed; // the data stay as they are
    chosen.seed = anySeed();
    this.store.emit("choices");
    await this.startAgain(`: seed ${chosen.seed}`);
  }

  /** Begin anew with other data, from the same first weights. */
  async newData() {
    this.ask("data");
    const { chosen } = this.store;
    if (!drawsData(this.store)) {
      this.page.tell(`${SAME_DATA}.`);
      return;
    }
    chosen.data_seed = anySeed();
    this.store.emit("choices");
    await this.startAgain(`: data seed ${chosen.data_seed}`);
  }

  /**
   * Undo what was changed last, or do it again: the run that was there goes on where it was.
   * @param {"undo" | "redo"} way
   */
  async takeBack(way) {
    if (this.store.catalog.view_only) return;
    clearTimeout(this.renewal);
    const { undoing } = this;
    const here = this.run;
    const before = undoing.take(way, here.id);
    if (!before) {
      this.page.tell(way === "undo" ? "There is nothing to undo here." : "There is nothing to do again here.");
      return;
    }
    try {
      this.askFor(before.chosen);
    } catch (error) {
      undoing.back(way, before);
      throw error;
    }
    if (before.isRepair) this.page.race(null);
    // at once: a reload may come before all is done
    const note = (/** @type {Before} */ now) => undoing.back(way === "undo" ? "redo" : "undo", now);
    await this.comeBack(before, note).catch((error) => {
      undoing.back(way, before);
      throw error;
    });
    this.page.tell(way === "undo" ? "Undone." : "Done again.", way === "undo" ? null : this.orders.undo);
    this.store.emit("runs");
  }

  /**
   * Have what was chosen, and the run that was there, where it is still there.
   * @param {Before} before @param {(now: Before) => void} note hears how it is now
   */
  async comeBack(before, note) {
    const { store } = this;
    const here = this.run;
    store.chosen = structuredClone(before.chosen);
    leaveUnitsToTask(store.chosen.network, store.catalog);
    const isSame = before.run === here.id;
    const now = this.before(here);
    store.sheet = isSame ? (before.sheet ?? null) : null;
    store.emit(isSame ? "choices" : "task");
    const changes = editsSince(store);
    const isDrawn = isReopenable(here.status) && Object.keys(changes).join() === "data";
    if (isSame && !Object.keys(changes).length) {
      note(now);
      return;
    }
    if (isSame && (isDrawn || isActive(here.status) || waits(here.status))) {
      await this.changeOn(changes, (then) => note({ ...then, sheet: now.sheet }));
      return;
    }
    const there = isSame ? null : await findRun(before.run);
    if (there) {
      await this.replaceBy(there, { note });
      if (before.isRepair) await deleteRun(here.id).catch(() => null);
    } else {
      await this.renew(false, { note });
      this.undoing.rename(before.run, this.run.id);
    }
    this.changed = false;
    if (before.trains) await this.goOn();
  }

  /** Let the run that is on the page train on, where steps are left. */
  async goOn() {
    const { id, status, step, steps } = this.run;
    if (step >= steps || isActive(status)) return;
    if (isReopenable(status)) this.update(await changeRun(id, { steps }));
    if (waits(this.run.status)) this.update(await command(id, "resume"));
  }

  /**
   * Change the run; where it has ended it goes on with that, for as many steps again where it did all of them.
   * @param {Record<string, any>} changes @param {(before: Before) => void} note
   */
  async changeOn(changes, note) {
    const { id, status } = this.run;
    if (!isReopenable(status)) return this.change(changes, null, note);
    const steps = stepsOn(this.run);
    this.store.chosen.steps = steps;
    // what is taken back later are the changes alone, not the steps that were done since
    await this.change({ ...changes, steps }, null, (before) =>
      note({ ...before, chosen: { ...before.chosen, steps } }),
    );
    this.store.emit("choices");
    this.update(await command(id, "resume"));
  }

  /**
   * Let the run learn from what was drawn. All of one stroke is undone at once.
   * @param {{stroke: number, sheet: string | null}} drawn which stroke it is; where there is too little to learn from,
   * what is drawn
   */
  draw({ stroke, sheet }) {
    const { drawing } = this.store.chosen.data;
    this.order(async () => {
      const note = (/** @type {Before} */ before) => {
        this.store.sheet = sheet;
        this.undoing.note(before, `stroke ${stroke}`, Infinity);
      };
      const { status } = this.run;
      if (sheet !== null) note(this.before(this.run));
      else if (isActive(status) || waits(status) || isReopenable(status))
        await this.changeOn({ data: { drawing } }, note).catch(async (error) => {
          if (!(error instanceof Refusal) || error.status !== 409) throw error;
          await this.startAgain(": with what you drew"); // it has waited long enough for something better
        });
      else await this.startAgain(": with what you drew");
    });
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
      if (!isActive(status) && !waits(status)) await this.takeOver();
      else await this.change(changes, names ?? null);
    });
  }

  /** @param {number | null} speed */
  async setSpeed(speed) {
    this.ask("speed");
    this.store.chosen.speed = speed;
    this.update(await changeRun(this.run.id, { speed }));
    this.page.address(false);
  }

  // ── ordered ──

  async train() {
    this.ask("train");
    const { id, status } = this.run;
    if (isActive(status)) {
      clearTimeout(this.renewal);
      this.update(await command(id, "pause"));
      return;
    }
    const { at } = this.store;
    if (at !== null && edited(this.store).length) {
      await this.fork(at, editsSince(this.store));
      return;
    }
    this.store.look(null); // nobody trains what is not on the page
    await this.settle();
    if (waits(this.run.status)) this.update(await command(this.run.id, "resume"));
    else await this.renew(true);
  }

  async step() {
    this.ask("train");
    this.store.look(null);
    await this.settle();
    if (waits(this.run.status)) this.update(await command(this.run.id, "step"));
  }

  async stop() {
    this.ask("train");
    this.update(await command(this.run.id, "stop"));
  }

  /** Let a run that has ended go on: for as many steps again where it did all of them. */
  async further() {
    this.ask("train");
    const { id } = this.run;
    this.update(await changeRun(id, { steps: stepsOn(this.run) }));
    this.update(await command(id, "resume"));
    this.store.chosen.steps = this.run.steps;
    this.store.emit("choices");
    this.page.address(false);
  }

  /**
   * Begin a new run of the same network with the weights of a file. Where they are refused, the one on the page goes
   * on.
   * @param {File} file
   */
  async load(file) {
    this.ask("weights");
    await checkWeights(this.run.id, file);
    const words = `weights of ${file.name}`;
    const made = await createRun({ ...this.store.chosen, start: false, name: words.slice(0, LONGEST_NAME) });
    const run = await loadWeights(made.id, file).catch(async (error) => {
      await deleteRun(made.id).catch(() => null);
      throw error;
    });
    const { step } = this.run;
    this.takeUp(run);
    await this.replaceBy(run);
    this.page.tell(`Now the ${words}, at step 0.`, step ? this.orders.undo : null);
  }

  /**
   * Go on from a step of the run's history in a new run, with what was changed on the controls since. This one pauses.
   * @param {number} step @param {object} changes
   */
  async fork(step, changes) {
    this.ask("train", ...partsOf(Object.keys(changes)), ...this.ofOtherData(this.store.chosen));
    const { id, status, speed } = this.run;
    const run = await forkRun(id, { step, changes, speed });
    if (isActive(status)) await command(id, "pause").catch(() => null);
    this.adopt(run);
  }

  /**
   * Do something to the network by hand, in a new run that goes on from the step that is shown. This one pauses.
   * @param {object[]} edits as the server takes them @param {string} words that say what was done
   * @param {(words: string) => void} refused says beside the field why it was not
   */
  async edit(edits, words, refused) {
    this.ask("network", "weights");
    const { store } = this;
    if (!store.looksBack) await this.settle();
    const changes = store.looksBack ? editsSince(store) : {}; // what was chosen meanwhile for that moment
    const old = this.run;
    const trains = isActive(old.status);
    /** @type {Run} */
    let run;
    try {
      run = await forkRun(old.id, { step: store.at, changes, edits, speed: old.speed, start: trains });
    } catch (error) {
      if (!(error instanceof Refusal) || ![404, 409, 422].includes(error.status)) throw error;
      refused(error.message);
      return;
    }
    if (trains) await command(old.id, "pause").catch(() => null);
    this.takeUp(run);
    this.follow(run, true);
    store.emit("choices");
    this.undoing.note(this.before(old), "");
    store.emit("runs");
    this.page.tell(`${words}, in a run of its own from step ${count(run.step)} on.`, this.orders.undo);
  }

  /**
   * Let a run that is repaired train beside this one, which goes on: both are shown as a race, and this page is about
   * the repaired one from now on.
   * @param {Finding} finding @param {number} remedy which of those that help
   */
  async apply({ cause, remedies }, remedy) {
    this.ask("doctor", "train", ...partsOf(Object.keys(remedies[remedy].changes)));
    const ill = this.run;
    const group = await remedyRun(ill.id, cause, remedy);
    const repaired = group.runs.find(({ id }) => id !== ill.id);
    if (!repaired) return;
    this.adopt(repaired);
    this.undoing.note({ ...this.before(ill), isRepair: true }, "");
    this.page.race(group);
    const words = this.store.allowed("compare") ? "trains beside the ill one" : "is the one that is shown now";
    this.page.tell(`${remedies[remedy].title}: the repaired run ${words}.`, this.orders.undo);
  }

  // ── followed, lost and found ──

  /** Show a run: its stream, its rows from the first, its pictures. @param {Run} run @param {boolean} [further] */
  follow(run, further = false) {
    const { store, board } = this;
    this.stream?.close();
    store.run = run;
    store.sheet = null;
    store.found = [{ step: run.step, findings: run.findings ?? [] }];
    store.emit("run");
    this.followParent(run);
    this.followFindings(run);
    store.clearRows();
    store.emit("rows");
    this.stream = new Stream(run.id, () => store.next, {
      message: (message) => this.hear(message),
      picture: (picture) => {
        if (picture.run === store.run?.id) board.take(picture);
      },
      lost: (wait) => this.connection(wait),
      found: () => this.connection(null),
      gone: () => this.replace(),
    });
    this.stream.watch(board.watched());
    this.update(run);
    this.page.address(further);
  }

  /** Show what the teacher shows, whenever that is another run; the longer nothing happens, the more rarely ask. */
  followTeacher() {
    let wait = FOLLOW_AFTER;
    let timer = 0;
    const soon = () => {
      clearTimeout(timer);
      timer = window.setTimeout(ask, wait);
    };
    const ask = async () => {
      const { run } = this.store;
      wait = isActive(run?.status) ? FOLLOW_AFTER : Math.min(FOLLOW_RARELY, 1.2 * wait);
      if (!isActive(run?.status) && !document.hidden && !this.ordered && !this.store.lost) {
        const shown = await newestRun().catch(() => null);
        if (shown && shown.id !== run?.id && run === this.store.run) {
          this.adopt(shown, false);
          wait = FOLLOW_AFTER;
        }
      }
      soon();
    };
    document.addEventListener("visibilitychange", () => {
      wait = FOLLOW_AFTER;
      if (!document.hidden) soon();
    });
    soon();
  }

  /**
   * Take in that the connection is lost.
   * @param {number | null} wait milliseconds to the next try; null: it is there
   */
  connection(wait) {
    const { store } = this;
    const wasLost = store.lost !== null;
    if (wait === null && !wasLost) return;
    if (!wasLost) this.focused = /** @type {HTMLElement | null} */ (document.activeElement);
    store.lost = wait === null ? null : { until: performance.now() + wait };
    clearInterval(this.ticking);
    if (store.lost) this.ticking = window.setInterval(() => store.emit("connection"), 1000);
    else if (store.run) {
      this.takeUp(store.run); // what was changed while nobody heard of it is as it was
      store.emit("choices");
    }
    store.emit("connection");
    if (!store.lost && document.activeElement === document.body) this.focused?.focus({ preventScroll: true });
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

  /** The server no longer has the run. */
  async replace() {
    this.connection(null);
    this.store.run = null;
    await this.order(() => this.renew(false));
    this.page.say("The server no longer has that run; here is a new one with the same choices.");
  }

  /** Take over what was changed in another tab, and say so, as soon as nothing of this one is on its way. */
  agree() {
    const { store, heard } = this;
    if (!store.run || this.ordered || this.changed || store.looksBack || store.lost) return;
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

  /** @param {string[]} names of the pictures that are on screen */
  watch(names) {
    this.stream?.watch(names);
  }

  /** @param {number} id of a picture that was drawn, or never will be */
  drawn(id) {
    this.stream?.drawn(id);
  }
}
