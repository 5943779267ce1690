/** The share window: a link to what is chosen, or to watch this very run; as a lesson, and as a QR code for a class. */

import { getWatchers } from "../server/api.js";
import { count } from "../state/numbers.js";
import { PARTS } from "../state/parts.js";
import { dialog } from "../ui/dialog.js";
import { byId, make } from "../ui/element.js";

/** @import {Store} from "../state/store.js" */

const LONGEST_CODE = 1200; // characters that a camera still reads from a projector
const LONGEST_LINK = 2000; // some programs cut longer ones

export class Share {
  /** @param {Store} store @param {() => void} makeLesson opens where a lesson of steps is made */
  constructor(store, makeLesson) {
    this.store = store;
    this.limits = store.limits; // what whoever opens the link finds hidden and locked
    /** @type {string | null} what lets others watch */
    this.token = null;
    this.link = make("input", { type: "text", readOnly: true, id: "share-link" });
    this.link.setAttribute("aria-label", "Link");
    this.link.onfocus = () => this.link.select();
    this.copy = make("button", {
      type: "button",
      className: "primary",
      id: "share-copy",
      textContent: "Copy the link",
      onclick: () => this.copyLink(),
    });
    this.kind = make(
      "select",
      { id: "share-kind" },
      make("option", { value: "copy", textContent: "their own copy of what is chosen here" }),
      make("option", { value: "watch", textContent: "this run, live, to watch" }),
    );
    this.kind.onchange = () => this.show();
    this.code = make("img", { id: "share-code", alt: "QR code of the link" });
    this.words = make("p", { className: "share-words" });
    this.words.setAttribute("role", "status");
    /** @type {Map<keyof typeof PARTS, HTMLSelectElement>} how each part is */
    this.choices = new Map();
    const names = /** @type {(keyof typeof PARTS)[]} */ (Object.keys(PARTS));
    const rows = names.map((name) => {
      const choice = make(
        "select",
        { id: `share-${name}` },
        ...["as it is", "locked", "hidden"].map((text) => make("option", { textContent: text })),
      );
      choice.onchange = () => {
        this.limits = this.limits.with(name, choice.value);
        this.show();
      };
      this.choices.set(name, choice);
      return make("label", {}, make("span", { textContent: PARTS[name].words }), choice);
    });
    const parts = make("div", { className: "share-parts" }, ...rows);
    const steps = make("button", {
      type: "button",
      id: "share-lesson",
      textContent: "A lesson of steps, with text and goals …",
    });
    steps.onclick = () => {
      this.window.close();
      makeLesson();
    };
    const both = make(
      "div",
      { className: "share-both" },
      make("div", {}, make("h3", { textContent: "Make it a lesson" }), parts, steps),
      make("div", { className: "share-qr" }, this.code, this.words),
    );
    const kind = make("label", { className: "share-kind" }, "Whoever opens the link gets", this.kind);
    const link = make("div", { className: "share-row" }, this.link, this.copy);
    this.window = dialog("sharing", "sharing", "Share", [], [kind, link, both]);
    byId("share").onclick = () => this.open();
  }

  async open() {
    this.begin();
    this.show();
    this.window.showModal();
    this.token = (await getWatchers().catch(() => ({ token: null }))).token;
    this.show();
  }

  /** Begin with what is hidden and locked here: nobody gives a link away that lets more be used. */
  begin() {
    this.limits = this.store.limits;
    for (const [name, choice] of this.choices) {
      const how = this.limits.of(name);
      choice.value = how;
      for (const option of choice.options)
        option.disabled = how === "hidden" ? option.value !== how : how === "locked" && option.value === "as it is";
    }
  }

  show() {
    const url = new URL(location.href);
    const watches = this.kind.value === "watch";
    if (watches) url.search = new URLSearchParams({ run: this.store.run?.id ?? "" }).toString();
    else for (const name of ["run", "race", "sweep"]) url.searchParams.delete(name);
    this.limits.write(url.searchParams);
    if (watches && this.token) url.searchParams.set("token", this.token);
    this.link.value = url.href.replaceAll("%2C", ",");
    this.copy.textContent = "Copy the link";
    const fits = this.link.value.length <= LONGEST_CODE;
    this.code.hidden = !fits;
    if (fits) this.code.src = `api/qr?text=${encodeURIComponent(this.link.value)}`;
    this.words.textContent = this.say(fits, watches);
  }

  /** What somebody who sends the link has to know. @param {boolean} fits @param {boolean} watches */
  say(fits, watches) {
    const { length } = this.link.value;
    const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
    const views = watches ? " --view-only" : "";
    const tooLong = `${count(length)} characters, too many for a code that a camera reads: what was drawn is in it.`;
    const mayChange =
      "Whoever opens it may also change the run. Start the server with --view-only, and they only watch.";
    return [
      fits ? "" : `The link has ${tooLong}`,
      length > LONGEST_LINK ? "Some programs cut links as long as this one." : "",
      watches && !this.token ? mayChange : "",
      isLocal ? `This address works on this machine only. For a class start it with --host 0.0.0.0${views}.` : "",
    ]
      .filter(Boolean)
      .join(" ");
  }

  async copyLink() {
    this.link.select();
    const copied = await navigator.clipboard?.writeText(this.link.value).then(
      () => true,
      () => false,
    );
    this.copy.textContent = copied ? "Copied" : "Press Ctrl+C";
  }
}
