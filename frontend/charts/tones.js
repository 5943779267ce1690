/** The run as one hears it: a tone for each row, as high as the loss is large, and others for what is found. */

import { make } from "../ui/element.js";

/** @import {Store} from "../state/store.js" */

const KEY = "sound";
const FIRST = 660; // hertz of the first loss
const [LOWEST, HIGHEST] = [110, 1760];
const OCTAVES = 1.2; // that a tenth of the loss is lower
const APART = 0.09; // seconds between two rows' tones at the least
/** What is heard of a finding: hertz of one tone after the other. @type {Record<string, number[]>} */
const FOUND = { good: [523, 659, 784], caution: [440, 349], ill: [330, 247, 165] };

/**
 * How high a loss sounds, in hertz; null where there is nothing to hear.
 * @param {number | null | undefined} loss @param {number | null | undefined} first
 */
export function pitchOf(loss, first) {
  if (!loss || !first || loss < 0 || first < 0) return null;
  const octaves = OCTAVES * Math.log10(loss / first);
  return Math.max(LOWEST, Math.min(HIGHEST, FIRST * 2 ** octaves));
}

export class Tones {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    /** @type {AudioContext | null} made by a person's click, as browsers want it */
    this.audio = null;
    this.heard = -1; // the step of the row that was heard last
    this.next = 0; // when there may be another tone
    this.box = make("input", { type: "checkbox", id: "sound", checked: localStorage.getItem(KEY) === "on" });
    this.box.onchange = () => this.choose();
    const words = "Sound: a tone for each row, high while the loss is large, and a chord when it has learned or broke";
    this.element = make("label", { className: "sound" }, this.box, words);
    document.addEventListener("pointerdown", () => this.wake(), { once: true, capture: true });
    document.addEventListener("keydown", () => this.wake(), { once: true, capture: true });
    store.on("rows", () => this.row());
    store.on("run", () => {
      this.heard = Infinity; // rows that were there before are no news
    });
  }

  /** Take up what was chosen before; a page may not sound before somebody has touched it. */
  wake() {
    if (this.box.checked) this.audio ??= new AudioContext();
  }

  choose() {
    localStorage.setItem(KEY, this.box.checked ? "on" : "off");
    if (this.box.checked) {
      this.wake();
      this.play([FIRST]);
    } else {
      this.audio?.close();
      this.audio = null;
    }
  }

  /** Let the newest row be heard. */
  row() {
    const { columns } = this.store;
    const step = columns.step.at(-1) ?? -1;
    const isNew = step > this.heard && this.heard !== Infinity;
    this.heard = step;
    if (!isNew || !this.audio || this.audio.currentTime < this.next) return;
    const pitch = pitchOf(
      columns.loss?.at(-1),
      columns.loss?.find((loss) => loss !== null),
    );
    if (pitch) this.play([pitch], 0.07);
  }

  /** Let a finding be heard. @param {string} kind */
  found(kind) {
    if (FOUND[kind]) this.play(FOUND[kind], 0.16);
  }

  /** Play tones one after the other. @param {number[]} pitches in hertz @param {number} [length] of each, in seconds */
  play(pitches, length = 0.12) {
    const { audio } = this;
    if (!audio) return;
    audio.resume();
    let start = Math.max(audio.currentTime, this.next);
    for (const pitch of pitches) {
      const [tone, loud] = [audio.createOscillator(), audio.createGain()];
      tone.frequency.value = pitch;
      loud.gain.setValueAtTime(0, start);
      loud.gain.linearRampToValueAtTime(0.12, start + 0.01);
      loud.gain.exponentialRampToValueAtTime(0.001, start + length);
      tone.connect(loud).connect(audio.destination);
      tone.start(start);
      tone.stop(start + length);
      start += length;
    }
    this.next = Math.max(start, audio.currentTime + APART);
  }
}
