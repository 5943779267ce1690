/** The page: puts the parts together. */

import { Charts } from "./charts/charts.js";
import { loadPlotly } from "./charts/plotly.js";
import { Tones } from "./charts/tones.js";
import { LabDoor } from "./compare/door.js";
import { Evidence } from "./doctor/evidence.js";
import { Experiments } from "./doctor/experiments.js";
import { Diagnosis } from "./doctor/findings.js";
import { Why } from "./doctor/why.js";
import { Saver } from "./export/save.js";
import { SaveMenu } from "./export/save_menu.js";
import { GlassDoor } from "./glass/door.js";
import { LessonBox } from "./lesson/box.js";
import { ClassWindow } from "./lesson/classroom.js";
import { LimitedPage } from "./lesson/limits.js";
import { LessonPanel } from "./lesson/panel.js";
import { Address } from "./panels/address.js";
import { Controls } from "./panels/controls.js";
import { ExampleHistory } from "./panels/example_history.js";
import { Headline } from "./panels/headline.js";
import { LookingBack } from "./panels/looking_back.js";
import { Notice } from "./panels/notice.js";
import { RunLibrary } from "./panels/run_library.js";
import { placeRuns, RunList } from "./panels/run_list.js";
import { Share } from "./panels/share.js";
import { Shelf } from "./panels/shelf.js";
import { Timeline } from "./panels/timeline.js";
import { PhoneBar, Toolbar } from "./panels/toolbar.js";
import { Board } from "./pictures/board.js";
import { getWatchers, loaded } from "./server/api.js";
import { getLesson, readLesson } from "./server/lessons.js";
import { Session } from "./session.js";
import { Limits } from "./state/parts.js";
import { lostWords } from "./state/status.js";
import { Store } from "./state/store.js";
import { Touching } from "./touch/touching.js";
import { Banner } from "./ui/banner.js";
import { byId, make } from "./ui/element.js";
import { Explanations } from "./ui/explanation.js";
import { keepFocus, listenForKeys } from "./ui/keys.js";
import { opens } from "./ui/menu.js";
import { Tabs } from "./ui/tabs.js";
import { enlarge, topBar } from "./ui/top.js";
import { Said } from "./ui/undo.js";
import { DataWindow } from "./upload/data.js";
import { DropPlace } from "./upload/drop_place.js";

/** @import {Chosen, Run} from "./state/types.js" */

const notes = new Said();
const store = new Store();
const button = (/** @type {string} */ id) => /** @type {HTMLButtonElement} */ (byId(id));
const plotly = () => loadPlotly(store.catalog.plotly);
const banner = new Banner(byId("banner"), (field, words) => controls.refuse(field, words));
const failed = banner.showError.bind(banner);
store.limit(Limits.of(location.search));
store.on("catalog", () => {
  byId("version").textContent = `version ${store.catalog.version}`;
});
const address = new Address(store);
const page = new LimitedPage(store, {
  left: (before) => {
    const again = lesson.leave();
    if (!again) session.again();
    notes.say("You left the lesson: all can be used.", () => {
      if (again) again();
      else {
        store.limit(before);
        session.again();
      }
      notes.say("Back in the lesson.");
    });
  },
  address: () => lab.isOpen || address.write(),
});

