/** The buttons at the top right: light or dark, and the keys. */

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Take up the stored theme, and let the buttons work. @param {() => void} repaint called when the theme has changed */
export function topBar(repaint) {
  const stored = localStorage.getItem("theme");
  setTheme(stored ? stored === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  $("theme").onclick = () => {
    const dark = document.documentElement.dataset.theme !== "dark";
    localStorage.setItem("theme", dark ? "dark" : "light");
    setTheme(dark);
    repaint();
  };
  $("help").onclick = () => {
    $("keys").hidden = !$("keys").hidden;
    $("help").setAttribute("aria-expanded", String(!$("keys").hidden));
  };
}

/** @param {boolean} dark */
function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}
