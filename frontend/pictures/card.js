/** The card of a picture: its title, its view and what the view says, wherever it stands. */

import { arrived } from "../server/api.js";
import { make, term } from "../ui/element.js";
import { VIEWS } from "./index.js";

/** @typedef {import("./view.js").Picture} Picture */

const DESCRIBE_AFTER = 600; // milliseconds in which a picture may change again

/** @type {Map<string, import("./view.js").ViewClass>} the views that are there, by their kind */
const there = new Map();

let serial = 0;

export class Card {
  /**
   * @param {string} name the picture's, as its task calls it @param {string} kind its view
   * @param {import("./view.js").Store} store @param {import("./view.js").Surroundings} surroundings
   * @param {HTMLElement} [element] what the card is made of, where that is no article
   */
  constructor(name, kind, store, surroundings, element = make("article", { className: "card" })) {
    this.name = name;
    this.kind = kind;
    this.store = store;
    this.surroundings = surroundings;
    this.element = element;
    this.words = name[0].toUpperCase() + name.slice(1);
    const isTerm = surroundings.answers;
    this.called = isTerm ? term(this.words, `pictures/${name}`) : make("span", { textContent: this.words });
    this.heading = make("h2", {}, this.called);
    this.key = make("ul", { className: "legend" });
    this.title = make("header", {}, this.heading, this.key); // tools go beside the name
    this.body = make("div", { className: "picture-body" });
    this.caption = make("p", { className: "caption" });
    element.classList.add("picture", `view-${kind}`, "loading");
    this.description = make("p", { className: "visually-hidden", id: `description-${++serial}` });
    const around = [this.title, this.body, this.caption, this.description];
    element.append(...(surroundings.isSmall ? [this.body] : around));
    this.describing = 0;
    /** @type {Picture | null} what is drawn */
    this.picture = null;
    /** @type {import("./view.js").View | null} null until it is there */
    this.view = null;
    this.isLoading = false;
    this.isClosed = false;
    /** @type {() => void} hears that the view is there, or cannot be loaded */
    this.settled = () => {};
    const View = there.get(kind);
    if (View) this.bring(View);
    else this.load();
    this.sizes = new ResizeObserver(() => this.redraw());
    this.sizes.observe(this.body);
  }

  /** Load the view of its kind, which is there for all cards then. */
  async load() {
    this.isLoading = true;
    try {
      const View = await arrived(VIEWS[this.kind].load());
      there.set(this.kind, View);
      if (!this.isClosed) this.bring(View);
    } catch (error) {
      this.say(/** @type {Error} */ (error).message); // the next picture tries again
    }
    this.isLoading = false;
    if (this.picture && this.view) this.draw(this.picture);
    this.settled();
  }

  /**
   * Mount the view; what somebody else has put into the title meanwhile stands behind the view's tools, or alone.
   * @param {import("./view.js").ViewClass} View
   */
  bring(View) {
    const isNamed = this.heading.parentElement === this.title;
    const others = [...this.title.children].filter((child) => child !== this.heading && child !== this.key);
    this.view = new View(this);
    if (isNamed) this.title.append(...others);
    else this.title.replaceChildren(...others);
  }

  /** What its view would like to be. */
  get shape() {
    return VIEWS[this.kind].shape;
  }

  /** With which kind of view it shares a place. */
  get companion() {
    return VIEWS[this.kind].companion;
  }

  /** The name to ask for: with the number of the example, or of the axes, where the picture takes one. */
  get asked() {
    return this.store.task.takes[this.name] ? `${this.name}/${this.store.example}` : this.name;
  }

  /** Draw a picture; where the view is not there yet, as soon as it is. @param {Picture} picture */
  draw(picture) {
    this.picture = picture;
    if (!this.view) {
      if (!this.isLoading) this.load();
      return;
    }
    this.element.classList.remove("loading");
    this.view.draw(picture);
    this.element.dataset.step = String(picture.step);
    if (this.view.describe && this.surroundings.answers)
      this.describing ||= window.setTimeout(() => this.describe(), DESCRIBE_AFTER);
  }

  /** Say in words what is drawn, for those who do not see it: now and then, not in every frame. */
  describe() {
    this.describing = 0;
    const words = this.view?.describe?.() ?? "";
    if (words === this.description.textContent) return;
    this.description.textContent = words;
    this.element.setAttribute("aria-describedby", this.description.id);
    this.body.querySelector("canvas")?.setAttribute("aria-describedby", this.description.id);
  }

  /** Draw what is there once more, after a change of size or theme. */
  redraw() {
    if (this.picture) this.view?.draw(this.picture);
  }

  /** Show nothing, because there is nothing at this step. @param {number} step */
  empty(step) {
    this.picture = null;
    this.element.dataset.step = String(step);
    for (const canvas of this.body.querySelectorAll("canvas"))
      canvas.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
    this.description.textContent = "";
    this.say("nothing to show at this moment");
  }

  /** Write the caption; where it is cut, its title has all of it. @param {string | (string | Node)[]} words */
  say(words) {
    const parts = typeof words === "string" ? [words] : words;
    if (parts.map((part) => (typeof part === "string" ? part : part.textContent)).join("") === this.caption.textContent)
      return;
    this.caption.replaceChildren(...parts);
    this.caption.title = this.caption.textContent;
  }

  /** Give the picture another name. @param {string} words */
  entitle(words) {
    if (words !== this.called.textContent) this.called.textContent = words;
  }

  /** Say beside the name what the marks mean. @param {import("./view.js").Mark[]} marks */
  legend(marks) {
    const now = JSON.stringify(marks);
    if (now === this.key.dataset.marks) return;
    this.key.dataset.marks = now;
    this.key.replaceChildren(
      ...marks.map(({ mark, colour, words }) => {
        const sign = make("b", { textContent: mark });
        sign.style.color = `var(--${colour})`;
        sign.setAttribute("aria-hidden", "true");
        return make("li", {}, sign, ` ${words}`);
      }),
    );
  }

  close() {
    this.sizes.disconnect();
    clearTimeout(this.describing);
    this.isClosed = true;
    this.view?.dispose?.();
    this.element.remove();
  }
}