const tabs = new Tabs(byId("tabs"), "More about the run");
const curves = make("div", { id: "charts" });
const runs = make("div", { id: "runs", className: "runs" });
tabs.add("curves", "Curves", curves, "terms/curves");
placeRuns(tabs, runs, byId("wide-runs"));
const places = { picture: byId("picture"), beside: byId("second"), tabs, before: "runs" };
const board = new Board(places, store, {
  watch: (names) => session.watch(names),
  drawn: (id) => session.drawn(id),
});
store.on("task", () => board.show(store.task));
new Diagnosis(store);
store.on("example", () => board.tellWatched());
const session = new Session(store, board, {
  say: (words) => banner.say(words),
  failed,
  forgive: () => controls.forgive(),
  tell: (words, undo) => notes.say(words, undo),
  race: (group) => (group ? lab.open("race", group.id) : lab.isOpen && lab.leave()),
  address: (further) => lab.isOpen || address.write(further), // while the laboratory is open, the address is its own
  stay: () => address.takeBack(),
  ask: (chosen) => data.ask(chosen),
});
store.on("drawing", (drawn) => session.draw(drawn));
store.on("undo", () => session.orders.undo());
const touching = new Touching(store, board, session.orders.edit);
store.on("hand", ({ edits, words, refused }) => session.orders.edit(edits, words, refused));
const adopt = (/** @type {Run} */ run) => session.openRun(run);
const connection = (/** @type {boolean} */ there) => session.connection(there ? null : 0);
store.on("connection", () => {
  banner.connection(lostWords(store));
  if (!store.lost) page.apply();
});
/** @type {(chosen: Chosen, refused?: (error: Error) => void, start?: boolean) => void} */
const choose = (chosen, refused, start = false) => {
  if (lab.isOpen) lab.leave();
  session.choose(chosen, refused, start);
};

const charts = new Charts(curves, store);
const library = new RunLibrary(store, { open: adopt, failed });
new RunList(runs, store, { open: adopt, all: () => library.open() });
const phone = new PhoneBar(byId("phone-bar"), new Toolbar(byId("toolbar"), store, session.orders));
const lesson = new LessonPanel(byId("lesson"), store, {
  lay: (chosen, limits) => session.lay(chosen, limits),
  comeBack: (before) => session.order(() => session.goTo(before.run, before.chosen)),
  say: (words) => banner.say(words),
  finish: () => {
    page.leave();
    box.open();
  },
});
/** @param {() => Promise<import("./server/lesson_types.js").LessonFile>} get @param {string} from */
const openLesson = (get, from) => {
  if (store.limits.any || store.lesson) notes.say("Leave the lesson first.");
  else lesson.begin(get, from);
};
const bringLesson = (/** @type {string} */ text) => openLesson(() => readLesson(text), "own");
/** @type {import("./lesson/maker.js").LessonMaker | null} */
let maker = null;
const share = new Share(store, async () => {
  try {
    const { LessonMaker } = await loaded(import("./lesson/maker.js"));
    maker ??= new LessonMaker(store, { limits: () => share.limits, tryIt: bringLesson });
    maker.open();
  } catch (error) {
    failed(error);
  }
});
new Shelf(byId("shelf"), store, choose);
const box = new LessonBox(byId("shelf"), store, {
  open: (name) => openLesson(() => getLesson(name), name),
  bring: async (file) => bringLesson(await file.text()),
  failed,
});
new ClassWindow(store, lesson, { failed, token: async () => (await getWatchers()).token });
const experiments = new Experiments(store, {
  plotly,
  use: (rate) => {
    store.chosen.optimizer.learning_rate = rate;
    store.emit("choices");
    session.tune({ optimizer: { learning_rate: rate } });
  },
});
const controls = new Controls(byId("panels"), store, {
  renew: () => session.renewSoon(),
  tune: (changes) => session.tune(changes),
  preset: (title) => session.preset(title),
  order: (act) => session.order(act),
  data: () => data.open(),
  beforeTraining: experiments.button,
  built: (knobs) => {
    page.apply();
    phone.offer(knobs.filter(({ row }) => !row.closest(".lesson-hidden, .lesson-locked")));
    evidence.show();
  },
  turned: (path, value) => phone.turned(path, value),
});
store.on("shape", ({ layer, by }) => controls.network.reshape(layer, by));
store.on("limits", () => store.run && controls.built()); // what is locked is not on a phone's bar either
const tones = new Tones(store);
byId("keys").append(tones.element);
const said = { said: byId("said"), numbers: byId("readout"), facts: byId("facts"), live: byId("live") };
const headline = new Headline(said, store, {
  ...session.orders,
  live: () => timeline.look(null),
  found: (kind) => tones.found(kind),
});
const evidence = new Evidence(store, () => board.redraw());
new Why(headline.why, byId("said"), store, {
  apply: session.orders.apply,
  bring: ({ picture }) => tabs.open(board.tabOf(picture ?? "") ?? "curves"),
});
const lookingBack = new LookingBack(store, board, charts, headline, failed);
const timeline = new Timeline(byId("timeline"), store, lookingBack, session.orders.fork);
const exampleHistory = new ExampleHistory(byId("example-history"), store, board);
new SaveMenu(button("save"), store, new Notice(store).element, { load: session.orders.load, failed });
opens(button("compare"), byId("compare-menu"));
new Saver(store, board, { history: () => lookingBack.history, plotly, failed });
const data = new DataWindow(store, { use: choose, failed });
new DropPlace(byId("drop-place"), byId("picture"), store, data.dropArea("picture"));
const lab = new LabDoor(byId("lab"), store, {
  adopt,
  left: () => address.takeBack(),
  failed,
  charts: plotly,
  connection,
  untrained: async () => {
    const { main } = board;
    if (!main || main.picture?.step === 0) return main?.picture ?? null;
    const found = await lookingBack.history.pictures(0, [main.asked]);
    return found.get(main.asked) ?? null;
  },
});

