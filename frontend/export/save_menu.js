/** The menu of what can be saved of a run, of weights that it can begin with, and of a notice when it ends. */

import { Refusal } from "../server/api.js";
import { EXPORTS } from "../state/constants.js";
import { download } from "../ui/download.js";
import { make } from "../ui/element.js";
import { opens } from "../ui/menu.js";

/** @import {Store} from "../state/store.js" */

/** What is in a file that a run can be saved as. @type {Record<string, string>} */
const HOLDS = {
  "replay.html": "The whole training as a film, in one page that needs no server.",
  "script.py": "The run as a Python script that trains it again, number by number.",
  "metrics.csv": "A table with all that was measured, step by step.",
  "weights.npz": "What it has learned, as arrays of NumPy.",
  "weights.safetensors": "What it has learned, as other libraries read it.",
};

export class SaveMenu {
  /**
   * @param {HTMLButtonElement} button @param {Store} store @param {HTMLElement} notice where a person asks for a notice
   * @param {{load: (file: File) => void, failed: (error: unknown) => void}} actions
   */
  constructor(button, store, notice, actions) {
    this.store = store;
    this.actions = actions;
    const links = ["replay.html", ...EXPORTS].map((name) => this.link(name));
    this.menu = make("div", { id: "run-menu", className: "menu choices" }, ...links, this.loader(), notice);
    button.after(this.menu);
    opens(button, this.menu);
  }

  /** Where a file is made of the run that is on the page. @param {string} name */
  address(name) {
    const query = name === "replay.html" ? `?example=${this.store.example}` : "";
    return `api/runs/${this.store.run?.id}/export/${name}${query}`;
  }

  /** A link to a file. Making it may take seconds, and may be refused: both is said. @param {string} name */
  link(name) {
    const words = make("b", { textContent: name });
    const made = make("a", { href: `#${name}` }, words, make("span", { textContent: HOLDS[name] ?? "" }));
    if (name === "replay.html") made.id = "save-replay";
    made.onclick = async (event) => {
      event.preventDefault();
      const { run } = this.store;
      if (!run || made.getAttribute("aria-busy") === "true") return;
      made.setAttribute("aria-busy", "true");
      words.textContent = "making it …";
      try {
        const reply = await fetch(this.address(name));
        if (!reply.ok) throw new Refusal((await reply.json()).error.message, null, reply.status);
        download(await reply.blob(), `${run.task}-${run.id}-${name}`);
      } catch (error) {
        this.menu.hidePopover(); // what is said stands on the page
        this.actions.failed(error);
      } finally {
        words.textContent = name;
        made.removeAttribute("aria-busy");
      }
    };
    return made;
  }

  /** What asks for a file with weights. */
  loader() {
    const input = make("input", { type: "file", accept: ".safetensors,.npz", id: "load-weights" });
    input.className = "visually-hidden";
    input.onchange = () => {
      const file = input.files?.[0];
      input.value = "";
      this.menu.hidePopover();
      if (file) this.actions.load(file);
    };
    return make(
      "label",
      { className: "loader" },
      make("b", { textContent: "Load weights" }),
      make("span", {
        textContent: "A new run of this network begins with the weights of a file (safetensors or npz).",
      }),
      input,
    );
  }
}
