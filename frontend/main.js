/** The page: puts the parts together. */

import { LabDoor } from "./compare/door.js";
import { Evidence } from "./doctor/evidence.js";
import { Diagnosis } from "./doctor/findings.js";
import { GlassDoor } from "./glass/door.js";
import { LimitedPage } from "./lesson/limits.js";
import { Address } from "./panels/address.js";
import { Controls } from "./panels/controls.js";
import { Headline } from "./panels/headline.js";
import { placeRuns } from "./panels/run_list.js";
import { Shelf } from "./panels/shelf.js";
import { PhoneBar, Toolbar } from "./panels/toolbar.js";
import { Board } from "./pictures/board.js";
import { atLast, later, loaded } from "./server/api.js";
import { Session } from "./session.js";
import { named } from "./state/catalog.js";
import { Limits } from "./state/parts.js";
import { lostWords } from "./state/status.js";
import { Store } from "./state/store.js";
import { Banner } from "./ui/banner.js";
import { byId, make } from "./ui/element.js";
import { icon } from "./ui/icons.js";
import { keepFocus, listenForKeys } from "./ui/keys.js";
import { opens } from "./ui/menu.js";
import { Tabs } from "./ui/tabs.js";
import { enlarge, topBar } from "./ui/top.js";
import { Said } from "./ui/undo.js";
import { hearDrops } from "./upload/dropped.js";

/** @import {Further} from "./further.js" */
/** @import {Chosen, Run} from "./state/types.js" */

const WHOLE_AFTER = 1000; // milliseconds after which all parts come, also where no picture does
/** What is clicked before its part is there waits for that. */
const WAITING = "#share, #save, #try, #data, #lessons, #ask-why";

/** @type {Further | null} what no first picture needs; null until it is there */
let further = null;
/** @type {Promise<Further> | null} */
let coming = null;