const glass = new GlassDoor(store, {
  failed,
  tell: (words) => notes.say(words),
  address: () => address.write(),
  nearest: (step) => lookingBack.history.nearest(step),
  show: (layer, unit) => touching.showUnit(layer, unit),
});

new Explanations(store, failed);
store.on("seen", () => {
  board.redraw();
  address.write();
});
topBar(() => {
  board.redraw();
  charts.soon();
  glass.redraw();
});
keepFocus(document.body);
listenForKeys((key) => {
  if (lab.isOpen && key === "Ctrl+z" && lab.shows(store.run?.id)) return session.orders.undo;
  if (glass.isOpen) return key === "Ctrl+z" ? session.orders.undo : glass.actFor(key);
  if (lab.isOpen) return key === "Escape" ? () => lab.leave() : undefined;
  if (exampleHistory.isOpen && /^Arrow(Left|Right)$/.test(key))
    return () => exampleHistory.by(key === "ArrowLeft" ? -1 : 1);
  if (key === "ArrowLeft") return () => timeline.by(-1);
  if (key === "ArrowRight" && store.looksBack) return () => timeline.by(1);
  if (key === "Escape" && store.looksBack) return () => timeline.look(null);
  if (key === "?") return () => byId("help").click();
  if (key === "g") return () => glass.open({});
  if (key === "f") return () => enlarge();
  if (key === "Escape" && "large" in document.body.dataset) return () => enlarge(false);
  if (key === "Escape") return exampleHistory.isOpen ? () => exampleHistory.close() : undefined;
  const { train, step, reset, data, weights, undo, redo } = session.orders;
  const acts = { " ": train, ArrowRight: step, r: reset, d: data, n: weights, "Ctrl+z": undo, "Ctrl+Shift+z": redo };
  return acts[/** @type {keyof typeof acts} */ (key)];
});

async function open() {
  const { search: asked, hash } = location; // the address is written anew as soon as there is a run
  store.catalog = JSON.parse(byId("catalog").textContent ?? "");
  store.emit("catalog");
  const { chosen, run, unknown } = address.read();
  store.chosen = chosen;
  await session.order(async () => {
    // what is clicked meanwhile waits for the first run
    await session.begin(run);
    store.begun();
    await lab.restore(asked);
    lesson.restore(asked, hash).catch(failed);
    glass.restore(asked);
    if (unknown.length) banner.say(address.wordsFor(unknown));
  });
  requestAnimationFrame(() => setTimeout(() => charts.load(), 200));
}

/** A person went back or forward: to what the address says now. */
window.addEventListener("popstate", () => {
  const asked = location.search;
  session.order(async () => {
    if (asked !== location.search) return; // and further
    const { chosen, run } = address.read(asked);
    if (lab.isOpen) lab.leave();
    glass.leave();
    await session.goTo(run, chosen);
    await lab.restore(asked);
    await glass.restore(asked);
  });
});

open().catch((error) => banner.couldNotStart(error));
