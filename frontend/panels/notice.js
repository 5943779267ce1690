/**
 * Says that a run has ended, or broke, to a person who looks elsewhere: in the tab's title, and where wanted as a
 * notice.
 */

import { fileOf } from "../server/api.js";
import { count } from "../state/numbers.js";
import { make } from "../ui/element.js";

/** @import {Store} from "../state/store.js" */
/** @import {Run, RunStatus} from "../state/types.js" */

/** @type {Partial<Record<RunStatus, string>>} */
const WORDS = {
  finished: "✓ finished",
  diverged: "✗ diverged",
  failed: "✗ failed",
  stopped: "■ stopped",
  interrupted: "! interrupted",
  running: "▶",
  queued: "… waiting",
};
const WORTH_A_NOTICE = ["finished", "diverged", "failed"];
const NAME = document.title;
const KEY = "notices";

export class Notice {
  /** @param {Store} store */
  constructor(store) {
    this.status = "";
    this.box = make("input", { type: "checkbox", id: "notices", checked: this.wanted, onchange: () => this.choose() });
    this.words = make("span");
    this.element = make("label", { className: "notices" }, this.box, this.words);
    this.say();
    store.on("run", () => {
      this.status = "";
    });
    store.on("news", () => {
      if (store.run) this.hear(store.run, store.task.title);
    });
  }

  get wanted() {
    return localStorage.getItem(KEY) === "yes" && "Notification" in window && Notification.permission === "granted";
  }

  say(words = "tell me when it ends") {
    this.words.textContent = words;
    this.element.title = "A notice of the browser when the run has finished, or broke, while you look elsewhere";
  }

  async choose() {
    if (!this.box.checked) {
      localStorage.setItem(KEY, "no");
      return;
    }
    const allowed = "Notification" in window && (await Notification.requestPermission()) === "granted";
    localStorage.setItem(KEY, allowed ? "yes" : "no");
    this.box.checked = allowed;
    this.say(allowed ? undefined : "the browser does not allow notices here");
  }

  /** Hear how the run is. @param {Run} run @param {string} title the task's */
  hear(run, title) {
    if (run.status === this.status) return;
    const hasEnded = this.status === "running" && WORTH_A_NOTICE.includes(run.status);
    this.status = run.status;
    const name = run.name ? `\u2068${run.name}\u2069` : title; // whatever way it reads, the words around it stay
    const words = WORDS[run.status];
    document.title = words ? `${words} ${name} · ${NAME}` : `${name} · ${NAME}`;
    if (!hasEnded || !this.wanted || !document.hidden) return;
    const said = new Notification(`${name}: ${run.status}`, {
      body: run.error || `after ${count(run.step)} steps`,
      tag: run.id,
      icon: fileOf("icon.svg"),
    });
    said.onclick = () => {
      window.focus();
      said.close();
    };
  }
}
