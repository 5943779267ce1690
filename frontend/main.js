/** The page: puts the parts together, and turns what a person does into calls. */

import { changeRun, command, createRun, deleteRun, getCatalog, getRun, Refusal } from "./server/api.js";
import { Board } from "./pictures/board.js";
import { followDownload, startDownload } from "./panels/download.js";
import { listenForKeys } from "./ui/keys.js";
import { Lesson } from "./panels/lesson.js";
import { Library } from "./panels/library.js";
import { Notice } from "./panels/notice.js";
import { Panels } from "./panels/panels.js";
import { Readout } from "./panels/readout.js";
import { newestRun, RunList } from "./panels/runs.js";
import { Share } from "./panels/share.js";
import { shelf } from "./panels/shelf.js";
import { Story } from "./panels/example_history.js";
import { Timeline } from "./panels/timeline.js";
import { Toolbar } from "./panels/toolbar.js";
import { topBar } from "./ui/top.js";
import { DataWindow } from "./upload/data.js";
import { edited, editedWords, followParent, forkFrom } from "./fork.js";
import { Lab } from "./compare/lab.js";
import { ordersFor } from "./orders.js";
import { ACTIVE, WAITING } from "./state/constants.js";
import { Past } from "./past.js";
import { Saver } from "./export/save.js";
import { Store } from "./state/store.js";
import { Stream } from "./server/stream.js";
import { legible, readURL, writeURL } from "./state/url.js";
import { Charts } from "./charts/charts.js";
import { loadPlotly } from "./charts/plotly.js";

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const RENEW_AFTER = 150;

const store = new Store();
/** @type {Stream | null} */
let stream = null;
let [renewal, changed] = [0, false];
let lastOrder = Promise.resolve();

const orders = ordersFor(store, {
  renew,
  settle,
  update,
  rebuild: () => panels.build(),
  address,
  hold: () => clearTimeout(renewal),
});
const board = new Board($("board"), $("charts"), store, {
  watch: (names) => stream?.watch(names),
  drawn: (id) => stream?.drawn(id),
});
const charts = new Charts($("charts"), store);
const readout = new Readout($("readout"), $("live"));
const notice = new Notice();
const runs = new RunList(
  $("runs"),
  store,
  {
    open: (run) => adopt(run),
    all: () => library.open().catch(showError),
    load: (file) => order(() => orders.load(file)),
    failed: showError,
  },
  notice.element,
);
const library = new Library(store, { open: (run) => adopt(run), changed: () => runs.refresh(), failed: showError });
const toolbar = new Toolbar($("toolbar"), {
  train: () => order(orders.train),
  step: () => order(orders.step),
  reset: () => order(() => renew(false)),
  seed: () => order(orders.newSeed),
  stop: () => order(orders.stop),
  further: () => order(orders.further),
  speed: setSpeed,
});
const lesson = new Lesson(location.search);
new Share(store);
const panels = new Panels($("panels"), store, {
  renew: renewSoon,
  tune,
  preset,
  download: () => order(() => startDownload(panels)),
  data: () => data.open(),
  built: () => lesson.apply(),
});
const past = new Past(store, board, charts, readout, {
  left: leavePast,
  moved: (step) => timeline.moved(step),
  failed: showError,
});
const timeline = new Timeline($("timeline"), store, {
  look: (step) => {
    past.look(step);
    timeline.propose("");
    story.point(step);
  },
  fork: (step) => order(async () => adopt(await forkFrom(store, step))),
});
const story = new Story($("story"), store, { failed: showError, repaint: () => board.redraw() });
const saver = new Saver(store, board, {
  film: () => past.film,
  plotly: () => loadPlotly(store.catalog.plotly),
  failed: showError,
});
const data = new DataWindow(store, { use: (task, chosen) => chooseTask(task, chosen), failed: showError });
const lab = new Lab($("lab"), store, {
  adopt,
  left: address,
  failed: showError,
  charts: () => loadPlotly(store.catalog.plotly),
  connection,
});
let markTask = (/** @type {string} */ _name) => {};

/** Do what a person asked for, one thing after the other, and show a refusal where it belongs. @param {() => Promise<any>} act */
function order(act) {
  lastOrder = lastOrder
    .then(() => sayBanner(""))
    .then(act)
    .catch(showError);
  return lastOrder;
}

/** @param {unknown} error */
function showError(error) {
  if (!(error instanceof Refusal)) {
    console.error(error);
    sayBanner(`Something went wrong on the page: ${error}. Reload it; the run goes on.`);
    return;
  }
  if (!panels.refuse(error.field, error.message)) sayBanner(error.message);
}

