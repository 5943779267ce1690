/** Shapes instead of characters: not every machine has a font with them. */

/** @type {Record<string, string>} */
const ICONS = {
  play: "M4 2l10 6-10 6z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
  step: "M2 2l8 6-8 6zM11 2h3v12h-3z",
  reset: "M8 2a6 6 0 1 1-5.7 4.1l1.9.6A4 4 0 1 0 8 4v3L3.5 3.5 8 0z",
  points:
    "M3 1.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM11.5 3a2 2 0 1 1 0 4 2 2 0 0 1 0-4z" +
    "M6 9.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM13 10.5a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.2z",
  dice:
    "M2 1h12a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H2a1 1 0 0 1-1-1V2a1 1 0 0 1 1-1zm1 2v10h10V3z" +
    "m2 2h2v2H5zm4 4h2v2H9zm0-4h2v2H9zM5 9h2v2H5z",
  stop: "M3 3h10v10H3z",
  further: "M1 2l6 6-6 6zM8 2l6 6-6 6z",
  more: "M6.4 1h3.2v3.2H6.4zM6.4 6.4h3.2v3.2H6.4zM6.4 11.8h3.2V15H6.4z",
  lock: "M4.5 7V5a3.5 3.5 0 0 1 7 0v2H13v7H3V7zM6 7h4V5a2 2 0 0 0-4 0z",
  down: "M3 5l5 5 5-5 1.4 1.4L8 12.8 1.6 6.4z",
  bring: "M8 1l4.5 4.5-1.4 1.4L9 4.8V11H7V4.8L4.9 6.9 3.5 5.5zM2 9h2v4h8V9h2v6H2z",
  close: "M3.4 2L8 6.6 12.6 2 14 3.4 9.4 8l4.6 4.6-1.4 1.4L8 9.4 3.4 14 2 12.6 6.6 8 2 3.4z",
  note: "M6.6 2h2.8v2.8H6.6zM5.2 6.4h4.2v6h1.6V14H5v-1.6h1.6V8H5.2z",
  good: "M13.6 3.2l1.6 1.6-8.7 8.7-5-5L3.1 6.9l3.4 3.4z",
  caution: "M6.5 2h3v7.5h-3zM6.5 11.2h3V14h-3z",
  ill: "M8 1l7.5 13.5H.5zM7.1 5.8v4.7h1.8V5.8zm0 5.7v1.7h1.8v-1.7z",
  large: "M1 1h5v2H3v3H1zM10 1h5v5h-2V3h-3zM1 10h2v3h3v2H1zM13 10h2v5h-5v-2h3z",
  pen: "M11.3 1.2l3.5 3.5L5.5 14H2v-3.5zM10 4.6L4 10.6V12h1.4l6-6z",
  back: "M14 2L6 8l8 6zM2 2h3v12H2z",
};

/** @param {string} name */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("fill-rule", "evenodd");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
