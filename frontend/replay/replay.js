/**
 * replay.html: a run's history in one file, with its pictures and charts, that needs no server. The server puts in what
 * it shows.
 */

import { drawLines } from "../charts/canvas_lines.js";
import { chartsOf, curvesOf, isMeasured } from "../charts/metrics.js";
import { beginnings, findingsAt, firstOf, isAlarm } from "../doctor/findings.js";
import { markOfFindings } from "../doctor/mark.js";
import { GlassBox } from "../glass/glass.js";
import { Card } from "../pictures/card.js";
import { placesOf, sharesOf } from "../pictures/places.js";
import { surroundingsIn } from "../pictures/view.js";
import { cutChanges, unpack } from "../server/frames.js";
import { stepsInFile } from "../server/one_step.js";
import { changesInWords } from "../state/differences.js";
import { count, number, percent } from "../state/numbers.js";
import { learnedWords, Progress } from "../state/progress.js";
import { Store } from "../state/store.js";
import { addCanvas } from "../ui/canvas.js";
import { byId, make } from "../ui/element.js";
import { icon } from "../ui/icons.js";
import { themed } from "../ui/palette.js";

const PER_SECOND = 12;

/**
 * What the server wrote: about the run, its task, its rows with the columns that they have, and how long each frame is.
 * @typedef {object} About
 * @property {Pick<import("../state/types.js").Run, "id" | "configuration" | "layers">} run
 * @property {import("../state/types.js").TaskEntry} task
 * @property {number[]} steps of the snapshots
 * @property {import("../state/types.js").FoundAt[]} findings what the doctor found, by steps
 * @property {import("../state/types.js").OptimizerChange[]} changes what was chosen from each step on
 * @property {import("../charts/metrics.js").Column[]} metrics
 * @property {import("../state/types.js").MetricsColumns} columns
 * @property {Record<string, number[]>} frames of each picture
 * @property {import("../server/one_step.js").Explained | null} [explained] one step in numbers
 */

/** @typedef {import("../state/types.js").Catalog} Catalog */

/** @type {About} */
const about = JSON.parse(byId("about").textContent ?? "");

