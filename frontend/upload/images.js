/** Images before they are trained on: some of each class, and how they are kept, which a person may change. */

import { count } from "../state/numbers.js";
import { make } from "../ui/element.js";

/** @import {Images} from "../state/types.js" */

/** How images are kept. @typedef {{side?: string, colour?: string, invert?: string, level?: string}} Keeping */

const SIDES = [28, 32, 48, 64];
const NAMED = 3; // folders of a level that are named where it is chosen

/**
 * Say what was read, with what may be chosen otherwise.
 * @param {Images} images
 * @param {((choice: Keeping, id: string) => void) | null} again reads it once more; null where the files are not here
 */
export function aboutImages(images, again) {
  const size = `${images.side} × ${images.side} ${images.colour ? "pixels in colour" : "grey pixels"}`;
  const many = `${count(images.rows)} images in ${count(images.classes.length)} classes`;
  const tests = images.tests ? `, ${count(images.tests)} of them for testing, as is given` : "";
  const about = make(
    "p",
    { className: "data-about" },
    make("b", { textContent: images.name }),
    `${many}${tests}${again ? "" : `, each ${size}`}`,
  );
  if (!again) return [about];
  const select = (
    /** @type {"side" | "colour" | "invert" | "level"} */ what,
    /** @type {string} */ words,
    /** @type {[string, string][]} */ options,
    /** @type {string} */ now,
  ) => {
    const made = make(
      "select",
      { id: `images-${what}` },
      ...options.map(([value, text]) => make("option", { value, textContent: text })),
    );
    made.value = now;
    made.onchange = () => again({ [what]: made.value }, made.id);
    return make("label", {}, words, made);
  };
  const sides = SIDES.map((n) => /** @type {[string, string]} */ ([String(n), `${n} × ${n}`]));
  const controls = make(
    "p",
    { className: "data-about keeping" },
    select("side", "pixels ", sides, String(images.side)),
    select(
      "colour",
      "shades ",
      [
        ["false", "grey"],
        ["true", "in colour"],
      ],
      String(images.colour),
    ),
  );
  if (!images.colour) {
    const shades = /** @type {[string, string][]} */ ([
      ["no", "as they are"],
      ["yes", "inverted"],
    ]);
    controls.append(select("invert", "dark and light ", shades, images.inverted ? "yes" : "no"));
  }
  if (images.levels.length > 1) {
    const levels = images.levels.map(({ level, names, classes, column }) => {
      const more = classes > NAMED ? ` … (${classes})` : "";
      const words = (column ? `${column}: ` : "") + names.slice(0, NAMED).join(", ") + more;
      return /** @type {[string, string]} */ ([String(level), words]);
    });
    controls.append(select("level", "the classes are ", levels, String(images.level)));
  }
  return [about, controls];
}

/** Show the classes, some images of each. @param {Images} images */
export function classesOf(images) {
  const names = images.classes.map((name, k) => {
    const shown = images.samples.filter((one) => one.label === k);
    const pictures = shown.map(({ image }) => make("img", { src: image, alt: "" }));
    return make("span", {}, ...pictures, make("b", { textContent: name }));
  });
  const classes = make("p", { className: "classes" }, ...names);
  classes.tabIndex = 0; // it scrolls where there are many
  classes.setAttribute("role", "group");
  classes.setAttribute("aria-label", "Classes");
  return classes;
}
