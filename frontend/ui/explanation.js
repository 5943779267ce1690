/**
 * Explanations: the words that have `data-term` open what the catalog says of them, on tap, hover, focus and key.
 *
 * The attribute is a place in the catalog: "terms/step", "pictures/confusion", "layers/Dense", "layers/Dense/units",
 * "tasks/spiral/noise", "run/batch_size"; or a path of what is chosen: "chosen/network.0.units",
 * "chosen/optimizer.name".
 */

import { getSource } from "../server/api.js";
import { isNumeric, isWhole, named, PARTS, readable } from "../state/catalog.js";
import { count, told } from "../state/numbers.js";
import { dialog } from "./dialog.js";
import { make } from "./element.js";

/** @import {Catalog, Chosen, Field, Owner, Term} from "../state/types.js" */

/**
 * What is said of a term, and of what the engine's lines can be shown.
 * @typedef {{
 *   title: string, help: string, formula: string, limits: string, advice: string, lines: [string, string] | null,
 *   field: string,
 * }} Explanation
 */

const HOVER = 300; // milliseconds until a pointer that rests means to ask
const REST = 500; // and a keyboard that stays
const LEAVE = 250; // in which a pointer may cross to the explanation
const EDGE = 8; // pixels between the explanation and what is around it

/** Make a sentence of a phrase. @param {string} phrase */
export const sentence = (phrase) =>
  phrase && `${phrase[0].toUpperCase()}${phrase.slice(1)}${/[.?!…]$/.test(phrase) ? "" : "."}`;

/** Say which values a field allows. @param {Field} field */
export function limitsOf(field) {
  const unit = field.unit ? ` ${field.unit}` : "";
  const written = (/** @type {number} */ v) => (Math.abs(v) >= 1000 ? count(v) : told(v));
  if (field.among.length) return `One of: ${field.among.join(", ")}.`;
  if (!isNumeric(field) || field.minimum === null) return "";
  const kind = isWhole(field) ? "A whole number" : "A number";
  return field.maximum === null
    ? `${kind} of at least ${written(field.minimum)}${unit}.`
    : `${kind} from ${written(field.minimum)} to ${written(field.maximum)}${unit}.`;
}

/**
 * Find the place in the catalog of something that is chosen.
 * @param {Chosen} chosen @param {string} path as in the server's refusals
 */
export function placeOf(chosen, path) {
  const [part, ...others] = path.split(".");
  const field = others.at(-1) ?? "";
  if (part === "data") return `tasks/${chosen.task}/${field}`;
  if (part === "network") {
    /** @type {any} */
    let found = chosen.network;
    const isLayer = /^\d+$/.test(field);
    for (const key of isLayer ? others : others.slice(0, -1)) found = found?.[key];
    return isLayer ? `layers/${found?.layer}` : `layers/${found?.layer}/${field}`;
  }
  const table = PARTS.find(([name]) => name === part)?.[1];
  if (!table) return `run/${path}`;
  const { name } = chosen[/** @type {"optimizer"} */ (part)] ?? {};
  if (field !== "name") return `${table}/${name}/${field}`;
  return name ? `${table}/${name}` : `terms/${part}`;
}

/**
 * Find what the catalog says of a term; null where it says nothing.
 * @param {Catalog} catalog @param {string} term @returns {Explanation | null}
 */
export function explained(catalog, term) {
  const [kind, name, field] = term.split("/");
  const nothing = { formula: "", limits: "", field: "" };
  const asField = (/** @type {Field} */ found, /** @type {[string, string]} */ lines) => ({
    ...nothing,
    title: sentence(readable(found.name)).slice(0, -1),
    help: sentence(found.help),
    limits: limitsOf(found),
    advice: catalog.advice[found.name] ?? "",
    lines,
    field: found.name,
  });
  if (kind === "run") {
    const found = named(catalog.run, name);
    return found ? asField(found, [kind, name]) : null;
  }
  const table = /** @type {(Owner & Term & {title?: string})[] | undefined} */ (
    catalog[/** @type {"layers"} */ (kind)]
  );
  const found = Array.isArray(table) ? named(table, name) : undefined;
  if (!found) return null;
  if (field) {
    const inside = named(found.fields ?? [], field);
    return inside ? asField(inside, [kind, name]) : null;
  }
  const isWord = kind === "terms" || kind === "pictures";
  return {
    ...nothing,
    title: found.title ?? (isWord ? sentence(name).slice(0, -1) : name),
    help: found.help,
    formula: found.formula,
    advice: found.advice,
    lines: isWord && !found.lines ? null : [kind, name],
  };
}

/**
 * The words that an element is, has beside it, or names.
 * @param {Element | null} element @returns {HTMLElement | null}
 */
function termOf(element) {
  if (!element) return null;
  const labels = /** @type {HTMLInputElement} */ (element).labels ?? [];
  for (const label of labels) {
    const found = label.closest("[data-term]") ?? label.querySelector("[data-term]");
    if (found) return /** @type {HTMLElement} */ (found);
  }
  const around = element.closest(".field, summary");
  return element.closest("[data-term]") ?? around?.querySelector("[data-term]") ?? null;
}

