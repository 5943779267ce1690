/**
 * A sweep, and a search, which makes its runs by and by: a small picture for each combination, the best first, and
 * pictures of the scores.
 */

import { ChartCard } from "../charts/chart_card.js";
import {
  drawChoice,
  drawImportance,
  drawPair,
  drawParallel,
  isThinned,
  picked,
  pickedByKey,
  saidOfPicked,
  shownOf,
} from "../charts/scores.js";
import { commandGroup, getGroup, getNews, getRun, Refusal, searchMore, widenSearch } from "../server/api.js";
import { listRows } from "../server/run_table.js";
import { say } from "../state/differences.js";
import { count } from "../state/numbers.js";
import { isActive, waits } from "../state/status.js";
import { make } from "../ui/element.js";
import { select } from "../ui/field.js";
import { themed } from "../ui/palette.js";
import { nameOf, shortly, wordsOf } from "./choices.js";
import { Tile } from "./tile.js";
import {
  bestOf,
  beyond,
  isCross,
  isOver,
  ranked,
  restingWords,
  scoredBy,
  scoreOf,
  trialsOf,
  whyCross,
  withNews,
} from "./trials.js";

/** @import {Plotly} from "../charts/plotly.js" */
/** @import {Scored, Span} from "../charts/scores.js" */
/** @import {Store} from "../state/store.js" */
/** @import {Edge, Group, GroupRun, Trial} from "../state/types.js" */
/** @import {Place} from "./choices.js" */
/** @import {Actions} from "./race.js" */

const POLL = 700;
const SHOWN = 60; // tiles at the most
const MANY = 100; // runs, beyond which only those are asked for that are shown
const PICKING = "Drag along an axis, or pick by arrow keys (Shift moves one end); a click or Escape ends it.";
const THINNED = "Of those that lie together, the best is drawn.";
const DECADES = 50; // from the least to the greatest value of a choice, from which its axis is logarithmic

export class Sweep {
  /** @param {Place} place @param {Store} store @param {Group} group @param {Actions} actions */
  constructor(place, store, group, actions) {
    this.place = place;
    this.group = group;
    this.actions = actions;
    this.store = store;
    this.timer = 0;
    this.asked = 0; // the number of the newest question how all runs are
    this.isOrdering = false;
    this.closed = false;
    this.isClickable = false;
    this.kind = store.taskCalled(group.task).kind;
    /** @type {Map<number, Tile>} by the trial's number */
    this.tiles = new Map();
    /** @type {Trial[]} */
    this.trials = [];
    this.words = place.words;
    this.words.id = "sweep-words";
    const order = (/** @type {string} */ id, /** @type {string} */ words, /** @type {() => Promise<any>} */ act) =>
      make("button", { type: "button", id, textContent: words, onclick: () => this.order(act) });
    this.further = order("sweep-further", "Go on", () => commandGroup(group.id, "resume"));
    this.further.className = "primary";
    this.further.title = "Train those that wait";
    this.pause = order("sweep-pause", "Pause", () => commandGroup(group.id, "pause"));
    this.more = order("sweep-like", "More like the best", () => searchMore(group.id));
    this.more.title = "Try more combinations, near the best quarter of those that were tried";
    this.edges = make("div", { className: "sweep-edges" });
    this.told = ""; // what of the edges stands there
    this.stop = order("sweep-stop", "Stop all", () => commandGroup(group.id, "stop"));
    const csv = make("a", {
      className: "button",
      href: `api/groups/${group.id}/export/metrics.csv`,
      download: "",
      textContent: "metrics.csv",
    });
    const again = make("button", { type: "button", textContent: "Another sweep", id: "sweep-again" });
    again.onclick = () => actions.again();
    const two = (/** @type {HTMLElement[]} */ ...pair) => make("div", { className: "two" }, ...pair);
    this.buttons = [this.further, this.pause, two(this.stop, again), this.edges, two(this.more, csv)];
    this.grid = make("div", { className: "tiles" });
    this.rest = make("p", { className: "muted", hidden: true });
    this.look = 0; // which picture of the scores is shown
    /** @type {Span | null} what of the parallel coordinates is picked */
    this.span = null;
    /** @type {unknown[]} what the picture of the scores was drawn from */
    this.drawn = [];
    this.isPointer = false; // whether that was dragged, and not picked by key: Plotly tells of both, late
    this.chooser = make("span", { className: "sweep-look" });
    this.card = new ChartCard("Scores", this.chooser);
    this.chart = this.card.body;
    this.chart.classList.add("lab-chart");
    this.chart.removeAttribute("aria-description"); // its keys are those of curves
    this.chart.onkeydown = (event) => this.key(event);
    this.hint = make("p", { className: "muted sweep-picked" });
    this.card.element.append(this.hint);
    const tiles = make("div", { className: "sweep-tiles" }, this.grid, this.rest);
    place.stage.replaceChildren(make("div", { className: "sweep-both" }, tiles, this.card.element));
    store.emit("charts", this.card);
    this.seen = () => document.hidden || this.poll(); // another tab may have gone on, and no pictures came meanwhile
    document.addEventListener("visibilitychange", this.seen);
    this.place.bar.replaceChildren(...this.buttons);
    this.arrange();
  }

