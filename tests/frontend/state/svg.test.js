/** An SVG takes of an image the part that is drawn, and puts it where it is drawn. */

import assert from "node:assert/strict";
import { test } from "node:test";

/** @type {any} */ (globalThis).document = {
  createElement: () => {
    /** @type {any} */
    const canvas = { drawn: "" };
    canvas.getContext = () => ({
      drawImage: (/** @type {any} */ _, /** @type {number} */ x, /** @type {number} */ y) => {
        canvas.drawn = `${canvas.width}x${canvas.height} from ${-x},${-y}`;
      },
    });
    canvas.toDataURL = () => canvas.drawn || "all";
    return canvas;
  },
};
const { SvgContext } = await import("../../../frontend/export/svg.js");
const image = document.createElement("canvas");

test("a whole image is at its place", () => {
  const svg = new SvgContext();
  svg.drawImage(image, 3, 4, 50, 60);
  assert.match(svg.parts[0], /x="3" y="4" width="50" height="60".* href="all"/);
});

test("a part of an image is cut out, and is at its place", () => {
  const svg = new SvgContext();
  svg.drawImage(image, 0, 16, 8, 9, 30, 40, 50, 60);
  assert.match(svg.parts[0], /x="30" y="40" width="50" height="60".* href="8x9 from 0,16"/);
});
