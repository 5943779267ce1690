/** More of a picture or chart: what it shows; saved as PNG or SVG, a picture over its history as an animated PNG. */

import { later } from "../server/api.js";
import { percent } from "../state/numbers.js";
import { download } from "../ui/download.js";
import { make } from "../ui/element.js";
import { icon } from "../ui/icons.js";
import { themed } from "../ui/palette.js";
import { enlarge } from "../ui/top.js";

const pictures = later(() => import("./studio.js"));
const animations = later(() => import("./apng.js"));

const MOST_FRAMES = 90;
const FRAME = 90; // milliseconds
const LAST = 1600;
const LEGEND = 20; // pixels for each curve that is named below its chart

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

/** A button that shows the picture large. */
function enlarger() {
  const title = "Large, for a projector (F)";
  const button = make("button", { type: "button", className: "tiny quiet enlarge", title }, icon("large"));
  button.setAttribute("aria-label", "Large");
  button.setAttribute("aria-pressed", String("large" in document.body.dataset));
  button.onclick = () => enlarge();
  return button;
}

/** @typedef {import("../pictures/card.js").Card} Card */
/** @typedef {import("../charts/chart_card.js").ChartCard} ChartCard */
/** @typedef {[id: string, words: string, act: () => Promise<void>]} Choice in the menu */

/**
 * What saving needs of the page around it.
 * @typedef {object} Actions
 * @property {() => import("../server/history.js").RunHistory} history of the run on the page
 * @property {() => Promise<import("../charts/plotly.js").Plotly>} plotly
 * @property {(error: unknown) => void} failed
 */

export class Saver {
  /**
   * @param {import("../state/store.js").Store} store @param {import("../pictures/board.js").Board} board
   * @param {Actions} actions
   */
  constructor(store, board, actions) {
    this.store = store;
    this.board = board;
    this.actions = actions;
    this.menu = make("div", { id: "save-menu", className: "menu" });
    this.menu.popover = "auto";
    store.on("task", () => this.offerPictures());
    store.on("charts", (/** @type {ChartCard} */ card) => this.offerChart(card));
  }

  /** Give every picture a button. */
  offerPictures() {
    this.board.main?.title.append(enlarger());
    for (const card of this.board.cards.values())
      this.offer(card.title, card.words, (button) => [
        ["explanation", "What it shows", async () => card.called.click()],
        ...(card.view?.choices?.() ?? []),
        ["PNG", "Save as PNG, twice as sharp", () => this.picture(card, "png")],
        ["SVG", "Save as SVG, lines stay lines", () => this.picture(card, "svg")],
        ["film", "Save the film, animated PNG", () => this.animation(card, button)],
      ]);
  }

  /** Give a chart a button. @param {ChartCard} card */
  offerChart(card) {
    this.offer(card.title, card.words, () => [
      ...card.choices(),
      ["PNG", "Save as PNG, twice as sharp", () => this.chart(card, "png")],
      ["SVG", "Save as SVG, lines stay lines", () => this.chart(card, "svg")],
    ]);
  }

  /**
   * Put a button beside a title.
   * @param {HTMLElement} title @param {string} words what the title says
   * @param {(button: HTMLButtonElement) => Choice[]} choices what the button offers
   */
  offer(title, words, choices) {
    const button = make("button", { type: "button", className: "tiny quiet saver", title: "More" }, icon("more"));
    button.setAttribute("aria-label", `More: ${words}`);
    button.setAttribute("aria-haspopup", "menu");
    button.onclick = () => this.open(button, choices(button));
    title.append(button);
  }

  /** @param {HTMLButtonElement} button @param {Choice[]} choices */
  open(button, choices) {
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
    (button.closest("dialog") ?? document.body).append(this.menu); // what lies outside of a window cannot be pressed
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

  /** Take a picture as it is on the page. @param {Card} card @param {"png" | "svg"} form */
  async picture(card, form) {
    const { name, picture } = card;
    if (!picture) return;
    const { Studio } = await pictures();
    const studio = new Studio(card);
    try {
      download(await studio[form](picture), `${this.nameOf(name, picture.step)}.${form}`);
    } finally {
      studio.close();
    }
  }

  /** Take a picture at every step of the history. @param {Card} card @param {HTMLButtonElement} button */
  async animation(card, button) {
    const history = this.actions.history();
    const { asked, name } = card;
    const { Studio } = await pictures();
    const { animated } = await animations();
    const studio = new Studio(card);
    button.disabled = true;
    try {
      await history.refresh();
      const pngs = [];
      const steps = evenly(history.steps, MOST_FRAMES);
      for (const [k, step] of steps.entries()) {
        button.textContent = percent(k / steps.length, 0);
        const picture = (await history.pictures(step, [asked])).get(asked);
        if (picture) pngs.push(new Uint8Array(await (await studio.png(picture)).arrayBuffer()));
      }
      if (!pngs.length) return;
      const delays = pngs.map((_, k) => (k === pngs.length - 1 ? LAST : FRAME));
      download(new Blob([animated(pngs, delays)], { type: "image/png" }), `${this.nameOf(name)}-film.png`);
    } finally {
      studio.close();
      button.disabled = false;
      button.replaceChildren(icon("more"));
    }
  }

  /**
   * Let Plotly draw a chart once more, on paper and with its title.
   * @param {ChartCard} card @param {"png" | "svg"} format
   */
  async chart(card, format) {
    const plotly = await this.actions.plotly();
    const { data, layout: shown } = /** @type {import("../charts/plotly.js").Drawn} */ (card.body);
    const layout = {
      ...shown,
      paper_bgcolor: themed("paper"),
      title: { text: card.words, font: { size: 13 } },
      margin: { ...shown.margin, t: 40 },
      ...(card.isNamedBelow && {
        showlegend: true,
        legend: { orientation: "h", y: -0.12, yanchor: "top" },
        margin: { ...shown.margin, t: 40, b: 40 + LEGEND * data.length },
      }),
    };
    const url = await plotly.toImage(
      { data, layout, config: { plotlyServerURL: "" } },
      {
        format,
        width: 640,
        height: 420 + (card.isNamedBelow ? LEGEND * data.length : 0),
        scale: format === "png" ? 2 : 1,
      },
    );
    const name = card.words.toLowerCase().replaceAll(" ", "-");
    download(blobOf(url), `${card.owner || this.store.chosen.task}-${name}.${format}`);
  }
}
