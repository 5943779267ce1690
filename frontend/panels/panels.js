/** The controls under the toolbar: presets, data, network and training, all made from the catalog. */

import { control, NOT_TYPED, readable, refuse, select } from "../ui/field.js";
import { LayerList } from "./network.js";

const CHOICES = /** @type {[string, string, boolean][]} */ ([
  ["optimizer", "optimizers", false],
  ["schedule", "schedules", false],
  ["regularizer", "regularizers", true],
  ["loss", "losses", false],
]);
const RUN_FIRST = ["batch_size", "seed", "steps"];

export class Panels {
  /**
   * @param {HTMLElement} element @param {import("../state/store.js").Store} store
   * @param {{renew: () => void, tune: (changes: any) => void, preset: (title: string) => void, download: () => void, data: () => void, built: () => void}} actions
   */
  constructor(element, store, actions) {
    this.element = element;
    this.store = store;
    this.actions = actions;
    this.network = new LayerList(
      store,
      () => store.chosen.network,
      "network",
      () => actions.renew(),
    );
  }

  /** Build all controls for what is chosen. */
  build() {
    const { chosen, task } = this.store;
    const focus = /** @type {HTMLElement | null} */ (document.activeElement)
      ?.closest?.("[data-path]")
      ?.getAttribute("data-path");
    const open = new Set(
      [...this.element.querySelectorAll("details[open]")].map((d) => /** @type {HTMLElement} */ (d).dataset.name),
    );
    const first = !this.element.childElementCount;
    const data = task.fields
      .filter((/** @type {any} */ f) => !NOT_TYPED.includes(f.name))
      .map((/** @type {any} */ field) =>
        control(field, chosen.data[field.name], `data.${field.name}`, (v) => {
          chosen.data[field.name] = v;
          this.actions.renew();
        }),
      );
    const sections = /** @type {(HTMLElement | null)[]} */ ([
      this.section("Presets", this.presets(task), false, open, first),
      this.section(
        "Data",
        [
          ...(task.fields.some((/** @type {any} */ f) => f.name === "dataset") ? [this.ownData(task)] : []),
          ...data,
          ...(task.fields.some((/** @type {any} */ f) => f.name === "source") ? [this.download()] : []),
        ],
        true,
        open,
        first,
      ),
      task.fixed_network ? null : this.section("Network", [this.network.element], true, open, first),
      this.section("Training", this.training(), true, open, first),
    ]);
    this.element.replaceChildren(.../** @type {HTMLElement[]} */ (sections.filter((s) => s !== null)));
    if (!task.fixed_network) this.network.build();
    this.actions.built();
    if (focus)
      /** @type {HTMLElement | null} */ (
        this.element.querySelector(`[data-path="${focus}"] :is(input, select, button)`)
      )?.focus();
  }

  /** @param {string} title @param {HTMLElement[]} children @param {boolean} openAtFirst @param {Set<string | undefined>} open @param {boolean} first */
  section(title, children, openAtFirst, open, first) {
    if (!children.length) return null;
    const section = document.createElement("details");
    section.className = "panel";
    section.dataset.name = title;
    section.open = first
      ? openAtFirst
      : open.has(title) || (openAtFirst && !this.element.querySelector(`[data-name="${title}"]`));
    const summary = document.createElement("summary");
    summary.textContent = title;
    section.append(summary, ...children);
    return section;
  }

  /** @param {any} task */
  presets(task) {
    return Object.keys(task.presets).length
      ? ["The defaults", ...Object.keys(task.presets)].map((title) => {
          const button = document.createElement("button");
          button.type = "button";
          button.className = "preset";
          button.textContent = title;
          button.onclick = () => this.actions.preset(title);
          return button;
        })
      : [];
  }

  /** Optimizer, schedule, regularizer and loss with their fields; then what belongs to the run. */
  training() {
    const { catalog, chosen, task } = this.store;
    const rows = [];
    for (const [kind, table, optional] of CHOICES) {
      const owners = catalog[table].filter((/** @type {any} */ o) => kind !== "loss" || o.kinds.includes(task.kind));
      rows.push(this.choice(kind, owners, optional));
      const owner = owners.find((/** @type {any} */ o) => o.name === chosen[kind]?.name);
      for (const field of owner?.fields ?? []) {
        rows.push(
          control(field, chosen[kind][field.name], `${kind}.${field.name}`, (v) => {
            chosen[kind][field.name] = v;
            if (kind === "optimizer") this.actions.tune({ optimizer: { [field.name]: v } });
            else this.actions.renew();
          }),
        );
      }
      if (kind === "optimizer") rows.push(...RUN_FIRST.map((name) => this.scalar(name)));
    }
    rows.push(this.scalar("clip_norm"), this.scalar("evaluate_every"));
    return rows;
  }

