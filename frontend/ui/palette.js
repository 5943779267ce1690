/** Colours: Okabe and Ito's for classes, blue to orange for signed values, and the theme's own from the style sheet. */

/** @typedef {[number, number, number]} RGB */

/** @type {RGB} */
const BLUE = [33, 113, 193];
/** @type {RGB} */
const ORANGE = [235, 124, 20];

/** @param {RGB} c @param {number} [alpha] */
export const css = ([r, g, b], alpha = 1) => `rgba(${r}, ${g}, ${b}, ${alpha})`;

/** @type {Map<string, any>} what was made for the theme that is shown */
const made = new Map();
/** @type {string | undefined} */
let madeFor;

/**
 * Make something of the theme's colours, once for each theme.
 * @template T @param {string} name @param {() => T} make @returns {T}
 */
export function ofTheme(name, make) {
  const { theme } = document.documentElement.dataset;
  if (theme !== madeFor) made.clear();
  madeFor = theme;
  if (!made.has(name)) made.set(name, make());
  return made.get(name);
}

/** Tell whether the dark theme is shown. */
export const isDark = () => document.documentElement.dataset.theme === "dark";

/** Read one of the style sheet's colours. @param {string} name @returns {string} */
export const themed = (name) =>
  ofTheme(name, () => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());

/** The size of captions in pixels: the style sheet says it in rem, so that it grows with the letters of the browser. */
export const captionSize = () =>
  ofTheme("caption size", () => {
    const { fontSize } = getComputedStyle(document.documentElement);
    return (parseFloat(themed("caption-size")) || 0.75) * parseFloat(fontSize);
  });

/** Read a colour of the form #rrggbb. @param {string} name @returns {RGB} */
export function themedRGB(name) {
  const n = parseInt(themed(name).slice(1), 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
}

/** Mix two colours. @param {RGB} a @param {RGB} b @param {number} t 0 gives a, 1 gives b @returns {RGB} */
export const mix = (a, b, t) => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];

/** A colour for every byte. @param {(byte: number) => number[]} colourOf @returns {Uint8ClampedArray} */
export function palette(colourOf) {
  const colours = new Uint8ClampedArray(256 * 4);
  for (let i = 0; i < 256; i++) colours.set([...colourOf(i), 255], 4 * i);
  return colours;
}

/** Colours for signed bytes: orange below 128, the background at 128, blue above. */
export const signedPalette = () =>
  ofTheme("signed bytes", () => {
    const zero = themedRGB("zero");
    return palette((i) => {
      const t = (i - 128) / 127;
      return mix(zero, t < 0 ? ORANGE : BLUE, Math.min(1, Math.abs(t)));
    });
  });

/** The colour of a weight. @param {number} w @param {number} alpha */
export const weightColour = (w, alpha) => css(w < 0 ? ORANGE : BLUE, alpha);

/** 256 greys, ink on paper in both themes. */
export const greyPalette = () =>
  ofTheme("greys", () => {
    const dark = isDark();
    return palette((i) => {
      const v = dark ? 24 + (i * 225) / 255 : 255 - i;
      return [v, v, v];
    });
  });

const TINT = { light: 0.55, dark: 0.45 }; // of its class, where the network is sure
const UNSURE = 0.12; // of that, where it is not

/**
 * The colour of a place of the plane: a tint of its class, the paler, the less sure the network is.
 * @param {RGB} paper @param {RGB} colour @param {number} sure from 0 to 1 @param {boolean} dark
 */
export const tint = (paper, colour, sure, dark) =>
  mix(paper, colour, TINT[dark ? "dark" : "light"] * (UNSURE + (1 - UNSURE) * sure));

/**
 * The colour of a class's markers: its own with ink, or with white where the paper is dark, so that they stand out on
 * its tint.
 * @param {RGB} ink @param {RGB} colour @param {boolean} dark
 */
export const markerOf = (ink, colour, dark) => (dark ? mix(colour, [255, 255, 255], 0.3) : mix(colour, ink, 0.4));

/** How much light a colour gives, from 0 to 1 (WCAG 2.2, relative luminance). @param {RGB} colour */
function luminance(colour) {
  const [r, g, b] = colour.map((c) => (c <= 10.31475 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** How much two colours differ, from 1 to 21 (WCAG 2.2, contrast ratio). @param {RGB} a @param {RGB} b */
export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Black or white, whichever is easier to read on a colour. @param {RGB} colour */
export const readableOn = (colour) => (contrast(colour, [255, 255, 255]) >= 4.5 ? "#ffffff" : "#111111");

/** Read a colour that a style sheet or css() wrote. @param {string} colour @returns {RGB} */
function parsed(colour) {
  const [r, g, b] = colour.startsWith("#")
    ? [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16))
    : (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b];
}

/** A colour for words on paper: mixed with ink until it can be read. @param {string} colour */
export function legible(colour) {
  const [own, ink, paper] = [parsed(colour), themedRGB("ink"), themedRGB("paper")];
  for (let share = 0; share < 1; share += 0.1) {
    const mixed = /** @type {RGB} */ (mix(own, ink, share).map(Math.round));
    if (contrast(mixed, paper) >= 4.5) return css(mixed);
  }
  return css(ink);
}