  /** It trains: from now on it is ordered here. */
  begin() {
    this.hear(this.group);
  }

  /** Give an order, and hear what comes of it. @param {() => Promise<any>} act */
  async order(act) {
    if (this.isOrdering) return; // of a double click the second half
    this.isOrdering = true;
    try {
      await act();
      await this.poll();
    } catch (error) {
      this.actions.failed(error);
    } finally {
      this.isOrdering = false;
    }
  }

  /** Ask how all runs are, until all have ended. */
  async poll() {
    clearTimeout(this.timer);
    const asked = ++this.asked;
    const { group } = this;
    const asking = isMany(group) && group.search ? getNews(group.id, group.search.revision) : getGroup(group.id);
    /** @type {Group | Refusal | null} */
    const now = await asking.catch((error) => error);
    if (this.closed || asked !== this.asked) return; // a newer question was asked meanwhile
    if (now instanceof Refusal) {
      this.actions.connection(now.status !== 0);
      if (now.status === 404)
        this.words.textContent = "This sweep was deleted. Choose another one, or begin a new one.";
      else this.timer = window.setTimeout(() => this.poll(), POLL);
      return;
    }
    if (now) await this.hear(isMany(group) ? withNews(group, now) : now);
    else {
      this.actions.connection(true);
      this.wait();
    }
  }

  /**
   * Take in how all runs are, and ask again in a moment.
   * @param {Group} group
   */
  async hear(group) {
    const { asked } = this;
    this.actions.connection(true);
    await this.take(group);
    if (!this.closed && asked === this.asked) this.wait();
  }

  /** Ask again in a moment, unless nothing more will happen by itself. */
  wait() {
    const { group } = this;
    const goesOn =
      group.search?.status === "running" ||
      group.runs.some((run) => isActive(run.status)) ||
      this.trials.some(({ status }) => status === "training");
    if (goesOn) this.timer = window.setTimeout(() => this.poll(), POLL);
  }

  /** @param {Group} group */
  async take(group) {
    const { asked } = this;
    const isOld = () => this.closed || asked !== this.asked;
    this.group = group;
    const { search } = group;
    const { higher, isShare } = scoredBy(group, this.kind);
    this.trials = trialsOf(group, this.kind);
    const sorted = ranked(this.trials, higher);
    this.offer(group);
    await this.lay(sorted, isShare);
    if (isOld()) return;
    const done = search?.ended ?? this.trials.filter(isOver).length;
    const best = bestOf(group, sorted);
    const differs = best && this.differs(best);
    const words = differs ? ` · best: ${differs.short}, ${scoreOf(best, isShare)}` : "";
    const spared = search && search.how === "halving" && done ? ` · ${stepsOf(search)}` : "";
    const planned = search?.planned ?? group.runs.length;
    const waiting = await this.waiting(group);
    if (isOld()) return;
    const rests = restingWords(group);
    this.words.title = differs?.full ?? "";
    this.words.textContent = `${count(done)} of ${count(planned)} done${rests}${words}${spared}${waiting}`;
    const plotly = await this.actions.charts().catch(() => null);
    if (plotly && !isOld()) this.drawChart(plotly);
  }

