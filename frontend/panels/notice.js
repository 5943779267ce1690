/** Says that a run has ended, or broke, to a person who looks elsewhere: in the tab's title, and where wanted as a notice. */

import { count } from "../state/numbers.js";

const WORDS = /** @type {Record<string, string>} */ ({
  finished: "✓ finished",
  diverged: "✗ diverged",
  failed: "✗ failed",
  stopped: "■ stopped",
  interrupted: "! interrupted",
  running: "▶",
  queued: "… waiting",
});
const NAME = document.title;
const KEY = "notices";

export class Notice {
  constructor() {
    this.status = "";
    this.element = document.createElement("label");
    this.element.className = "notices";
    this.box = document.createElement("input");
    Object.assign(this.box, { type: "checkbox", id: "notices", checked: this.wanted, onchange: () => this.choose() });
    this.words = document.createElement("span");
    this.element.append(this.box, this.words);
    this.say();
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

  /** Hear how the run is. @param {any} run @param {string} title the task's */
  hear(run, title) {
    if (run.status === this.status) return;
    const before = this.status;
    this.status = run.status;
    const name = run.name || title;
    const words = WORDS[run.status];
    document.title = words ? `${words} ${name} · ${NAME}` : `${name} · ${NAME}`;
    if (
      before !== "running" ||
      !["finished", "diverged", "failed"].includes(run.status) ||
      !this.wanted ||
      !document.hidden
    )
      return;
    const said = new Notification(`${name}: ${run.status}`, {
      body: run.error || `after ${count(run.step)} steps`,
      tag: run.id,
      icon: "icon.svg",
    });
    said.onclick = () => {
      window.focus();
      said.close();
    };
  }

  /** Another run is on the page. */
  renew() {
    this.status = "";
  }
}
