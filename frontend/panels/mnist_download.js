/** The download of the full MNIST, and how far it is. */

import { getDownload, startDownload } from "../server/api.js";
import { make } from "../ui/element.js";

/** @import {Download} from "../state/types.js" */

const AGAIN = 300; // milliseconds between two questions while it downloads

export class MnistDownload {
  /** @param {(act: () => Promise<unknown>) => void} order does what a person asks for */
  constructor(order) {
    this.button = make("button", {
      type: "button",
      className: "preset",
      textContent: "Get the full MNIST (11.6 MB)",
      onclick: () => order(() => this.start()),
    });
    this.bar = make("progress", { hidden: true });
    this.bar.setAttribute("aria-label", "Download of the full MNIST");
    this.words = make("p", { className: "refusal", hidden: true });
    this.element = make("div", { id: "mnist-download" }, this.button, this.bar, this.words);
  }

  async start() {
    this.show(await startDownload());
    this.follow();
  }

  /** Watch the download until it is over. */
  async follow() {
    const download = await getDownload().catch(() => null);
    if (!download) return;
    this.show(download);
    if (download.state === "downloading") setTimeout(() => this.follow(), AGAIN);
  }

  /** @param {Download} download */
  show({ available, state, total, done, error }) {
    this.button.hidden = available;
    this.button.disabled = state === "downloading";
    this.bar.hidden = state !== "downloading";
    this.bar.max = total;
    this.bar.value = done;
    this.words.hidden = !error;
    this.words.textContent = error ?? "";
  }
}