const notes = new Said();
const store = new Store();
const button = (/** @type {string} */ id) => /** @type {HTMLButtonElement} */ (byId(id));
const banner = new Banner(byId("banner"), (field, words) => controls.refuse(field, words));
const failed = banner.showError.bind(banner);
store.limit(Limits.of(location.search));
store.on("catalog", () => {
  byId("version").textContent = `version ${store.catalog.version}`;
});
const address = new Address(store);
const page = new LimitedPage(store, {
  left: (before) => {
    const again = further?.lesson.leave();
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
  ask: (chosen) => whole().then(({ data }) => data.ask(chosen), failed),
});
store.on("drawing", (drawn) => session.draw(drawn));
store.on("undo", () => session.orders.undo());
store.on("hand", ({ edits, words, refused }) => session.orders.edit(edits, words, refused));
const adopt = (/** @type {Run} */ run) => session.openRun(run);
const connection = session.connection.bind(session);
store.on("connection", () => {
  banner.connection(lostWords(store));
  if (!store.lost) page.apply();
});
/** @type {(chosen: Chosen, refused?: (error: Error) => void, start?: boolean) => void} */
const choose = (chosen, refused, start = false) => {
  if (lab.isOpen) lab.leave();
  session.choose(chosen, refused, start);
};

const phone = new PhoneBar(byId("phone-bar"), new Toolbar(byId("toolbar"), store, session.orders));
new Shelf(byId("shelf"), store, choose);
const lessons = make("button", { type: "button", id: "lessons", className: "group-head", textContent: "Lessons" });
store.on("catalog", () => byId("shelf").append(lessons));
const tryFirst = make(
  "button",
  { type: "button", id: "try", className: "preset" },
  "Try before you train",
  icon("down"),
);
const controls = new Controls(byId("panels"), store, {
  renew: () => session.renewSoon(),
  tune: (changes) => session.tune(changes),
  preset: (title) => session.preset(title),
  order: (act) => session.order(act),
  data: () => whole().then(({ data }) => data.open(), failed),
  beforeTraining: tryFirst,
  built: (knobs) => {
    page.apply();
    phone.offer(knobs.filter(({ row }) => !row.closest(".lesson-hidden, .lesson-locked")));
    evidence.show();
  },
  turned: (path, value) => phone.turned(path, value),
});
store.on("shape", ({ layer, by }) => controls.network.reshape(layer, by));
store.on("limits", () => store.run && controls.built()); // what is locked is not on a phone's bar either
const said = { said: byId("said"), numbers: byId("readout"), facts: byId("facts"), live: byId("live") };
const headline = new Headline(said, store, {
  ...session.orders,
  live: () => further?.timeline.look(null),
  found: (kind) => further?.tones.found(kind),
});
const evidence = new Evidence(store, () => board.redraw());
opens(button("compare"), byId("compare-menu"));
const plotly = later(() => import("./charts/plotly.js"));
const lab = new LabDoor(byId("lab"), store, {
  adopt,
  left: () => address.takeBack(),
  failed,
  charts: async () => (await plotly()).loadPlotly(store.catalog.plotly),
  connection,
  untrained: async () => {
    const { card, picture } = await board.mainDrawn();
    if (picture.step === 0) return picture;
    const { lookingBack } = await whole();
    const found = await lookingBack.history.pictures(0, [card.asked]);
    return found.get(card.asked) ?? null;
  },
});

const glass = new GlassDoor(store, {
  failed,
  tell: (words) => notes.say(words),
  address: () => address.write(),
  nearest: (step) => further?.lookingBack.history.nearest(step),
  show: (layer, unit) => further?.touching.showUnit(layer, unit) ?? false,
});

store.on("seen", () => {
  board.redraw();
  address.write();
});
topBar(() => {
  board.redraw();
  further?.charts.soon();
  glass.redraw();
});
const overDrop = make("div", { className: "drop-overlay", hidden: true });
overDrop.append(make("p", { textContent: "Drop a CSV file, or a folder or zip of images" }));
document.body.append(overDrop);
hearDrops(document, {
  whyNot: () => store.whyNot("own", "data"),
  show: (shown) => {
    overDrop.hidden = !shown;
  },
  bring: (dropped) => whole().then(({ data }) => data.bring(dropped), failed),
  tell: (words) => notes.say(words),
});
keepFocus(document.body);
listenForKeys((key) => {
  if (lab.isOpen && key === "Ctrl+z" && lab.shows(store.run?.id)) return session.orders.undo;
  if (glass.isOpen) return key === "Ctrl+z" ? session.orders.undo : glass.actFor(key);
  if (lab.isOpen) return key === "Escape" ? () => lab.leave() : undefined;
  const { exampleHistory, timeline } = further ?? {};
  if (exampleHistory?.isOpen && /^Arrow(Left|Right)$/.test(key))
    return () => exampleHistory.by(key === "ArrowLeft" ? -1 : 1);
  if (key === "ArrowLeft") return () => whole().then((parts) => parts.timeline.by(-1), failed);
  if (key === "ArrowRight" && (store.looksBack || timeline?.isAsking)) return () => timeline?.by(1);
  if (key === "Escape" && store.looksBack) return () => timeline?.look(null);
  if (key === "?") return () => byId("help").click();
  if (key === "g") return () => glass.open({});
  if (key === "f") return () => enlarge();
  if (key === "Escape" && "large" in document.body.dataset) return () => enlarge(false);
  if (key === "Escape") return exampleHistory?.isOpen ? () => exampleHistory.close() : undefined;
  const { train, step, reset, data, weights, undo, redo } = session.orders;
  const acts = { " ": train, ArrowRight: step, r: reset, d: data, n: weights, "Ctrl+z": undo, "Ctrl+Shift+z": redo };
  return acts[/** @type {keyof typeof acts} */ (key)];
});

/**
 * Have all parts of the page; where the server does not give them, the next time tries again.
 * @returns {Promise<Further>}
 */
function whole() {
  coming ??= complete().catch((error) => {
    coming = null;
    throw error;
  });
  return coming;
}

async function complete() {
  const { furtherParts } = await loaded(() => import("./further.js"));
  const leaveLesson = () => page.leave();
  const begun = { store, board, session, headline, tabs, banner, notes, curves, runs, lessons, tryFirst };
  further = store.join(() =>
    furtherParts({ ...begun, leaveLesson, adopt, choose, address: () => lab.isOpen || address.write() }),
  );
  page.apply();
  document.body.dataset.whole = "";
  const { charts } = further;
  session.lastOrder.then(() => requestAnimationFrame(() => setTimeout(() => charts.load(), 100)));
  return further;
}

document.addEventListener(
  "click",
  (event) => {
    const clicked = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(WAITING));
    if (further || !clicked) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    whole().then(() => clicked.click(), failed);
  },
  { capture: true },
);

async function open() {
  const { search: asked, hash } = location; // the address is written anew as soon as there is a run
  store.catalog = JSON.parse(byId("catalog").textContent ?? "");
  store.clearRows(); // with the columns that there will be
  store.emit("catalog");
  const { chosen, run, unknown } = address.read();
  store.chosen = chosen;
  const isPlain = !/[?&](lesson|glass)=/.test(asked) && !named(store.task.fields, "dataset");
  const parts = new Promise((resolve) => {
    board.drew = resolve; // the first picture need not share server and page with what comes after it
    setTimeout(resolve, isPlain ? WHOLE_AFTER : 0);
  }).then(() => atLast(whole, failed));
  parts.catch(failed);
  await session.order(async () => {
    // what is clicked meanwhile waits for the first run
    await session.begin(run);
    store.begun();
    await lab.restore(asked);
    parts.then(
      ({ lesson, allRuns, comparison }) => {
        lesson.restore(asked, hash).catch(failed);
        allRuns.restore(asked);
        comparison.restore(asked);
      },
      () => {}, // said already
    );
    glass.restore(asked);
    if (unknown.length) banner.say(address.wordsFor(unknown));
  });
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
    await whole().then(async ({ allRuns, comparison }) => {
      await allRuns.restore(asked);
      await comparison.restore(asked);
    }, failed);
  });
});

open().catch((error) => banner.couldNotStart(error));
