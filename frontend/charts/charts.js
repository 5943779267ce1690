/** The loss and accuracy charts: Plotly, fetched after the first pictures, drawn a few times a second, thinned to the screen. */

import { themed } from "../ui/palette.js";

const MOST_POINTS = 1000;
const PERIOD = 200;
const YIELD = 80; // the first pictures after a click go first: Plotly keeps the page busy for 40 ms

/** @type {Promise<any> | null} */
let plotly = null;

/** Fetch Plotly once. @param {string} url @returns {Promise<any>} */
export function loadPlotly(url) {
  plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(/** @type {any} */ (window).Plotly);
    script.onerror = () => reject(new Error("Plotly could not be loaded"));
    document.head.append(script);
  });
  return plotly;
}

/**
 * Thin a curve to the smallest and largest value of each stretch, so that no spike is lost; the newest row always stays.
 * @param {(number | null)[]} x @param {(number | null)[]} y @param {number} most
 */
export function thin(x, y, most = MOST_POINTS) {
  if (x.length <= most) return { x: x.slice(), y: y.slice() };
  const kept = { x: /** @type {any[]} */ ([]), y: /** @type {any[]} */ ([]) };
  const stretch = (2 * x.length) / most;
  for (let start = 0; start < x.length; start += stretch) {
    const end = Math.min(x.length, Math.floor(start + stretch));
    let [low, high] = [-1, -1];
    for (let i = Math.floor(start); i < end; i++) {
      const v = y[i];
      if (v === null) continue;
      if (low < 0 || v < /** @type {number} */ (y[low])) low = i;
      if (high < 0 || v > /** @type {number} */ (y[high])) high = i;
    }
    for (const i of low <= high ? [low, high] : [high, low]) {
      if (i >= 0 && kept.x.at(-1) !== x[i]) {
        kept.x.push(x[i]);
        kept.y.push(y[i]);
      }
    }
  }
  if (kept.x.at(-1) !== x.at(-1)) {
    kept.x.push(x.at(-1));
    kept.y.push(y.at(-1));
  }
  return kept;
}