  /** @param {string} name */
  scalar(name) {
    const { catalog, chosen } = this.store;
    const field = catalog.run.find((/** @type {any} */ f) => f.name === name);
    return control(field, chosen[name], name, (v) => {
      chosen[name] = v;
      this.actions.renew();
    });
  }

  /** @param {string} kind @param {any[]} owners @param {boolean} optional */
  choice(kind, owners, optional) {
    const { chosen } = this.store;
    const row = document.createElement("div");
    row.className = "field choice";
    row.dataset.path = `${kind}.name`;
    const label = document.createElement("label");
    label.textContent = readable(kind);
    label.htmlFor = `choose-${kind}`;
    label.title = owners.find((o) => o.name === chosen[kind]?.name)?.help ?? "";
    const input = select(
      [...(optional ? ["none"] : []), ...owners.map((o) => o.name)],
      chosen[kind]?.name ?? "none",
      `choose-${kind}`,
      (name) => {
        const owner = owners.find((o) => o.name === name);
        chosen[kind] = owner
          ? { name, ...Object.fromEntries(owner.fields.map((/** @type {any} */ f) => [f.name, f.default])) }
          : null;
        this.build();
        this.actions.renew();
      },
    );
    const refusal = document.createElement("p");
    refusal.className = "refusal";
    refusal.hidden = true;
    row.append(label, input, refusal);
    return row;
  }

  /** The way to a person's own data. @param {any} task */
  ownData(task) {
    const button = document.createElement("button");
    const { dataset } = this.store.chosen.data;
    const what = task.group === "images" ? "images" : "table";
    Object.assign(button, {
      type: "button",
      id: "own-data",
      className: "preset",
      textContent: dataset
        ? what === "table"
          ? "Columns, or another table …"
          : "Other images …"
        : `Bring your own ${what} …`,
    });
    button.onclick = () => this.actions.data();
    const row = document.createElement("div");
    row.dataset.path = "data.dataset";
    const refusal = document.createElement("p");
    refusal.className = "refusal";
    refusal.hidden = true;
    row.append(button, refusal);
    return row;
  }

  download() {
    const box = document.createElement("div");
    box.id = "mnist-download";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "preset";
    button.textContent = "Get the full MNIST (11.6 MB)";
    button.onclick = () => this.actions.download();
    const bar = document.createElement("progress");
    bar.hidden = true;
    bar.setAttribute("aria-label", "Download of the full MNIST");
    const words = document.createElement("p");
    words.className = "refusal";
    words.hidden = true;
    box.append(button, bar, words);
    return box;
  }

  /** Show how far the download is. @param {any} state */
  showDownload(state) {
    const box = this.element.querySelector("#mnist-download");
    if (!box) return;
    const [button, bar, words] = /** @type {any} */ (box.children);
    button.hidden = state.available;
    button.disabled = state.state === "downloading";
    bar.hidden = state.state !== "downloading";
    bar.max = state.total;
    bar.value = state.done;
    words.hidden = !state.error;
    words.textContent = state.error ?? "";
  }

  /** Show a refusal next to the field that it names; false where there is no such field. @param {string | null} path @param {string} words */
  refuse(path, words) {
    this.forgive();
    if (!path) return false;
    for (let name = path; name; name = name.split(".").slice(0, -1).join(".")) {
      const row = /** @type {HTMLElement | null} */ (this.element.querySelector(`[data-path="${CSS.escape(name)}"]`));
      if (!row) continue;
      const section = row.closest("details.panel");
      if (section) /** @type {HTMLDetailsElement} */ (section).open = true;
      refuse(row, words);
      row.scrollIntoView({ block: "nearest" });
      return true;
    }
    return false;
  }

  forgive() {
    for (const row of this.element.querySelectorAll("[data-path]"))
      if (row.querySelector(":scope > .refusal:not([hidden])")) refuse(/** @type {HTMLElement} */ (row), "");
  }
}