  /** Offer what can be done with it as it is now. @param {Group} group */
  offer({ search, runs }) {
    const isWaiting = search?.trials.some(({ status }) => status === "paused"); // somebody paused its run alone
    this.further.hidden = search
      ? !["paused", "interrupted"].includes(search.status) && !(search.status === "running" && isWaiting)
      : !runs.some((r) => waits(r.status));
    this.pause.hidden = search?.status !== "running";
    this.stop.disabled = search ? ["finished", "stopped"].includes(search.status) : false;
    const hasRange = search?.axes.some(({ values }) => values === null); // of lists all may have been tried
    this.more.hidden = !hasRange || search?.best === null;
    const now = JSON.stringify([search?.error, search?.edges]);
    if (now === this.told) return; // its buttons stay, with the focus
    this.told = now;
    const said = (search?.edges ?? []).map((edge) => this.edge(edge));
    if (search?.error) said.unshift(make("p", { className: "refusal", textContent: search.error }));
    this.edges.replaceChildren(...said);
    this.edges.hidden = !said.length;
  }

  /** Say that the best lies at the end of what was tried, and offer to go beyond. @param {Edge} edge */
  edge(edge) {
    const widen = make("button", { type: "button", className: "quiet", textContent: "Widen it" });
    widen.onclick = () => this.order(() => widenSearch(this.group.id, edge));
    return make("p", {}, `${edge.sentence} `, widen);
  }

  /** Lay out the first tiles in this order, with their pictures. @param {Trial[]} sorted @param {boolean} isShare */
  async lay(sorted, isShare) {
    const { tiles, asked } = this;
    const all = sorted.filter(({ status, runs }) => status !== "deleted" && runs.some((id) => id !== null));
    const shown = all.slice(0, SHOWN);
    const runs = await Promise.all(shown.map((trial) => this.runOf(trial)));
    if (this.closed || asked !== this.asked) return;
    const there = new Map(shown.map(({ number }, i) => [number, runs[i]?.id]));
    for (const [number, tile] of tiles)
      if (there.get(number) !== tile.run.id) {
        tile.close();
        tiles.delete(number);
      }
    const focused = document.activeElement;
    let place = 0;
    shown.forEach((trial, i) => {
      const run = runs[i];
      if (!run) return;
      const tile = tiles.get(trial.number) ?? new Tile(run, this.differs(trial), this.store, this.actions.open);
      tiles.set(trial.number, tile);
      if (!tile.isOf(trial) || tile.run !== run) tile.update(run, trial, isShare);
      else if (tile.isDue) tile.draw();
      const before = this.grid.children[place++] ?? null;
      if (before !== tile.element) this.grid.insertBefore(tile.element, before);
    });
    if (focused instanceof HTMLElement && this.grid.contains(focused)) focused.focus({ preventScroll: true });
    const others = all.length - shown.length;
    this.rest.hidden = others <= 0;
    this.rest.textContent = `and ${count(others)} more; Runs lists all of them.`;
  }

  /** Name a trial by what differs: as its tile says it, and in full. @param {Trial} trial */
  differs({ values }) {
    const { paths } = this.group;
    return { short: wordsOf(paths, values, shortly), full: wordsOf(paths, values) };
  }

  /**
   * Find the run whose picture a trial shows, the first of its repeats that is there. One that came without its group's
   * others is asked for again where the trial is another than before; null where it was deleted.
   * @param {Trial} trial @returns {Promise<GroupRun | null>}
   */
  async runOf(trial) {
    const ids = trial.runs.filter((id) => id !== null);
    const known = this.group.runs.find(({ id }) => ids.includes(id));
    if (known) return known;
    const tile = this.tiles.get(trial.number);
    if (tile?.isOf(trial)) return tile.run;
    for (const id of ids) {
      const run = await getRun(id).catch(() => null);
      if (run) return /** @type {GroupRun} */ (run);
    }
    return null;
  }

