/** The buttons at the top right: light or dark, and the keys. */

import { byId } from "./element.js";

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
  byId("help").onclick = () => {
    byId("keys").hidden = !byId("keys").hidden;
    byId("help").setAttribute("aria-expanded", String(!byId("keys").hidden));
  };
}

/** @param {boolean} dark */
function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}
