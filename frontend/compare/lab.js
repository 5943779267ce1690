/** The laboratory: takes the place of the page for a race or a sweep, and stands in the address. */

import { call } from "../server/api.js";
import { make } from "../ui/element.js";
import { Race } from "./race.js";
import { Sweep } from "./sweep.js";

const TITLES = { race: "Race", sweep: "Sweep" };

export class Lab {
  /**
   * @param {HTMLElement} element @param {import("../state/store.js").Store} store
   * @param {{adopt: (run: any) => void, left: () => void, failed: (error: unknown) => void, charts: () => Promise<any>, connection: (there: boolean) => void}} actions
   */
  constructor(element, store, actions) {
    this.element = element;
    this.store = store;
    this.actions = actions;
    /** @type {Race | Sweep | null} */
    this.shown = null;
    for (const kind of /** @type {("race" | "sweep")[]} */ (["race", "sweep"])) {
      /** @type {HTMLElement} */ (document.getElementById(kind)).onclick = async () => {
        await store.ready;
        await this.open(kind);
      };
    }
  }

  get isOpen() {
    return this.shown !== null;
  }

  /** Open the laboratory, with a race or sweep that is there already or to choose a new one. @param {"race" | "sweep"} kind @param {string} [id] */
  async open(kind, id) {
    this.shown?.close();
    const body = make("div", { className: "lab-body" });
    const back = make("button", {
      type: "button",
      id: "lab-close",
      textContent: "Back to the run",
      title: "Back (Esc)",
      onclick: () => this.leave(),
    });
    this.earlier = make("span", { className: "lab-earlier" });
    this.element.replaceChildren(
      make("header", {}, make("h2", { textContent: TITLES[kind] }), this.earlier, back),
      body,
    );
    const actions = {
      opened: (/** @type {string} */ made) => {
        this.stand(kind, made);
        this.listEarlier(kind);
      },
      failed: this.actions.failed,
      charts: this.actions.charts,
      connection: this.actions.connection,
      open: (/** @type {any} */ run) => {
        this.leave();
        this.actions.adopt(run);
      },
    };
    this.shown = kind === "race" ? new Race(body, this.store, actions) : new Sweep(body, this.store, actions);
    document.body.classList.add("in-lab");
    this.element.hidden = false;
    const group =
      id &&
      (await call("GET", `groups/${id}`).catch((error) => {
        this.actions.failed(error);
        return null;
      }));
    if (group) this.shown?.show(group);
    else this.shown?.setUp();
    this.stand(kind, group ? id : "");
    this.listEarlier(kind);
    back.focus({ preventScroll: true });
  }

  /** Open what an address asks for. @param {string} search */
  async restore(search) {
    const found = [...new URLSearchParams(search)].find(([name]) => name in TITLES);
    if (found) await this.open(/** @type {"race" | "sweep"} */ (found[0]), found[1]);
  }

  /** Let the address say what is open. @param {string} kind @param {string} id */
  stand(kind, id) {
    const url = new URL(location.href);
    url.searchParams.delete(kind === "race" ? "sweep" : "race");
    url.searchParams.set(kind, id);
    history.replaceState(null, "", url);
  }

  /** Offer the ones that were there before. @param {"race" | "sweep"} kind */
  async listEarlier(kind) {
    const groups = (await call("GET", "groups").catch(() => []))
      .filter((/** @type {any} */ g) => g.kind === kind)
      .reverse()
      .slice(0, 5);
    this.earlier?.replaceChildren(
      ...groups.map((/** @type {any} */ g) => {
        const when = new Date(1000 * g.created).toLocaleTimeString([], { timeStyle: "short" });
        return make("button", {
          type: "button",
          className: "quiet",
          textContent: `${g.task} ${when}`,
          title: `${g.runs.length} runs`,
          onclick: () => this.open(kind, g.id),
        });
      }),
    );
  }

  leave() {
    this.shown?.close();
    this.shown = null;
    this.element.hidden = true;
    this.element.replaceChildren();
    document.body.classList.remove("in-lab");
    this.actions.left();
  }
}