$("banner").onclick = () => sayBanner("");
$("banner").title = "Click to close";

/** @param {string} words */
function sayBanner(words) {
  $("banner").textContent = words;
  $("banner").hidden = !words;
}

/** Say that the server is not there, or is there again. @param {boolean} there */
function connection(there) {
  if (there === !document.body.classList.contains("lost")) return;
  document.body.classList.toggle("lost", !there);
  sayBanner(there ? "" : "The connection to the server is lost; trying again …");
}

/** Make a new run of what is chosen. The one on the page is stopped, or forgotten where it never took a step. @param {boolean} start */
async function renew(start) {
  clearTimeout(renewal);
  renewal = 0;
  const old = store.run;
  changed = false; // what changes while the server answers is newer
  const run = await createRun({ ...store.chosen, start }).catch((error) => {
    changed = true;
    throw error;
  });
  panels.forgive();
  show(run);
  if (old && old.id !== run.id) {
    if (old.step === 0) await deleteRun(old.id).catch(() => null);
    else if ([...ACTIVE, ...WAITING].includes(old.status)) await command(old.id, "stop").catch(() => null);
  }
  runs.refresh();
}

/** A choice changed: begin anew in a moment, training on if it was training. While looking back it waits for its moment. */
function renewSoon() {
  if (past.active) return void timeline.propose(editedWords(store));
  changed = true;
  clearTimeout(renewal);
  renewal = window.setTimeout(() => order(() => renew(ACTIVE.includes(store.run?.status))), RENEW_AFTER);
}

/** Make sure that what is chosen is what is on the page; where it was refused, it is refused again, in the same place. */
async function settle() {
  if (changed) await renew(false);
}

/** Show a run: its stream, its rows from the first, its pictures. @param {any} run */
function show(run) {
  stream?.close();
  store.run = run;
  notice.renew();
  timeline.show(past.begin(run.id));
  followParent(store, run);
  store.clearRows();
  store.emit("rows");
  story.renew();
  stream = new Stream(run.id, () => store.next, {
    message: hear,
    picture: (picture) => {
      if (picture.run === store.run.id) board.take(picture);
    },
    lost: () => connection(false),
    found: () => connection(true),
    gone: () => {
      document.body.classList.remove("lost");
      store.run = null;
      order(async () => {
        await renew(false);
      }).then(() => sayBanner("The server no longer has that run; here is a new one with the same choices."));
    },
  });
  stream.watch(board.watched());
  update(run);
  panels.network.showShapes();
  panels.network.offerSoon();
  address();
}

/** Take in what the stream says. @param {any} message */
function hear(message) {
  if (message.type === "status") update(message);
  else if (message.type === "metrics" && !store.addRows(/** @type {any} */ (message))) stream?.again();
}

/** Take in what is newer: an answer to a call may arrive after the stream has already told more. @param {any} news */
function update(news) {
  if (!store.run || news.id !== store.run.id) return;
  if (news.revision < store.run.revision || (news.revision === store.run.revision && news.step < store.run.step))
    return;
  const before = store.run.status;
  store.run = { ...store.run, ...news };
  if (!past.active) readout.show(store.run, store.task.kind);
  toolbar.show(store.run);
  notice.hear(store.run, store.task.title);
  if (news.error) sayBanner(`${news.status}: ${news.error}`);
  if (before !== store.run.status) runs.refresh();
  if (before !== store.run.status || before === "paused") timeline.refresh();
  document.body.dataset.status = store.run.status;
}

/** Take over a run that the server has already, with all that was chosen for it. @param {any} run */
function adopt(run) {
  takeUp(run);
  enter();
  show(run);
  runs.refresh();
}

/** Choose what a run was made from. @param {any} run */
function takeUp(run) {
  changed = false;
  store.chosen = structuredClone({ ...run.configuration, speed: run.speed });
  const last = store.chosen.network.at(-1);
  if (last?.layer === "Dense") delete last.units;
}

/** Lay the page out for the chosen task. */
function enter() {
  markTask(store.chosen.task);
  $("notice").textContent = store.task.summary;
  board.show(store.task);
  story.offer($("board"));
  saver.offer();
  panels.build();
  toolbar.showSpeed(store.chosen.speed);
  if (store.task.fields.some((/** @type {any} */ f) => f.name === "source")) followDownload(panels);
}