/** What the keyboard reaches in the place of some words. @param {HTMLElement} term @returns {HTMLElement} */
const controlOf = (term) => /** @type {HTMLLabelElement} */ (term).control ?? term;

/** Whether something is done by a click on it already. @param {HTMLElement} element */
const acts = (element) =>
  !element.classList.contains("term") && element.matches("button, a[href], summary, input, select");

export class Explanations {
  /** @param {import("../state/store.js").Store} store @param {(error: unknown) => void} failed */
  constructor(store, failed) {
    this.store = store;
    this.failed = failed;
    /** @type {HTMLElement | null} the words that are explained now */
    this.asked = null;
    /** @type {HTMLElement | null} what is read out with the explanation */
    this.described = null;
    this.isPinned = false;
    this.timer = 0;
    this.byKey = false; // whether the keyboard was used last
    this.at = ""; // where the pointer was last
    this.isMeant = false; // whether it came to the words it is on: words that came under it are not asked for
    this.words = make("p", { id: "explanation-words" });
    this.element = make("div", { id: "explanation", className: "explanation", popover: "manual" });
    document.body.append(this.element);
    this.code = make("pre", { className: "lines", tabIndex: 0 });
    this.file = make("span", { className: "muted" });
    this.window = dialog("source-lines", "code", "", [this.file], [this.code]);
    this.listen();
  }