/** Count the powers of ten that a curve spans. @param {(number | null)[]} values */
export function decades(values) {
  let [low, high] = [Infinity, 0];
  for (const v of values)
    if (v !== null && v > 0) {
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
  return high > 0 ? Math.log10(high / low) : 0;
}

export class Charts {
  /** @param {HTMLElement} element @param {import("../state/store.js").Store} store */
  constructor(element, store) {
    this.store = store;
    this.scale = "log";
    this.loss = this.card(element, "Loss", true);
    this.accuracy = this.card(element, "Accuracy", false);
    this.drawnAt = 0;
    this.timer = 0;
    this.ready = false;
    /** @type {number | null} the step that is pointed at */
    this.pointed = null;
    store.on("rows", () => this.soon());
    new ResizeObserver(() => this.soon()).observe(element);
  }

  /** @param {HTMLElement} parent @param {string} title @param {boolean} scalable */
  card(parent, title, scalable) {
    const card = document.createElement("article");
    card.className = "card chart";
    const head = document.createElement("h2");
    head.textContent = title;
    const body = document.createElement("div");
    body.className = "chart-body";
    body.textContent = "…";
    const cursor = document.createElement("i");
    cursor.className = "chart-cursor";
    cursor.hidden = true;
    card.append(head, body, cursor);
    if (scalable) {
      const toggle = document.createElement("button");
      toggle.type = "button";
      toggle.className = "quiet scale";
      toggle.id = "loss-scale";
      const say = () => {
        toggle.textContent = this.scale === "log" ? "log" : "linear";
        toggle.setAttribute("aria-label", `Loss axis: ${this.scale}; switch`);
      };
      toggle.onclick = () => {
        this.scale = this.scale === "log" ? "linear" : "log";
        say();
        this.soon();
      };
      say();
      head.append(toggle);
    }
    parent.append(card);
    return body;
  }

  /** Begin to fetch Plotly. */
  async load() {
    try {
      this.plotly = await loadPlotly(this.store.catalog.plotly);
      for (const body of [this.loss, this.accuracy]) body.textContent = "";
      this.ready = true;
      this.draw();
    } catch (error) {
      for (const body of [this.loss, this.accuracy])
        body.textContent = `The charts are missing: ${/** @type {Error} */ (error).message}.`;
    }
  }

  soon() {
    /** @type {HTMLElement} */ (this.accuracy.parentElement).hidden =
      this.store.catalog !== null && this.store.task.kind !== "classes";
    if (!this.ready || this.timer) return;
    this.timer = window.setTimeout(
      () => {
        this.timer = 0;
        this.draw();
      },
      Math.max(YIELD, PERIOD - (performance.now() - this.drawnAt)),
    );
  }

  draw() {
    if (!this.ready || document.hidden) return;
    const { columns } = this.store;
    const classes = this.store.task?.kind === "classes";
    const parent = this.store.parent;
    this.plot(
      this.loss,
      [
        ["train", columns.loss],
        ["test", columns.test_loss],
      ],
      parent?.loss,
      this.scale === "log"
        ? { type: "log", dtick: decades(columns.loss) > 2 ? 1 : "D2", tickformat: ".1r" }
        : { type: "linear" },
    );
    if (classes)
      this.plot(
        this.accuracy,
        [
          ["train", columns.accuracy],
          ["test", columns.test_accuracy],
        ],
        parent?.test_accuracy,
        { tickformat: ".0%", range: [0, 1.02] },
      );
    this.point(this.pointed);
    this.drawnAt = performance.now();
  }

  /** Point at a step in every chart, or at none. @param {number | null} step */
  point(step) {
    this.pointed = step;
    for (const body of [this.loss, this.accuracy]) {
      const cursor = /** @type {HTMLElement} */ (body.nextElementSibling);
      const axes = /** @type {any} */ (body)._fullLayout;
      cursor.hidden = step === null || !axes;
      if (step === null || !axes) continue;
      const { xaxis, yaxis } = axes;
      cursor.style.left = `${body.offsetLeft + xaxis._offset + xaxis.l2p(step)}px`;
      cursor.style.top = `${body.offsetTop + yaxis._offset}px`;
      cursor.style.height = `${yaxis._length}px`;
    }
  }

  /** @param {HTMLElement} body @param {[string, (number | null)[]][]} curves @param {(number | null)[] | undefined} parents @param {object} yaxis */
  plot(body, curves, parents, yaxis) {
    const { step } = this.store.columns;
    const shades = [themed("train"), themed("test")];
    const traces = curves.map(([name, values], i) => ({
      ...thin(step, values),
      name,
      type: "scatter",
      mode: step.length === 1 ? "markers" : "lines",
      line: { color: shades[i], width: 1.8, dash: i ? "dot" : "solid" },
      marker: { color: shades[i], size: 5 },
      hovertemplate: `%{y:.4g}<extra>${name}</extra>`,
    }));
    const muted = themed("muted");
    if (parents && this.store.parent) {
      traces.unshift(
        /** @type {any} */ ({
          ...thin(this.store.parent.step, parents),
          name: "parent",
          type: "scatter",
          mode: "lines",
          line: { color: muted, width: 1.2 },
          hovertemplate: "%{y:.4g}<extra>parent</extra>",
        }),
      );
    }
    const shapes = this.store.changes.slice(1).map(({ step: at }) => ({
      type: "line",
      x0: at,
      x1: at,
      y0: 0,
      y1: 1,
      yref: "paper",
      line: { color: themed("test"), width: 1, dash: "dot" },
    }));
    const axis = {
      gridcolor: themed("line"),
      zerolinecolor: themed("line"),
      linecolor: themed("line"),
      automargin: true,
    };
    this.plotly.react(
      body,
      traces,
      {
        margin: { l: 44, r: 8, t: 4, b: 34 },
        height: body.clientHeight,
        width: body.clientWidth,
        hovermode: "x unified",
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        font: { size: 11, color: themed("muted"), family: "system-ui, sans-serif" },
        hoverlabel: { bgcolor: themed("paper"), font: { color: themed("ink") } },
        legend: {
          orientation: "h",
          entrywidth: parents ? 34 : 0,
          itemwidth: 30,
          font: { size: 10.5 },
          x: 1,
          xanchor: "right",
          y: 1.02,
          yanchor: "bottom",
        },
        showlegend: true,
        shapes,
        xaxis: { ...axis, title: { text: "step", standoff: 4 }, rangemode: "tozero" },
        yaxis: { ...axis, exponentformat: "power", ...yaxis },
      },
      { showSendToCloud: false, plotlyServerURL: "", displaylogo: false, displayModeBar: false, responsive: false },
    );
  }
}
