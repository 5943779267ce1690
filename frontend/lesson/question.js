/** A question that is answered before one trains: a choice, a number, or a sketch of the curve that one expects. */

import { readable } from "../state/catalog.js";
import { told } from "../state/numbers.js";
import { fit } from "../ui/canvas.js";
import { make } from "../ui/element.js";
import { refusal, refuse } from "../ui/field.js";
import { captionSize, themed } from "../ui/palette.js";

/** @import {Store} from "../state/store.js" */
/** @import {Question} from "../server/lesson_types.js" */

const PLACES = 25; // of a sketched curve
const START = 0.8;

/**
 * Whether an answer is right; null where only one's own eye can tell.
 * @param {Question} question @param {any} answer
 */
export function isRight(question, answer) {
  if (question.curve !== null) return null;
  if (question.choices.length) return answer === question.answer;
  return Math.abs(answer - (question.answer ?? 0)) <= question.tolerance + 1e-12;
}

/**
 * Build the form of a question.
 * @param {Question} question @param {any} answer what was answered; undefined where nothing was
 * @param {boolean} isShown whether the right answer is @param {(answer: any) => void} answered @param {Store} store
 */
export function questionForm(question, answer, isShown, answered, store) {
  const form = make("form", { className: "lesson-question" });
  const done = answer !== undefined;
  const ask = make("p", { className: "lesson-ask", textContent: question.ask });
  const give = make("button", { type: "submit", className: "primary", textContent: "Answer", hidden: done });
  /** @type {() => any} */
  let read;
  if (question.choices.length) {
    const rows = question.choices.map((words, i) => {
      const input = make("input", { type: "radio", name: "answer", value: String(i + 1), disabled: done });
      input.checked = answer === i + 1;
      const row = make("label", {}, input, make("span", { textContent: words }));
      if (isShown && question.answer === i + 1) row.className = "right";
      return row;
    });
    form.append(make("fieldset", {}, make("legend", {}, ask), ...rows));
    read = () => {
      const chosen = form.querySelector("input:checked");
      return chosen ? Number(/** @type {HTMLInputElement} */ (chosen).value) : undefined;
    };
  } else if (question.curve) {
    const sketch = new Sketch(question.curve, store, answer);
    form.append(ask, sketch.element);
    read = () => sketch.values;
  } else {
    const input = make("input", { type: "number", step: "any", disabled: done, id: "lesson-number" });
    if (done) input.value = String(answer);
    form.append(make("label", { htmlFor: "lesson-number" }, ask), input);
    read = () => (input.value === "" ? undefined : Number(input.value));
  }
  form.append(give, refusal());
  if (!done) form.append(make("p", { className: "muted", textContent: "Train opens with your answer." }));
  form.onsubmit = (event) => {
    event.preventDefault();
    const value = read();
    if (value === undefined) refuse(form, "Say what you expect first: then one trains, and sees.");
    else answered(value);
  };
  form.oninput = () => refuse(form, "");
  if (done) form.append(make("p", { className: "lesson-said", textContent: wordsFor(question, answer, isShown) }));
  return form;
}

/** @param {Question} question @param {unknown} answer @param {boolean} isShown */
function wordsFor(question, answer, isShown) {
  if (!isShown) return question.curve ? "Your sketch is dotted in the end." : "Answered. Now train, and see.";
  const right = isRight(question, answer);
  const truth = question.choices.length ? "" : ` It is ${told(question.answer ?? 0)}.`;
  const first = right === null ? "" : right ? "Right." : `Not quite.${truth}`;
  return [first, question.because].filter(Boolean).join(" ");
}

/** A sheet on which the expected curve is drawn; arrow keys move along it and up and down. */
class Sketch {
  /** @param {string} column @param {Store} store @param {number[] | undefined} drawn */
  constructor(column, store, drawn) {
    this.column = column;
    this.store = store;
    this.isDone = drawn !== undefined;
    this.values = drawn ?? Array.from({ length: PLACES }, () => START);
    this.at = 0;
    this.canvas = make("canvas", { className: "lesson-sketch", tabIndex: 0 });
    this.canvas.setAttribute("role", "img");
    const draws = this.isDone ? "" : "; draw, or use the arrow keys: up and down change it, right goes on";
    this.canvas.setAttribute("aria-label", `The ${readable(column)} as you expect it${draws}`);
    this.element = this.canvas;
    if (!this.isDone) this.listen();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  listen() {
    const { canvas } = this;
    const put = (/** @type {PointerEvent} */ event) => {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const k = Math.round(((event.clientX - left) / width) * (PLACES - 1));
      this.set(k, 1 - (event.clientY - top) / height);
    };
    canvas.onpointerdown = (event) => {
      canvas.setPointerCapture(event.pointerId);
      put(event);
    };
    canvas.onpointermove = (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) put(event);
    };
    canvas.onkeydown = (event) => {
      const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [];
      if (dx === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.set(this.at + dx, (this.values[this.at] ?? 0) + 0.05 * dy);
    };
  }

  /** @param {number} k @param {number} value */
  set(k, value) {
    const to = Math.min(Math.max(k, 0), PLACES - 1);
    const v = Math.min(Math.max(value, 0), 1);
    for (let i = to; i < PLACES; i++) this.values[i] = v; // what is right of the pen follows it
    const [a, b] = [Math.min(this.at, to), Math.max(this.at, to)];
    for (let i = a + 1; i < b; i++)
      this.values[i] = this.values[a] + ((v - this.values[a]) * (i - a)) / Math.max(1, b - a);
    this.at = to;
    this.draw();
  }

  draw() {
    const { ctx, width, height } = fit(this.canvas);
    const line = (/** @type {number[]} */ values, /** @type {string} */ colour, /** @type {number[]} */ dash) => {
      ctx.beginPath();
      values.forEach((v, i) => {
        ctx.lineTo((i / Math.max(1, values.length - 1)) * width, (1 - v) * (height - 6) + 3);
      });
      ctx.strokeStyle = colour;
      ctx.lineWidth = 2;
      ctx.setLineDash(dash);
      ctx.stroke();
    };
    const real = (this.store.columns[this.column] ?? []).filter((v) => v !== null);
    if (this.isDone && real.length > 1) {
      const top = Math.max(...real, 1e-9);
      line(
        real.map((v) => Math.max(0, v) / top),
        themed("train"),
        [],
      );
    }
    line(this.values, themed("ink"), this.isDone ? [3, 4] : []);
    ctx.setLineDash([]);
    ctx.fillStyle = themed("muted");
    ctx.font = `${captionSize()}px ${themed("sans")}`;
    ctx.textAlign = "right";
    ctx.fillText("steps", width - 4, height - 5);
  }
}
