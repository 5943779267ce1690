/** The chart of an experiment: what Plotly is given, worked out from the outcome. */

import { told } from "../state/numbers.js";

/** @import {Outcome} from "../state/types.js" */

/** @typedef {Record<"line" | "other" | "ink" | "grid" | "accent" | "paper", string>} Colours */

const DECADES = 1.7; // factors of 10 over which a loss is drawn on a logarithmic axis
const ABOVE = 1.25; // times the first loss that a curve which explodes may rise in the picture
const DASHES = ["solid", "5px,3px", "2px,3px"];

/**
 * Say what Plotly draws: traces, and the layout that only this chart has.
 * @param {Outcome} outcome @param {number | null} chosen the learning rate that is chosen now @param {Colours} colours
 */
export function chartOf(outcome, chosen, colours) {
  const isRate = outcome.across === "learning rate";
  const traces = isRate ? tracesOfRate(outcome, colours) : tracesOfSteps(outcome, colours);
  const axis = { zeroline: false, showgrid: true, gridcolor: colours.grid, ticks: "", fixedrange: true };
  return {
    traces,
    layout: {
      margin: { l: 52, r: 14, t: 8, b: 44 },
      hovermode: isRate ? "closest" : "x unified",
      dragmode: false,
      showlegend: true,
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { color: colours.ink } },
      shapes: isRate ? placesOf(outcome, chosen, colours).map((place) => place.shape) : [],
      annotations: isRate ? placesOf(outcome, chosen, colours).map((place) => place.words) : [],
      xaxis: {
        ...axis,
        type: isRate ? "log" : "linear",
        title: { text: isRate ? "learning rate" : "step", standoff: 6 },
        ...(isRate ? { exponentformat: "power", dtick: 1 } : {}),
      },
      yaxis: { ...axis, title: { text: "loss", standoff: 6 }, ...heights(outcome, isRate) },
    },
  };
}

/**
 * The range of the losses: what explodes leaves the picture, what falls far is seen on a logarithmic axis.
 * @param {Outcome} outcome @param {boolean} isRate
 */
export function heights({ lines }, isRate) {
  const all = lines.flatMap((line) => line.y).filter((y) => y > 0);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  if (isRate) {
    const smooth = lines[1]?.y ?? all;
    const top = ABOVE * Math.max(smooth[0], Math.min(...all));
    return { type: "linear", range: [0, Math.min(top, 1.05 * high)] };
  }
  if (Math.log10(high / low) < DECADES) return { type: "linear", rangemode: "tozero" };
  return { type: "log", exponentformat: "power", dtick: 1 };
}

/** @param {Outcome} outcome @param {Colours} colours */
function tracesOfSteps({ lines }, colours) {
  const shades = [colours.line, colours.other, colours.ink];
  return lines.map(({ name, x, y }, i) => ({
    type: "scatter",
    mode: "lines",
    name,
    x,
    y,
    line: { color: shades[i % shades.length], width: 2, dash: DASHES[i % DASHES.length] },
    hovertemplate: `%{y:.3~g}<extra>${name}</extra>`,
  }));
}

/** @param {Outcome} outcome @param {Colours} colours */
function tracesOfRate({ lines, suggestion }, colours) {
  const looks = [
    { mode: "lines", line: { color: colours.ink, width: 1 }, opacity: 0.5 },
    { mode: "lines", line: { color: colours.line, width: 2.5 } },
    {
      mode: "lines+markers",
      line: { color: colours.other, width: 1.5, dash: DASHES[2] },
      marker: { color: colours.other, size: 8, symbol: "circle" },
    },
  ];
  const traces = lines
    .map(({ name, x, y }, i) => ({
      type: "scatter",
      name,
      x,
      y,
      hovertemplate: `rate %{x:.2~g}: loss %{y:.3~g}<extra>${name}</extra>`,
      ...looks[i],
    }))
    .filter(({ x }) => x.length);
  const tried = lines[2];
  if (suggestion === null || !tried?.x.length) return traces;
  const nearest = tried.x.reduce(
    (best, x, i) => (Math.abs(x - suggestion) < Math.abs(tried.x[best] - suggestion) ? i : best),
    0,
  );
  const best = {
    type: "scatter",
    mode: "markers",
    name: "suggestion",
    showlegend: false, // its words stand beside its line
    x: [tried.x[nearest]],
    y: [tried.y[nearest]],
    marker: { color: colours.accent, size: 15, symbol: "diamond" },
    hovertemplate: `try %{x:.2~g}<extra></extra>`,
  };
  return [...traces, best];
}

/**
 * The places across that have a name, each as a line from top to bottom with its words; those that are close stand in
 * different rows.
 * @param {Outcome} outcome @param {number | null} chosen @param {Colours} colours
 */
export function placesOf({ marks, lines }, chosen, colours) {
  const [from, to] = [Math.min(...lines[0].x), Math.max(...lines[0].x)];
  const named = Object.entries(marks).map(([name, at]) => ({ name: name === "suggestion" ? "try" : name, at }));
  if (chosen !== null && chosen >= from && chosen <= to) named.push({ name: "chosen", at: chosen });
  named.sort((a, b) => a.at - b.at);
  return named.map(({ name, at }, row) => {
    const isTry = name === "try";
    const colour = isTry ? colours.accent : colours.ink;
    const isRight = Math.log(at / from) > 0.6 * Math.log(to / from);
    return {
      shape: {
        type: "line",
        x0: at,
        x1: at,
        y0: 0,
        y1: 1,
        yref: "paper",
        line: { color: colour, width: isTry ? 2 : 1, dash: isTry ? "solid" : name === "chosen" ? "dash" : "dot" },
      },
      words: {
        x: Math.log10(at),
        y: 1 - 0.085 * row,
        yref: "paper",
        yanchor: "top",
        xanchor: isRight ? "right" : "left",
        showarrow: false,
        text: isTry ? `<b>${name} ${told(at)}</b>` : `${name} ${told(Number(at.toPrecision(2)))}`,
        font: { color: colour },
        bgcolor: colours.paper,
        opacity: 0.9,
      },
    };
  });
}

/**
 * Say in words what a chart shows, for those who do not see it.
 * @param {Outcome} outcome
 */
export function described({ across, lines, marks }) {
  const curves = lines
    .filter(({ y }) => y.length)
    .map(({ name, y }) => `${name}: from ${told(round(y[0]))} to ${told(round(y.at(-1) ?? 0))}`);
  const places = Object.entries(marks).map(([name, at]) => `${name} at ${told(round(at))}`);
  return `Loss over the ${across}. ${[...curves, ...places].join("; ")}.`;
}

const round = (/** @type {number} */ v) => Number(v.toPrecision(3));
