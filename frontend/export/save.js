/** Saving: a picture or a chart as PNG or SVG, and a picture's film as an animated PNG. */

import { icon } from "../ui/icons.js";
import { make } from "../ui/element.js";
import { themed } from "../ui/palette.js";
import { animated } from "./apng.js";
import { download } from "../ui/download.js";
import { Studio } from "./studio.js";

const MOST_FRAMES = 90;
const FRAME = 90; // milliseconds
const LAST = 1600;

/** Turn a data: address into what it holds; the page's own rules do not let it be fetched. @param {string} url */
function blobOf(url) {
  const [, type, base64, data] = /** @type {RegExpExecArray} */ (
    /^data:([^;,]+)(?:;charset=[^;,]+)?(;base64)?,(.*)$/s.exec(url)
  );
  const text = base64 ? atob(data) : decodeURIComponent(data);
  return new Blob([base64 ? Uint8Array.from(text, (c) => c.charCodeAt(0)) : text], { type });
}

/**
 * Take an element of a list n times at the most, evenly, the last one always.
 * @template T @param {T[]} list @param {number} n @returns {T[]}
 */
const evenly = (list, n) =>
  list.length <= n ? list : Array.from({ length: n }, (_, i) => list[Math.round((i * (list.length - 1)) / (n - 1))]);

export class Saver {
  /**
   * @param {import("../state/store.js").Store} store @param {import("../pictures/board.js").Board} board
   * @param {{film: () => import("../server/history.js").RunHistory, plotly: () => Promise<any>, failed: (error: unknown) => void}} actions
   */
  constructor(store, board, actions) {
    this.store = store;
    this.board = board;
    this.actions = actions;
    this.menu = make("div", { id: "save-menu", className: "menu" });
    this.menu.popover = "auto";
    document.body.append(this.menu);
  }

  /** Give every picture and chart a button. */
  offer() {
    for (const card of document.querySelectorAll(
      "main .card[data-picture], :is(#charts, #lab) .card.chart:not([data-picture])",
    )) {
      const head = /** @type {HTMLElement} */ (card.querySelector("h2"));
      if (head.querySelector(".saver")) continue;
      const button = make(
        "button",
        { type: "button", className: "tiny quiet saver", title: "Save this picture" },
        icon("save"),
      );
      button.setAttribute("aria-label", `Save: ${head.firstChild?.textContent}`);
      button.setAttribute("aria-haspopup", "menu");
      button.onclick = () => this.open(button, /** @type {HTMLElement} */ (card));
      head.append(button);
    }
  }

  /** @param {HTMLButtonElement} button @param {HTMLElement} card */
  open(button, card) {
    const { picture } = card.dataset;
    /** @type {[string, string, () => Promise<void>][]} */
    const choices = picture
      ? [
          ["PNG", "PNG, twice as sharp", () => this.picture(picture, "png")],
          ["SVG", "SVG, lines stay lines", () => this.picture(picture, "svg")],
          ["film", "The film, animated PNG", () => this.film(picture, button)],
        ]
      : [
          ["PNG", "PNG, twice as sharp", () => this.chart(card, "png")],
          ["SVG", "SVG, lines stay lines", () => this.chart(card, "svg")],
        ];
    this.menu.replaceChildren(
      ...choices.map(([id, words, act]) =>
        make("button", {
          type: "button",
          className: "quiet",
          id: `save-${id.toLowerCase()}`,
          textContent: words,
          onclick: () => {
            this.menu.hidePopover();
            act().catch(this.actions.failed);
          },
        }),
      ),
    );
    const box = button.getBoundingClientRect();
    this.menu.showPopover();
    Object.assign(this.menu.style, {
      left: `${Math.max(4, Math.min(box.right, innerWidth - 4) - this.menu.offsetWidth)}px`,
      top: `${Math.min(box.bottom + 2, innerHeight - this.menu.offsetHeight - 4)}px`,
    });
    /** @type {HTMLElement} */ (this.menu.firstElementChild).focus();
  }

  /** @param {string} picture @param {string | number} [step] */
  nameOf(picture, step = "") {
    return `${this.store.chosen.task}-${picture.replaceAll(" ", "-")}${step === "" ? "" : `-${step}`}`;
  }

  /** @param {string} name */
  studio(name) {
    const card = /** @type {import("../pictures/card.js").Card} */ (this.board.cards.get(name));
    return { shown: card.picture, asked: card.asked, studio: new Studio(card) };
  }

  /** @param {string} name @param {"png" | "svg"} form */
  async picture(name, form) {
    const { shown, studio } = this.studio(name);
    try {
      if (shown) download(await studio[form](shown), `${this.nameOf(name, shown.step)}.${form}`);
    } finally {
      studio.close();
    }
  }

  /** Photograph a picture at every moment of the film. @param {string} name @param {HTMLButtonElement} button */
  async film(name, button) {
    const film = this.actions.film();
    button.disabled = true;
    const { studio, asked } = this.studio(name);
    try {
      await film.refresh();
      const pngs = [];
      const moments = evenly(film.steps, MOST_FRAMES);
      for (const [k, step] of moments.entries()) {
        button.textContent = `${Math.round((100 * k) / moments.length)} %`;
        const picture = (await film.pictures(step, [asked])).get(asked);
        if (picture) pngs.push(new Uint8Array(await (await studio.png(picture)).arrayBuffer()));
      }
      if (!pngs.length) return;
      const delays = pngs.map((_, k) => (k === pngs.length - 1 ? LAST : FRAME));
      download(new Blob([animated(pngs, delays)], { type: "image/png" }), `${this.nameOf(name)}-film.png`);
    } finally {
      studio.close();
      button.disabled = false;
      button.replaceChildren(icon("save"));
    }
  }

  /** @param {HTMLElement} card @param {"png" | "svg"} format */
  async chart(card, format) {
    const plotly = await this.actions.plotly();
    const body = /** @type {any} */ (card.querySelector(".chart-body"));
    const title = card.querySelector("h2")?.firstChild?.textContent ?? "chart";
    const layout = {
      ...body.layout,
      paper_bgcolor: themed("paper"),
      title: { text: title, font: { size: 13 } },
      margin: { ...body.layout.margin, t: 40 },
    };
    const url = await plotly.toImage(
      { data: body.data, layout, config: { plotlyServerURL: "" } },
      { format, width: 640, height: 420, scale: format === "png" ? 2 : 1 },
    );
    download(blobOf(url), `${this.nameOf(title.toLowerCase())}.${format}`);
  }
}