  /** Say what runs that wait are waiting for. @param {Group} group */
  async waiting(group) {
    const number = group.runs.filter((run) => run.status === "queued").length;
    if (!number) return "";
    const training = await listRows({ columns: ["sweep"], filter: "status = running" }).catch(() => null);
    const others = training?.columns.sweep.filter((id) => id !== group.id).length;
    const behind = others ? `, ${others} of them taken by ${others === 1 ? "a run" : "runs"} outside this sweep` : "";
    const verb = number === 1 ? "waits" : "wait";
    return ` · ${number} ${verb} for a free core${behind}`;
  }

  /** The pictures of the scores that there are, the first one shown before another is chosen. */
  get looks() {
    const { paths, search } = this.group;
    const names = paths.map(nameOf);
    const pairs = paths.length > 1 ? [this.pair] : [];
    return [
      ...pairs.map(([a, b]) => ({ name: `${names[a]} × ${names[b]}`, kind: "pair", k: 0 })),
      ...names.map((name, k) => ({ name, kind: "choice", k })),
      ...(paths.length > 1 ? [{ name: "all choices", kind: "all", k: 0 }] : []),
      ...(search && paths.length > 1 ? [{ name: "what mattered", kind: "importance", k: 0 }] : []),
    ];
  }

  /** The one that is shown. */
  get shownLook() {
    const { looks } = this;
    return looks[this.look] ?? looks[0];
  }

  /** The two choices that explain most, as they stand in the paths. @returns {[number, number]} */
  get pair() {
    const { paths, search } = this.group;
    const most = (search?.importance ?? []).map(({ path }) => paths.indexOf(path));
    const [a, b] = [...most, ...paths.keys()].filter((k, i, all) => all.indexOf(k) === i);
    return a < b ? [a, b] : [b, a];
  }

  /** Let a person choose which picture of the scores is shown. */
  arrange() {
    const names = this.looks.map(({ name }) => name);
    if (names.join() === this.offered || this.chooser.contains(document.activeElement)) return;
    this.offered = names.join();
    const now = names[Math.min(this.look, names.length - 1)];
    const input = select(names, now, "sweep-look", (name) => {
      this.look = names.indexOf(name);
      this.redraw();
    });
    input.setAttribute("aria-label", "Scores over");
    this.chooser.replaceChildren(input);
    this.chooser.hidden = names.length < 2;
  }

  async redraw() {
    const plotly = await this.actions.charts().catch(() => null);
    if (plotly && !this.closed) this.drawChart(plotly);
  }

  /** The trials as the pictures of their scores want them. @returns {Scored} */
  get scored() {
    const { group, trials } = this;
    const { words, higher } = scoredBy(group, this.kind);
    const choices = group.paths.map((path, k) => {
      const plain = trials.map(({ values }) => values[k]);
      const numbers = plain.filter((v) => typeof v === "number");
      const isLog =
        numbers.length > 1 && Math.min(...numbers) > 0 && Math.max(...numbers) > DECADES * Math.min(...numbers);
      const values = numbers.length === plain.length ? plain : plain.map(say);
      return { label: nameOf(path), values, isLog };
    });
    return {
      choices,
      scores: trials.map(({ score }) => score),
      crosses: trials.map(isCross),
      beyond: beyond(trials, higher),
      name: (i) => wordsOf(group.paths, trials[i].values) + (isCross(trials[i]) ? `: ${whyCross(trials[i])}` : ""),
      words,
      higher,
    };
  }

  /**
   * Draw the picture of the scores, unless it would be as it is.
   * @param {Plotly} plotly
   */
  drawChart(plotly) {
    const body = /** @type {import("../charts/plotly.js").Drawn} */ (this.chart);
    if (body._dragging) return; // a person picks something along the axes
    this.arrange();
    const { scored, chart } = this;
    const look = this.shownLook;
    this.chart.setAttribute("aria-label", `${scored.words}: ${look.name}`);
    this.brush(scored); // what it says takes its place before the picture
    const { importance } = this.group.search ?? {};
    const how = [
      look.name,
      chart.clientWidth,
      chart.clientHeight,
      this.span,
      JSON.stringify(importance),
      themed("ink"),
    ];
    const now = [...how, ...scored.scores, ...scored.crosses];
    if (now.length === this.drawn.length && now.every((value, i) => value === this.drawn[i])) return;
    this.drawn = now;
    if (look.kind === "pair") drawPair(plotly, chart, scored, this.pair);
    else if (look.kind === "choice") drawChoice(plotly, chart, scored, look.k);
    else if (look.kind === "all") drawParallel(plotly, chart, scored, this.span);
    else {
      const shares = (importance ?? []).map(({ path, share }) => ({ label: nameOf(path), share }));
      drawImportance(plotly, chart, shares);
    }
    this.listen();
  }