  listen() {
    const { element } = this;
    const on = document.addEventListener.bind(document);
    const moved = (/** @type {PointerEvent} */ { clientX, clientY }) => {
      const before = this.at;
      this.at = `${clientX} ${clientY}`;
      return this.at !== before;
    };
    on("pointermove", moved, { passive: true });
    on("pointerover", (event) => {
      const isMoved = moved(event);
      if (event.pointerType !== "mouse" || event.buttons) return; // who draws or drags does not ask
      const target = /** @type {Element} */ (event.target);
      if (element.contains(target)) this.stay();
      else {
        const term = /** @type {HTMLElement | null} */ (target.closest("[data-term]"));
        this.isMeant = term !== null && (isMoved || this.isMeant);
        if (term && term !== this.asked && this.isMeant) this.soon(() => this.open(term, false), HOVER);
        else if (term && term === this.asked) this.stay();
        else if (!this.isPinned) this.soon(() => this.close(), this.asked ? LEAVE : 0);
      }
    });
    on(
      "pointerdown",
      (event) => {
        this.byKey = false;
        this.isMeant = false;
        moved(event);
        const target = /** @type {Element} */ (event.target);
        const term = /** @type {HTMLElement | null} */ (target.closest("[data-term]"));
        const mayDrag = term?.draggable && !this.isPinned; // and what it is dropped on must not lie under a word
        const isPressed = term !== null && (acts(term) || mayDrag); // what it does is to be seen, not its explanation
        if (isPressed) clearTimeout(this.timer);
        if (this.asked && !element.contains(target) && (isPressed || !this.asked.contains(target))) this.close();
      },
      true,
    );
    on("dragstart", () => this.close(), true);
    on("click", (event) => {
      const term = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-term]"));
      const isTouch = /** @type {PointerEvent} */ (event).pointerType === "touch";
      const within = /** @type {Element} */ (event.target).closest("button, a, input, select, summary, label");
      if (!term || acts(term) || (within && within !== term && !within.matches("label"))) return;
      if (term.matches("label") && !isTouch) return; // it hands the focus to its field, and hovering has explained it
      event.preventDefault();
      if (this.asked === term && this.isPinned) this.close();
      else this.open(term, true);
    });
    on("focusin", (event) => {
      const target = /** @type {Element} */ (event.target);
      if (element.contains(target)) return;
      const term = this.byKey ? termOf(target) : null;
      if (term && term !== this.asked) this.soon(() => this.open(term, false), REST);
      else if (!term && this.byKey) this.close();
    });
    on("keydown", (event) => this.key(event), true);
    on("input", () => this.isPinned || this.close(), true);
    const follow = () => (this.asked && this.isPinned ? this.place(this.asked) : this.close());
    on("scroll", (event) => element.contains(/** @type {Node} */ (event.target)) || follow(), true);
    window.addEventListener("resize", follow);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    this.byKey = true;
    if (event.key === "Escape" && this.asked) {
      event.preventDefault();
      event.stopPropagation();
      const { asked, isPinned } = this;
      this.close();
      if (isPinned) controlOf(asked).focus();
      return;
    }
    const target = /** @type {HTMLElement} */ (event.target);
    const asks = event.key === "F1" || (event.key === "?" && target.matches(".term")); // elsewhere ? is the help
    const term = asks && !event.ctrlKey && !event.metaKey && !event.altKey ? termOf(document.activeElement) : null;
    if (term) {
      event.preventDefault();
      event.stopPropagation();
      this.open(term, true);
    } else if (event.key !== "Tab" && !this.isPinned) this.close();
  }

  /** @param {() => void} act @param {number} delay */
  soon(act, delay) {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(act, delay);
  }

  /** Let it stand. */
  stay() {
    clearTimeout(this.timer);
  }

  /**
   * Explain some words; pinned, it stays until it is closed, and the keyboard is in it.
   * @param {HTMLElement} term @param {boolean} isPinned
   */
  open(term, isPinned) {
    if (!term.isConnected) return;
    const { catalog, chosen } = this.store;
    const path = term.dataset.term ?? "";
    const place = path.startsWith("chosen/") ? placeOf(chosen, path.slice("chosen/".length)) : path;
    const said = explained(catalog, place);
    this.close();
    if (!said) return;
    const { element } = this;
    this.asked = term;
    this.isPinned = isPinned;
    element.replaceChildren(...this.contents(said));
    element.setAttribute("role", isPinned ? "dialog" : "tooltip");
    element.setAttribute("aria-label", said.title);
    this.described = controlOf(term).hasAttribute("aria-describedby") ? null : controlOf(term);
    this.described?.setAttribute("aria-describedby", this.words.id);
    (term.closest("dialog") ?? document.body).append(element); // what is outside an open dialog cannot be reached
    element.showPopover();
    this.place(term);
    if (isPinned) /** @type {HTMLElement} */ (element.querySelector("button"))?.focus({ preventScroll: true });
  }

  /** @param {Explanation} said @returns {Node[]} */
  contents(said) {
    this.words.textContent = said.help;
    const { lines } = said;
    const close = make("button", { type: "button", className: "quiet", textContent: "Close" });
    close.onclick = () => this.close();
    const code = make("button", { type: "button", className: "source", textContent: "See the engine's own lines" });
    code.onclick = () => lines && this.showLines(said.title, lines, said.field);
    return [
      make("h3", { textContent: said.title }),
      this.words,
      ...(said.formula ? [make("pre", { className: "formula", textContent: said.formula, tabIndex: 0 })] : []),
      ...(said.limits ? [make("p", { className: "muted", textContent: said.limits })] : []),
      ...(said.advice ? [make("p", {}, make("b", { textContent: "Try: " }), said.advice)] : []),
      make("div", { className: "row" }, ...(lines ? [code] : []), close),
    ];
  }

  /**
   * Put it beside a field, else under the words and their number, or over them, or beside them, and never out of the
   * window.
   * @param {HTMLElement} term
   */
  place(term) {
    const { element } = this;
    const box = (term.closest("dl > div") ?? term).getBoundingClientRect();
    const field = term.closest(".field")?.getBoundingClientRect();
    const { width, height } = element.getBoundingClientRect();
    const [across, down] = [document.documentElement.clientWidth, window.innerHeight];
    const isBeside = field !== undefined && field.right + 2 * EDGE + width < across;
    const under = box.bottom + EDGE;
    const [isUnder, isOver] = [under + height + EDGE <= down, box.top > height + EDGE];
    const aside = box.left > width + EDGE ? box.left - width - EDGE : box.right + EDGE;
    const left = isBeside ? field.right + EDGE : isUnder || isOver ? box.left : aside;
    const top = isBeside ? box.top : isUnder || !isOver ? under : box.top - height - EDGE;
    element.style.left = `${Math.max(EDGE, Math.min(left, across - width - EDGE))}px`;
    element.style.top = `${Math.max(EDGE, Math.min(top, down - height - EDGE))}px`;
  }

  close() {
    clearTimeout(this.timer);
    if (!this.asked) return;
    if (this.element.matches(":popover-open")) this.element.hidePopover();
    this.described?.removeAttribute("aria-describedby");
    this.asked = null;
    this.isPinned = false;
  }

  /**
   * Show the lines of the engine that do something; of a field the line that declares it stands out.
   * @param {string} title @param {[string, string]} of @param {string} field
   */
  async showLines(title, of, field) {
    const found = await getSource(...of).catch(this.failed);
    if (!found) return;
    this.close();
    const declares = new RegExp(`^\\s*${field}\\s*:`);
    const lines = found.text.trimEnd().split("\n");
    const at = field ? lines.findIndex((line) => declares.test(line)) : -1;
    this.code.replaceChildren(
      ...lines.map((line, i) => {
        const written = make("span", { className: i === at ? "line asked" : "line", textContent: `${line}\n` });
        written.dataset.number = String(found.first + i);
        return written;
      }),
    );
    this.file.textContent = `${found.path}, line ${count(found.first)}`;
    /** @type {HTMLElement} */ (this.window.querySelector("h2")).textContent = title;
    this.window.setAttribute("aria-label", `${title}: the engine's own lines`);
    this.window.showModal();
    this.code.children[at]?.scrollIntoView({ block: "center" });
  }
}
