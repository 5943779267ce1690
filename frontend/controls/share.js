/** The share window: a link to what is chosen, and what somebody who opens it may see and change. */

import { make } from "../element.js";
import { Lesson, PARTS } from "./lesson.js";

export class Share {
  constructor() {
    this.lesson = new Lesson("");
    this.link = make("input", { type: "text", readOnly: true, id: "share-link" });
    this.link.setAttribute("aria-label", "Link");
    this.link.onfocus = () => this.link.select();
    this.copy = make("button", { type: "button", className: "primary", id: "share-copy", textContent: "Copy the link", onclick: () => this.copyLink() });
    const rows = Object.entries(PARTS).map(([name, { words }]) => {
      const choice = make("select", { id: `share-${name}` }, ...["as it is", "locked", "hidden"].map((text) => make("option", { textContent: text })));
      choice.onchange = () => { this.lesson.set(name, choice.value); this.show(); };
      return make("label", {}, make("span", { textContent: words }), choice);
    });
    const close = make("button", { type: "button", className: "quiet", textContent: "Close", onclick: () => this.window.close() });
    this.window = make("dialog", { id: "sharing", className: "library sharing" },
      make("header", {}, make("h2", { textContent: "Share" }), close),
      make("div", { className: "scroller" },
        make("p", { textContent: "Whoever opens this link sees what is chosen here: task, data, network and training." }),
        make("div", { className: "share-row" }, this.link, this.copy),
        make("h3", { textContent: "Make it a lesson" }), make("div", { className: "share-parts" }, ...rows)));
    this.window.setAttribute("aria-label", "Share");
    document.body.append(this.window);
    /** @type {HTMLElement} */ (document.getElementById("share")).onclick = () => { this.show(); this.window.showModal(); };
  }

  show() {
    const url = new URL(location.href);
    url.searchParams.delete("run");
    this.lesson.write(url.searchParams);
    this.link.value = url.href.replaceAll("%2C", ",");
    this.copy.textContent = "Copy the link";
  }

  async copyLink() {
    this.link.select();
    const copied = await navigator.clipboard?.writeText(this.link.value).then(() => true, () => false);
    this.copy.textContent = copied ? "Copied" : "Press Ctrl+C";
  }
}
