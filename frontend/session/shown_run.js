/** The run on the page and what is chosen beside it: how it is made, adopted, changed, renewed and left. */

import { changeRun, command, createRun, deleteRun, getRun, Refusal } from "../server/api.js";
import { leaveUnitsToTask, seedOfData } from "../state/catalog.js";
import { edited, editedWords, editsSince } from "../state/differences.js";
import { Locked, partsOf } from "../state/parts.js";
import { hasEnded, isActive, isReopenable, waits } from "../state/status.js";
import { Undoing } from "../state/undoing.js";
import { Connection } from "./connection.js";

/** @import {Board} from "../pictures/board.js" */
/** @import {PageArea} from "../state/parts.js" */
/** @import {Store} from "../state/store.js" */
/** @import {Before} from "../state/undoing.js" */
/** @import {Configuration, News, Run} from "../state/types.js" */
/** @import {Page} from "./page.js" */

const RENEW_AFTER = 150; // milliseconds in which one choice follows another

/**
 * What the run on the page asks of the orders that a person gives.
 * @typedef {object} Orders
 * @property {(act: () => Promise<unknown>) => Promise<void>} order does something when all before it is done
 * @property {() => boolean} areWaiting whether some are not done yet
 * @property {() => void} undo
 */

/** How many steps a run has that goes on after its end: as many again where it did all. @param {Run} run */
export const stepsOn = ({ step, steps }) => (step < steps ? steps : 2 * steps);

export class ShownRun {
  /** @param {Store} store @param {Board} board where pictures go @param {Page} page @param {Orders} orders */
  constructor(store, board, page, orders) {
    this.store = store;
    this.page = page;
    this.orders = orders;
    this.changed = false; // whether what is chosen is in no run yet
    this.renewal = 0;
    this.undoing = new Undoing(sessionStorage);
    this.connection = new Connection(store, board, page, {
      isBusy: () => this.changed || orders.areWaiting(),
      takeUp: (run) => this.takeUp(run),
      gone: () => this.makeAgain(),
    });
    store.on("look", () => {
      if (!store.looksBack) this.leavePast();
    });
  }

  /** The run that is on the page; orders come one after the other, and the first makes one. */
  get run() {
    return /** @type {Run} */ (this.store.run);
  }

  /** Take in what the server tells of a run. @param {News} news */
  update(news) {
    this.connection.update(news);
  }

  // ── allowed ──

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

  // ── made, adopted, left ──

  /**
   * Make a new run of what is chosen. The one on the page is stopped, or forgotten where it never took a step.
   * @param {boolean} start
   * @param {{further?: boolean, note?: (before: Before) => void}} [how] whether Back shall lead to what was there
   * before, as it does where that was trained; and where it is noted for undo
   */
  async renew(start, how = {}) {
    this.dropRenewal();
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
    this.connection.follow(run, further ?? Boolean(old?.step));
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

  /** The server no longer has the run: make one like it. */
  async makeAgain() {
    this.store.run = null;
    await this.orders.order(() => this.renew(false));
    this.page.say("The server no longer has that run; here is a new one with the same choices.");
  }

  /**
   * Take over a run that the server has already, with all that was chosen for it.
   * @param {Run} run @param {boolean} [further] whether Back shall lead to the one that is on the page now
   */
  adopt(run, further = true) {
    const isSame = run.id === this.store.run?.id;
    this.takeUp(run);
    this.store.emit("task");
    this.connection.follow(run, further && !isSame);
    this.store.emit("runs");
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

  // ── changed, renewed ──

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
    this.dropRenewal();
    this.renewal = window.setTimeout(() => this.orders.order(() => this.takeOver()), RENEW_AFTER);
  }

  /** Do not take over in a moment what changed: it is done now, or waits until the run trains on. */
  dropRenewal() {
    clearTimeout(this.renewal);
  }

  /** Let the run take over what was changed on the controls; where it cannot, begin anew and say so. */
  async takeOver() {
    this.dropRenewal();
    const { run } = this.store;
    const found = edited(this.store);
    if (!run || !found.length) {
      this.changed = false;
      this.page.forgive();
      this.page.address(false);
      return;
    }
    const changes = editsSince(this.store);
    const fits = this.fits(changes);
    const reopens = isReopenable(run.status) && Object.keys(changes).join() === "steps" && changes.steps > run.step;
    if (fits && run.step > 0 && (isActive(run.status) || waits(run.status) || reopens)) {
      await this.changeOrKeep(changes, found.map(({ path }) => path).join());
      return;
    }
    await this.startAgain(`: ${found.map(({ words }) => words).join(", ")}`);
  }

  /** Whether a run can take over changes as it is. @param {Partial<Configuration>} changes */
  fits(changes) {
    const { changeable } = this.store.catalog;
    return Object.keys(changes).every((name) => changeable.includes(name)) && !changes.optimizer?.name;
  }

  /**
   * Make sure that what is chosen is what is on the page; where it was refused, it is refused again, in the same place.
   */
  async settle() {
    if (this.changed) await this.takeOver();
  }

  /**
   * Change the run, and remember how it was.
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
   * Change the run; where its last step came first, the choice is kept until it trains further, or for the next run.
   * @param {object} changes @param {string | null} what names the control
   */
  async changeOrKeep(changes, what) {
    await this.orKeep(
      () => this.change(changes, what),
      (before) => what !== null && this.undoing.note(before, what),
      what === null ? null : this.orders.undo,
    );
  }

  /**
   * Do what changes the run; where its last step came first, what is chosen is kept, and that is said.
   * @param {() => Promise<void>} change @param {(before: Before) => void} note hears how it was before it was kept
   * @param {(() => void) | null} [undo] takes it back
   * @returns {Promise<boolean>} whether it was changed
   */
  async orKeep(change, note, undo = this.orders.undo) {
    try {
      await change();
      return true;
    } catch (error) {
      await this.takeEnd(error);
      const { status } = this.run;
      const fits = isReopenable(status) && this.fits(editsSince(this.store));
      const when = fits ? "when it trains further, or the next run" : "the next run";
      note({ ...this.before(this.run), isKept: true });
      this.page.forgive();
      this.page.tell(`The run has just ${status}. Kept for ${when}: ${editedWords(this.store)}.`, undo);
      return false;
    }
  }

  /** What was chosen as the run ended, and is in none yet, where this one could take it over; else null. */
  get kept() {
    const changes = this.changed && hasEnded(this.run.status) ? editsSince(this.store) : {};
    return Object.keys(changes).length && this.fits(changes) ? changes : null;
  }

  /** Let the run train no more; its last step may come first. @param {"pause" | "stop"} how */
  async end(how) {
    await command(this.run.id, how).then(
      (run) => this.update(run),
      (error) => this.takeEnd(error),
    );
  }

  /**
   * Take in how a run is whose last step came before an order; where it has not ended, the refusal stands.
   * @param {unknown} refusal
   */
  async takeEnd(refusal) {
    if (!(refusal instanceof Refusal) || refusal.status !== 409) throw refusal;
    const now = await getRun(this.run.id);
    if (!hasEnded(now.status)) throw refusal;
    this.update(now);
  }

  /**
   * Change the run; where it has ended it goes on with that, for as many steps again where it did all of them.
   * @param {Partial<Configuration>} changes @param {(before: Before) => void} note
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
}
