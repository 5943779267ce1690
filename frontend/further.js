/** The parts of the page that its first picture does not need: they are loaded when that is drawn. */

import { Charts } from "./charts/charts.js";
import { loadPlotly } from "./charts/plotly.js";
import { Tones } from "./charts/tones.js";
import { Experiments } from "./doctor/experiments.js";
import { Why } from "./doctor/why.js";
import { Saver } from "./export/save.js";
import { SaveMenu } from "./export/save_menu.js";
import { LessonBox } from "./lesson/box.js";
import { ClassWindow } from "./lesson/classroom.js";
import { LessonPanel } from "./lesson/panel.js";
import { ExampleHistory } from "./panels/example_history.js";
import { LookingBack } from "./panels/looking_back.js";
import { Notice } from "./panels/notice.js";
import { RunList } from "./panels/run_list.js";
import { Share } from "./panels/share.js";
import { Timeline } from "./panels/timeline.js";
import { Door } from "./runs/door.js";
import { getRun, getWatchers, later } from "./server/api.js";
import { getLesson, readLesson } from "./server/lessons.js";
import { Touching } from "./touch/touching.js";
import { byId } from "./ui/element.js";
import { Explanations } from "./ui/explanation.js";
import { DataWindow } from "./upload/data.js";
import { DropPlace } from "./upload/drop_place.js";

/** @import {Board} from "./pictures/board.js" */
/** @import {Headline} from "./panels/headline.js" */
/** @import {Session} from "./session.js" */
/** @import {Store} from "./state/store.js" */
/** @import {Banner} from "./ui/banner.js" */
/** @import {Tabs} from "./ui/tabs.js" */
/** @import {Said} from "./ui/undo.js" */
/** @import {Chosen, Run} from "./state/types.js" */

/**
 * The parts that are there from the beginning, and what these ask of them.
 * @typedef {object} Begun
 * @property {Store} store @property {Board} board @property {Session} session @property {Headline} headline
 * @property {Tabs} tabs @property {Banner} banner @property {Said} notes
 * @property {HTMLElement} curves where the charts go @property {HTMLElement} runs where the list of runs goes
 * @property {HTMLButtonElement} lessons opens the box of lessons @property {HTMLButtonElement} tryFirst the experiments
 * @property {() => void} leaveLesson gives all of the page free
 * @property {() => void} address lets the address say how the page is looked at
 * @property {(run: Run) => void} adopt
 * @property {(chosen: Chosen, refused?: (error: Error) => void, start?: boolean) => void} choose
 */

/** @typedef {ReturnType<typeof furtherParts>} Further */

const lessonMaker = later(() => import("./lesson/maker.js"));

/** Make them. @param {Begun} begun */
export function furtherParts(begun) {
  const { store, board, session, headline, tabs, banner, notes } = begun;
  const failed = banner.showError.bind(banner);
  const button = (/** @type {string} */ id) => /** @type {HTMLButtonElement} */ (byId(id));
  const plotly = () => loadPlotly(store.catalog.plotly);
  const withPictures = board.withPictures.bind(board);
  const charts = new Charts(begun.curves, store, withPictures);
  const lookingBack = new LookingBack(store, board, charts, headline, failed);
  const timeline = new Timeline(byId("timeline"), store, lookingBack, session.orders.fork, withPictures);
  const exampleHistory = new ExampleHistory(byId("example-history"), store, board);
  const touching = new Touching(store, board, session.orders.edit);
  const opened = {
    open: (/** @type {string} */ id) => getRun(id).then(begun.adopt, failed),
    address: begun.address,
    failed,
  };
  /** @type {Door<string>} */
  const allRuns = new Door(store, {
    ...opened,
    sheet: "styles/runs/table.css",
    load: async () => {
      const { RunsWindow } = await import("./runs/window.js");
      return () => new RunsWindow(store, { ...opened, compare: (ids) => comparison.open(ids) });
    },
    watched: true,
    read: (query) => (query.has("runs") ? String(query) : null),
    forget: () => {
      store.table = {};
    },
  });
  /** @type {Door<string[]>} */
  const comparison = new Door(store, {
    ...opened,
    sheet: "styles/runs/comparison.css",
    load: async () => {
      const { Comparison } = await import("./compare/comparison/window.js");
      const connection = session.connection.bind(session);
      return () => new Comparison(store, { ...opened, all: () => allRuns.open(""), plotly, connection });
    },
    watched: true,
    read: (query) => query.get("compare")?.split(",") ?? null,
    forget: () => {
      store.compared = "";
    },
  });
  new RunList(begun.runs, store, { open: begun.adopt, all: () => allRuns.open(""), near: () => allRuns.prepare() });
  const lesson = new LessonPanel(byId("lesson"), store, {
    lay: (chosen, limits) => session.lay(chosen, limits),
    comeBack: (before) => session.order(() => session.goTo(before.run, before.chosen)),
    say: (words) => banner.say(words),
    finish: () => {
      begun.leaveLesson();
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
      const { LessonMaker } = await lessonMaker();
      maker ??= new LessonMaker(store, { limits: () => share.limits, tryIt: bringLesson });
      maker.open();
    } catch (error) {
      failed(error);
    }
  });
  const box = new LessonBox(begun.lessons, byId("shelf"), {
    open: (name) => openLesson(() => getLesson(name), name),
    bring: async (file) => bringLesson(await file.text()),
    failed,
  });
  new ClassWindow(store, lesson, { failed, token: async () => (await getWatchers()).token });
  new Experiments(begun.tryFirst, store, {
    plotly,
    use: (rate) => {
      store.chosen.optimizer.learning_rate = rate;
      store.emit("choices");
      session.tune({ optimizer: { learning_rate: rate } });
    },
  });
  const tones = new Tones(store);
  byId("keys").append(tones.element);
  new Why(headline.why, byId("said"), store, {
    apply: session.orders.apply,
    bring: ({ picture }) => tabs.open(board.tabOf(picture ?? "") ?? "curves"),
  });
  new SaveMenu(button("save"), store, new Notice(store).element, { load: session.orders.load, failed });
  new Saver(store, board, { history: () => lookingBack.history, plotly, failed });
  const data = new DataWindow(store, { use: begun.choose, failed });
  new DropPlace(byId("drop-place"), byId("picture"), store, data.dropArea("picture"));
  new Explanations(store, failed);
  return { charts, lookingBack, timeline, exampleHistory, touching, lesson, tones, data, allRuns, comparison };
}