/** Unpack the frames: gzip, in base64. @returns {Promise<Uint8Array>} */
async function unpacked() {
  const bytes = Uint8Array.from(atob((byId("frames").textContent ?? "").trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Make the card of a chart that is drawn on a canvas. @param {import("../charts/metrics.js").MetricsChart} chart */
function graph({ name, title }) {
  const body = make("div", { className: "picture-body" });
  const ofTest = about.metrics.some(({ chart, test }) => chart === name && test);
  const heading = make("h2", { textContent: ofTest ? `${title}: — training  ┄ test` : title });
  const canvas = addCanvas(body, `${title} over steps`);
  return { canvas, element: make("article", { className: "card picture graph" }, make("header", {}, heading), body) };
}

class Replay {
  /** @param {Map<string, (ArrayBuffer | null)[]>} frames */
  constructor(frames) {
    this.frames = frames;
    this.k = 0;
    this.changes = changesInWords(about.changes);
    this.playing = 0;
    /** @type {Partial<Catalog>} */
    const catalog = { tasks: [about.task], columns: about.metrics, view_only: true };
    const chosen = { ...about.run.configuration, speed: null };
    const store = new Store(/** @type {Catalog} */ (catalog), chosen);
    store.recorded = about.run.layers;
    this.store = store;
    const surroundings = surroundingsIn("replay", store);
    this.cards = [...frames.keys()].map((name) => new Card(name, about.task.pictures[name], store, surroundings));
    this.progress = new Progress(about.task.goal);
    this.place();
    const measured = chartsOf(about.metrics).filter((chart) => isMeasured(about.metrics, about.columns, chart));
    this.graphs = measured.slice(0, 2).map((chart) => ({ chart, ...graph(chart) }));
    byId("graphs").prepend(...this.graphs.map(({ element }) => element));
    this.handle = /** @type {HTMLInputElement} */ (byId("snapshot"));
    this.handle.max = String(about.steps.length - 1);
    this.handle.oninput = () => {
      this.pause();
      this.look(Number(this.handle.value));
    };
    byId("play").onclick = () => this.toggle();
    byId("theme").onclick = () => {
      document.documentElement.dataset.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
      this.look(this.k);
      glass?.redraw();
    };
    const glass = this.glass();
    document.addEventListener("keydown", (event) => {
      const typed = /** @type {HTMLElement} */ (event.target).closest("input:not([type=range])");
      if (event.defaultPrevented || typed || event.ctrlKey || event.metaKey || event.altKey) return;
      const act = glass?.isOpen
        ? glass.actFor(event.key)
        : event.key === "g" && glass
          ? () => glass.open({})
          : undefined;
      if (act) {
        event.preventDefault();
        act();
      }
      if (act || glass?.isOpen) return;
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by && event.target !== this.handle) {
        this.pause();
        this.look(this.k + by);
        event.preventDefault();
      }
      if (event.key === " " && !(/** @type {HTMLElement} */ (event.target).closest("button"))) {
        this.toggle();
        event.preventDefault();
      }
    });
    const sizes = new ResizeObserver(() => this.look(this.k));
    for (const { canvas } of this.graphs) sizes.observe(canvas);
    this.pause();
    this.look(about.steps.length - 1);
  }

  /** One step in numbers, where the file has one. */
  glass() {
    const { explained } = about;
    if (!explained) return null;
    const say = (/** @type {string} */ words) => {
      byId("live").textContent = words;
      byId("words").textContent = words;
    };
    const page = {
      failed: (/** @type {unknown} */ error) => say(error instanceof Error ? error.message : String(error)),
      tell: say,
      address: () => {},
      nearest: () => undefined,
      show: () => false,
    };
    const glass = new GlassBox(byId("glass"), this.store, page, stepsInFile(explained));
    glass.firstExample = explained.example;
    const button = byId("numbers");
    button.hidden = false;
    button.onclick = () => glass.open({});
    return glass;
  }

  /** Put the pictures where they stand on the page: the first ones in the middle, the others beside them. */
  place() {
    const { picture, beside, tabs } = placesOf(this.cards.filter((card) => !this.isEmpty(card)));
    const shares = sharesOf(picture);
    for (const [i, card] of picture.entries()) card.element.style.setProperty("--share", String(shares[i]));
    byId("picture").replaceChildren(...picture.map((card) => card.element));
    byId("beside").replaceChildren(...[...beside, ...tabs].map((card) => card.element));
  }

  /** Tell whether a picture has nothing to show at any step. @param {Card} card */
  isEmpty = (card) => !this.frames.get(card.name)?.some((frame) => frame);

  /** @param {number} k */
  look(k) {
    this.k = Math.max(0, Math.min(about.steps.length - 1, k));
    const step = about.steps[this.k];
    const { store } = this;
    store.finding = firstOf(findingsAt(about.findings, step));
    for (const card of this.cards) {
      const isLit = isAlarm(store.finding) && store.finding?.picture === card.name;
      card.element.classList.toggle("lit", isLit);
      card.element.dataset.kind = isLit ? store.finding?.kind : "";
      const frame = this.frames.get(card.name)?.[this.k];
      if (frame) card.draw(unpack(frame));
      else if (card.picture) card.empty(step);
    }
    const { columns } = about;
    let row = 0;
    while (row + 1 < columns.step.length && columns.step[row + 1] <= step) row++;
    const accuracy = columns.test_accuracy[row] ?? columns.accuracy[row];
    byId("words").textContent =
      `step ${count(step)} · loss ${number(columns.loss[row])}` +
      (columns.penalty[row] ? ` · penalty ${number(columns.penalty[row])}` : "") +
      (accuracy === null ? "" : ` · test accuracy ${percent(accuracy)}`);
    this.say(step, row);
    const marks = [{ at: step, colour: themed("accent"), width: 1.5 }, ...this.marks()];
    for (const { chart, canvas } of this.graphs)
      drawLines(canvas, { curves: curvesOf(about.metrics, columns, chart), over: "step", scale: chart.scale, marks });
    this.handle.value = String(this.k);
    this.handle.setAttribute("aria-valuetext", `step ${step}`);
    document.body.dataset.step = String(step);
  }

  /**
   * Say what was found at a step, what was learned, and what was changed just before.
   * @param {number} step @param {number} row
   */
  say(step, row) {
    const { finding } = this.store;
    const at = Object.fromEntries(Object.entries(about.columns).map(([name, values]) => [name, values[row]]));
    const hasLearned = this.progress.upTo(about.columns, step) === "learned";
    const changed = this.changes.filter((change) => change.step <= step).at(-1);
    const words = [
      ...(changed ? [`Since step ${count(changed.step)}: ${changed.words}.`] : []),
      ...(finding && isAlarm(finding) ? [finding.sentence] : []),
      ...(hasLearned && !isAlarm(finding) ? [learnedWords(about.task.goal, at, about.run.configuration.data)] : []),
    ];
    byId("said").replaceChildren(
      ...(finding && isAlarm(finding) ? [markOfFindings([finding], true), " "] : []),
      words.join(" "),
    );
  }

  /**
   * What was changed while it trained, and where what was found began.
   * @returns {import("../charts/line_chart.js").Mark[]}
   */
  marks() {
    const changed = this.changes.map(({ step, words }) => ({ at: step, colour: themed("test"), width: 1, words }));
    const found = beginnings(about.findings).map(({ step, finding: { kind, cause } }) => {
      return { at: step, colour: themed(kind), width: 1.5, words: cause };
    });
    return [...changed, ...found];
  }

  toggle() {
    if (this.playing) {
      this.pause();
      return;
    }
    if (this.k === about.steps.length - 1) this.look(0);
    byId("play").replaceChildren(icon("pause"));
    byId("play").title = "Stop (space)";
    this.playing = window.setInterval(() => {
      if (this.k === about.steps.length - 1) this.pause();
      else this.look(this.k + 1);
    }, 1000 / PER_SECOND);
  }

  pause() {
    clearInterval(this.playing);
    this.playing = 0;
    byId("play").replaceChildren(icon("play"));
    byId("play").title = "Play (space)";
  }
}

document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
unpacked()
  .then((bytes) => new Replay(cutChanges(bytes, about.frames)))
  .catch((error) => {
    byId("words").textContent = `This browser cannot show the replay: ${error.message}`;
  });
