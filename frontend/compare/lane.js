/** One run of a race: its picture live or at a step of its history, its rows, and its name in words. */

import { findingsAt } from "../doctor/findings.js";
import { markOfFindings } from "../doctor/mark.js";
import { Card } from "../pictures/card.js";
import { surroundingsIn } from "../pictures/view.js";
import { getFindings } from "../server/api.js";
import { RunHistory } from "../server/history.js";
import { Stream } from "../server/stream.js";
import { CLASS_COLOURS } from "../state/constants.js";
import { count } from "../state/numbers.js";
import { resultOf, written } from "../state/result.js";
import { Store } from "../state/store.js";
import { make } from "../ui/element.js";
import { css } from "../ui/palette.js";
import { curveOf } from "./across.js";

/** @import {Curve} from "../charts/line_chart.js" */
/** @import {Message} from "../server/stream.js" */
/** @import {AnyPicture, Finding, Run} from "../state/types.js" */

/** The colours of runs side by side, those that are told apart best first. */
export const COLOURS = [0, 4, 2, 3, 1, 5, 6, 7].map((k) => css(CLASS_COLOURS[k]));

/**
 * Whom a lane tells what happens in it.
 * @typedef {object} Actions
 * @property {() => void} rows there are more
 * @property {() => void} status it is another
 * @property {(run: Run) => void} open shows the run alone
 * @property {(there: boolean) => void} connection
 */

export class Lane {
  /**
   * @param {Run} run @param {string} words @param {number} place @param {Store} store the page's
   * @param {Actions} actions
   */
  constructor(run, words, place, store, actions) {
    this.run = run;
    this.words = words;
    this.colour = COLOURS[place];
    this.actions = actions;
    this.history = new RunHistory(run.id);
    this.held = false;
    /** @type {number | null} the step that was looked at last; null is now */
    this.wanted = null;
    this.isGone = false; // whether the server no longer has the run
    /** @type {AnyPicture | null} */
    this.latest = null;
    this.frame = 0;
    this.store = new Store(store.catalog, { ...run.configuration, speed: run.speed });
    this.kind = this.store.task.kind;
    const [picture, view] = Object.entries(this.store.task.pictures)[0];
    this.card = new Card(picture, view, this.store, surroundingsIn("race", this.store));
    this.element = this.card.element;
    this.element.classList.add("lane");
    const dir = words.includes("\u2068") ? "ltr" : "auto"; // what is isolated turns nothing around it
    const name = make("b", { dir, textContent: words });
    name.style.setProperty("--own", this.colour);
    this.said = make("span", { className: "lane-said" });
    const open = make("button", {
      type: "button",
      className: "quiet tiny",
      textContent: "open",
      title: "Show this run alone, with all its pictures",
      onclick: () => actions.open(this.run),
    });
    this.found = make("div", { className: "lane-found" });
    this.card.title.replaceChildren(name, this.said, open, this.found);
    this.mark(run.findings ?? []);
    this.stream = new Stream(run.id, () => this.store.next, {
      message: (message) => this.hear(message),
      picture: (picture) => this.take(picture),
      lost: () => {
        this.element.classList.add("lost");
        actions.connection(false);
      },
      found: () => {
        this.element.classList.remove("lost");
        actions.connection(true);
      },
      gone: () => {
        this.element.classList.remove("lost");
        this.isGone = true;
        if (!this.held) this.say();
        actions.status();
      },
    });
    this.stream.watch([this.card.asked]);
    this.say();
  }

  /** @param {Message} message */
  hear(message) {
    if (message.type === "status" && (message.revision ?? 0) >= this.run.revision) {
      const before = this.run.status;
      this.run = { ...this.run, ...message };
      if (before !== this.run.status) this.actions.status();
      if (!this.held) this.say();
    } else if (message.type === "findings") {
      this.store.addFindings(message);
      if (!this.held) this.mark(message.findings);
    } else if (message.type === "metrics") {
      if (!this.store.addRows(message)) this.stream.again();
      if (!this.held) this.say(); // the last rows may come after the last status
      this.actions.rows();
    }
  }

  /** Say what was found in it. @param {Finding[]} findings */
  mark(findings) {
    this.found.replaceChildren(markOfFindings(findings, true));
  }

  /** @param {AnyPicture} picture */
  take(picture) {
    if (this.frame && this.latest) this.stream.drawn(this.latest.id); // it is skipped
    this.latest = picture;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (!this.latest) return;
      if (!this.held) this.card.draw(this.latest);
      this.stream.drawn(this.latest.id);
    });
  }

  /** Show the snapshot nearest to a step, or now. @param {number | null} step */
  async look(step) {
    const wasHeld = this.held;
    this.held = step !== null;
    this.wanted = step;
    if (step === null) {
      if (this.latest) this.card.draw(this.latest);
      this.say();
      this.mark(this.store.findings);
      return;
    }
    const [name] = this.stream.names;
    const nearest = this.history.nearest(step);
    if (nearest === undefined) return;
    if (!wasHeld) this.store.found = (await getFindings(this.run.id).catch(() => null)) ?? this.store.found;
    const picture = (await this.history.pictures(nearest, [name]).catch(() => null))?.get(name);
    if (step !== this.wanted || !picture) return; // an answer may come after a later one
    this.card.draw(picture);
    this.say(picture.step);
    this.mark(findingsAt(this.store.found, picture.step));
  }

  /** Say where the run is, or was. @param {number} [step] */
  say(step) {
    const row = this.store.rowAt(step);
    const result = written(resultOf(row, this.kind), this.kind);
    const isNew = this.run.status === "paused" && this.run.step === 0;
    const words = this.isGone ? "deleted" : isNew ? "untrained" : this.run.status;
    const status = words === "running" ? "" : ` · ${words}`;
    this.said.textContent = `step ${count(step ?? this.run.step)} · ${result}${status}`;
  }

  /** Find the first row that is as good as this: where, and after how many seconds. @param {number} target */
  reached(target) {
    const { columns } = this.store;
    const classes = this.kind === "classes";
    const values = classes ? columns.test_accuracy : columns.test_loss;
    const i = values.findIndex((v) => v !== null && (classes ? v >= target : v <= target));
    return i < 0 ? null : { step: columns.step[i], seconds: columns.time[i] ?? 0 };
  }

  /** Its test loss over steps, epochs or seconds. @param {string} by @returns {Curve} */
  curve(by) {
    const isTested = this.store.columns.test_loss.some((v) => v !== null);
    return curveOf(this, this.store.columns, by, isTested ? "test_loss" : "loss");
  }

  close() {
    this.stream.close();
    this.card.close();
  }
}