  /** Hear of clicks on a score, and of what is picked along the axes; once, as soon as Plotly is there. */
  listen() {
    const body = /** @type {import("../charts/plotly.js").Drawn} */ (this.chart);
    if (this.isClickable || !body.on) return;
    this.isClickable = true;
    body.on("plotly_click", async ({ points: [point] }) => {
      const trial = this.trials[point.customdata];
      const run = trial && (await this.runOf(trial));
      if (run && !this.closed) this.actions.open(run);
    });
    body.addEventListener("pointerdown", () => {
      this.isPointer = true;
    });
    body.on("plotly_selected", (what) => what?.range && this.isPointer && this.pick(inOrder(what.range)));
    body.on("plotly_deselect", () => this.isPointer && this.pick(null)); // a click on what is picked
    body.addEventListener("click", () => {
      if (this.span && this.shownLook.kind === "all") this.pick(null); // elsewhere; a drag makes no click
    });
  }

  /** Pick a part of the parallel coordinates, or nothing. @param {Span | null} span */
  pick(span) {
    this.span = span;
    this.redraw();
  }

  /** Pick by key what can be dragged over, too. @param {KeyboardEvent} event */
  key(event) {
    const { key, shiftKey } = event;
    if (this.shownLook.kind !== "all" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === "Escape" ? !this.span : !/^Arrow/.test(key)) return;
    event.preventDefault();
    event.stopPropagation(); // Escape would leave the sweep
    this.isPointer = false;
    this.pick(key === "Escape" ? null : pickedByKey(this.scored, this.span, key, shiftKey));
  }

  /**
   * Let those tiles stand back whose trials do not pass through what is picked, and say what that is.
   * @param {Scored} scored
   */
  brush(scored) {
    const { chart, hint, span } = this;
    const { kind } = this.shownLook;
    const isAll = kind === "all";
    const some = isAll && span ? picked(scored, span) : null;
    const shown = shownOf(scored).length;
    const share = some ? `${count(some.size)} of ${count(shown)}` : "";
    const words = [span && some ? saidOfPicked(scored, span) : "", share].filter(Boolean).join(": ");
    const parts = [isAll && (words || PICKING), isThinned(kind, scored, some) && THINNED];
    hint.textContent = parts.filter(Boolean).join(" ");
    hint.hidden = !hint.textContent;
    const told = { valuemin: 0, valuemax: shown, valuenow: some?.size ?? shown, valuetext: words || "all" };
    chart.setAttribute("role", isAll ? "slider" : "group");
    for (const [name, value] of Object.entries({ ...told, orientation: "vertical", description: PICKING }))
      if (isAll) chart.setAttribute(`aria-${name}`, String(value));
      else chart.removeAttribute(`aria-${name}`);
    this.trials.forEach((trial, i) => {
      this.tiles.get(trial.number)?.element.classList.toggle("aside", some !== null && !some.has(i));
    });
  }

  close() {
    this.closed = true;
    this.words.title = "";
    document.removeEventListener("visibilitychange", this.seen);
    clearTimeout(this.timer);
    for (const tile of this.tiles.values()) tile.close();
  }
}

/** Whether a sweep's runs are too many to be asked for all at once. @param {Group} group */
export const isMany = ({ search }) => Boolean(search && search.planned * search.repeats > MANY);

/** Say how many of the grid's steps halving has done. @param {{steps: number, grid_steps: number}} search */
const stepsOf = ({ steps, grid_steps: whole }) =>
  `${count(steps)} steps, ${Math.round((100 * steps) / Math.max(1, whole))} % of the whole grid's`;

/** @param {Span} span as it was dragged */
const inOrder = ({ x, y }) => ({
  x: /** @type {[number, number]} */ ([Math.min(...x), Math.max(...x)]),
  y: /** @type {[number, number]} */ ([Math.min(...y), Math.max(...y)]),
});
