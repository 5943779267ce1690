/** The lessons in the box, in a window; and a lesson of one's own as a file. */

import { listLessons } from "../server/lessons.js";
import { dialog } from "../ui/dialog.js";
import { make } from "../ui/element.js";
import { wayOf } from "./way.js";

const FILE = /\.(md|markdown)$/i;

export class LessonBox {
  /**
   * @param {HTMLButtonElement} button opens it @param {HTMLElement} shelf which the button is a part of
   * @param {{open: (name: string) => void, bring: (file: File) => void, failed: (error: unknown) => void}} actions
   */
  constructor(button, shelf, actions) {
    this.actions = actions;
    button.onclick = () => {
      if (shelf.matches(":popover-open")) shelf.hidePopover();
      this.open();
    };
    this.list = make("div", { className: "lesson-list" });
    const input = make("input", {
      type: "file",
      accept: ".md,.markdown",
      className: "visually-hidden",
      id: "lesson-file",
    });
    input.onchange = () => {
      const file = input.files?.[0];
      input.value = "";
      this.window.close();
      if (file) actions.bring(file);
    };
    const own = make("label", { className: "button" }, input, "Open a lesson file …");
    this.window = dialog("lesson-box", "lesson-box", "Lessons", [own], [this.list]);
    document.addEventListener(
      "drop",
      (event) => {
        const files = [...(event.dataTransfer?.files ?? [])];
        if (files.length !== 1 || !FILE.test(files[0].name)) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        document.dispatchEvent(new DragEvent("dragleave"));
        actions.bring(files[0]);
      },
      { capture: true },
    );
  }

  async open() {
    try {
      const all = await listLessons();
      this.list.replaceChildren(
        ...all.map(({ name, title, summary, minutes, steps }) => {
          const done = Object.keys(wayOf(name).reached).length;
          const how = done
            ? `${done === steps ? "✓ " : ""}${done} of ${steps} goals reached`
            : `${minutes} minutes, ${steps} steps`;
          const button = make("button", { type: "button" });
          button.append(
            make("b", { textContent: title }),
            make("span", { textContent: summary }),
            make("small", { textContent: how }),
          );
          button.dataset.lesson = name;
          button.classList.toggle("done", done === steps);
          button.onclick = () => {
            this.window.close();
            this.actions.open(name);
          };
          return button;
        }),
      );
      if (!this.window.open) this.window.showModal();
      /** @type {HTMLElement | null} */ (this.list.querySelector("button:not(.done)"))?.focus();
    } catch (error) {
      this.actions.failed(error);
    }
  }
}
