/** What goes for the whole page: light or dark, the help, the picture large, and on paper. */

import { byId } from "./element.js";
import { opens } from "./menu.js";

/** Take up the stored theme, and let the buttons work. @param {() => void} repaint called when the theme has changed */
export function topBar(repaint) {
  const stored = localStorage.getItem("theme");
  setTheme(stored ? stored === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  byId("theme").onclick = () => {
    const dark = document.documentElement.dataset.theme !== "dark";
    localStorage.setItem("theme", dark ? "dark" : "light");
    setTheme(dark);
    repaint();
  };
  const help = /** @type {HTMLButtonElement} */ (byId("help"));
  opens(help, byId("keys"));
  byId("help-close").onclick = () => byId("keys").hidePopover();
  byId("large-leave").onclick = () => enlarge(false);
  byId("large-knobs").onclick = () => document.body.classList.add("knobs-open");
  let isDark = false;
  /** @type {Element[]} */
  let fitted = [];
  addEventListener("beforeprint", () => {
    isDark = document.documentElement.dataset.theme === "dark";
    setTheme(false); // paper is white
    repaint();
    fitted = fitToPaper();
  });
  addEventListener("afterprint", () => {
    for (const svg of fitted) svg.removeAttribute("viewBox");
    setTheme(isDark);
    repaint();
  });
}

/** Show the picture large, with the sentence and the numbers alone, or all again. @param {boolean} isLarge */
export function enlarge(isLarge = !("large" in document.body.dataset)) {
  if (isLarge) document.body.dataset.large = "";
  else delete document.body.dataset.large;
  document.body.classList.remove("knobs-open");
  for (const button of document.querySelectorAll(".enlarge")) button.setAttribute("aria-pressed", String(isLarge));
}

/** Let drawings shrink with the paper: what has a size alone is given a view of that size. */
function fitToPaper() {
  const drawings = [...document.querySelectorAll("svg[width][height]:not([viewBox])")];
  for (const svg of drawings)
    svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
  return drawings;
}

/** @param {boolean} dark */
function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}
