/** The download of the full MNIST, and how far it is. */

import { call } from "../server/api.js";

/** @param {import("./panels.js").Panels} panels */
export async function startDownload(panels) {
  panels.showDownload(await call("POST", "data/mnist"));
  followDownload(panels);
}

/** Watch the download until it is over. @param {import("./panels.js").Panels} panels */
export async function followDownload(panels) {
  const state = await call("GET", "data/mnist").catch(() => null);
  if (!state) return;
  panels.showDownload(state);
  if (state.state === "downloading") setTimeout(() => followDownload(panels), 300);
}