function address() {
  if (lab.isOpen) return;
  const query = new URLSearchParams(
    writeURL(store.chosen, store.defaultsOf(store.chosen.task), store.catalog, store.run?.id ?? null),
  );
  lesson.write(query);
  history.replaceState(null, "", `?${legible(query)}`);
}

/** Begin with a task: its defaults with other data, or all that was chosen for it elsewhere. @param {string} name @param {any} [said] */
function chooseTask(name, said = {}) {
  if (lab.isOpen) lab.leave();
  order(async () => {
    const defaults = store.defaultsOf(name);
    store.chosen = said.task ? said : { ...defaults, data: { ...defaults.data, ...said } };
    store.example = 0;
    enter();
    await renew(false);
  });
}

/** @param {string} title */
function preset(title) {
  order(async () => {
    const { name, presets } = store.task;
    store.chosen = store.defaultsOf(name, presets[title] ?? {});
    panels.build();
    toolbar.showSpeed(store.chosen.speed);
    await renew(false);
  });
}

/** Change the optimizer of the run as it trains; a new run where that is not possible. @param {any} changes */
function tune(changes) {
  if (past.active) return void timeline.propose(editedWords(store));
  order(async () => {
    if (![...ACTIVE, ...WAITING].includes(store.run.status)) return renew(false);
    update(await changeRun(store.run.id, changes));
    panels.forgive();
    address();
    return undefined;
  });
}

/** @param {number | null} speed */
function setSpeed(speed) {
  order(async () => {
    store.chosen.speed = speed;
    update(await changeRun(store.run.id, { speed }));
    address();
  });
}

/** Say what a key does now. @param {KeyboardEvent} event @param {string} key */
function actFor(event, key) {
  if (lab.isOpen) return key === "Escape" ? () => lab.leave() : undefined;
  if (key === "ArrowLeft" || (past.active && key === "ArrowRight"))
    return () => timeline.by(key === "ArrowLeft" ? -1 : 1);
  if (key === "Escape") return past.active ? () => timeline.look(null) : story.isOpen ? () => story.close() : undefined;
  /** @type {Record<string, () => Promise<any>>} */
  const acts = { " ": orders.train, ArrowRight: orders.step, r: () => renew(false), n: orders.newSeed };
  return store.catalog?.view_only || !acts[key] ? undefined : () => order(acts[key]);
}

/** Come back to now: what was changed while looking back, and not taken anywhere, is as it was. */
function leavePast() {
  if (!store.run || !edited(store).length) return;
  takeUp(store.run);
  panels.build();
}

/** Make the first run; where the server refuses what the address asks for, the defaults, and say why. @param {string} task */
async function begin(task) {
  try {
    await renew(false);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 422) throw error;
    const asked = store.chosen;
    store.chosen = store.defaultsOf(task);
    enter();
    await renew(false);
    if (error.field === "data.dataset") data.ask(asked);
    else sayBanner(`The address asks for something that is not allowed: ${error.message}. Here are the defaults.`);
  }
}

async function open({ search } = location) {
  topBar(() => {
    board.redraw();
    charts.soon();
  });
  toolbar.show(null);
  store.catalog = await getCatalog();
  document.body.classList.toggle("view-only", store.catalog.view_only);
  for (const id of ["toolbar", "panels", "shelf", "data"]) $(id).inert = store.catalog.view_only;
  const { chosen, run, unknown } = readURL(search, store.catalog, (name) => store.defaultsOf(name));
  store.chosen = chosen;
  unknown.push(...lesson.unknown);
  markTask = shelf($("shelf"), store.catalog.tasks, chooseTask);
  await order(async () => {
    // what is clicked meanwhile waits for the first run
    const asked = run && /^\w+$/.test(run) ? await getRun(run).catch(() => null) : null;
    const found = asked ?? (store.catalog.view_only ? await newestRun() : null);
    if (found) adopt(found);
    else if (store.catalog.view_only) sayBanner("Nothing is trained here yet. Reload when the lesson has begun.");
    else {
      enter();
      await begin(chosen.task);
    }
    store.begun();
    await lab.restore(search);
    if (unknown.length) sayBanner(`Not understood in the address, and left out: ${unknown.join(", ")}`);
  });
  requestAnimationFrame(() => setTimeout(() => charts.load(), 200));
}

store.on("charts", () => saver.offer());
store.on("drawing", () => tune({ data: { drawing: store.chosen.data.drawing } }));
store.on("example", () => {
  board.tellWatched();
  if (past.active) past.fetch();
});
listenForKeys(actFor);
open().catch((error) =>
  sayBanner(error instanceof Refusal ? error.message : `The page could not start: ${error.message}`),
);
