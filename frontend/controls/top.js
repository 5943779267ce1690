/** The buttons at the top right: a link to share, light or dark, and the keys. */

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
  $("share").onclick = share;
  $("help").onclick = () => {
    $("keys").hidden = !$("keys").hidden;
    $("help").setAttribute("aria-expanded", String(!$("keys").hidden));
  };
}

/** @param {boolean} dark */
function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

/** Copy a link to what is chosen, without the run. */
async function share() {
  const url = new URL(location.href);
  url.searchParams.delete("run");
  await navigator.clipboard?.writeText(url.href).catch(() => null);
  $("share").textContent = "Link copied";
  setTimeout(() => { $("share").textContent = "Share"; }, 1500);
}
