/**
 * The websocket of one run: rows of metrics without gaps, the latest pictures, and back again after a lost connection.
 */

import { DELETED, FLOODED } from "../state/constants.js";
import { unpack } from "./frames.js";

/** @import {AnyPicture, FoundAt, MetricsRows, News} from "../state/types.js" */

/** @typedef {{type: "nothing", picture: string}} Nothing that the network has to show in a picture */
/**
 * What the stream says in JSON.
 * @typedef {({type: "status"} & News) | ({type: "metrics"} & MetricsRows) | ({type: "findings"} & FoundAt) | Nothing}
 * Message
 */

/**
 * Who hears of it.
 * @typedef {object} Listener
 * @property {(message: Message) => void} message
 * @property {(picture: AnyPicture) => void} picture
 * @property {(wait: number) => void} lost the connection, which is tried again after so many milliseconds
 * @property {() => void} found
 * @property {() => void} gone the server no longer has the run
 */

const LONGEST_WAIT = 3000;
/** Milliseconds until a page comes back that has said too much. */
const FLOOD_WAIT = 15_000;

/** Milliseconds after which the worker that probes is given up. */
const LATE = 5000;

/** @type {MessagePort | null} */
let prober = null;

/** Have the worker that probes while the server is there to hand it out. */
function prepareProbe() {
  if (prober || typeof SharedWorker === "undefined") return;
  try {
    const worker = new SharedWorker(new URL("probe_worker.js", import.meta.url));
    worker.onerror = () => {
      prober = null;
    };
    prober = worker.port;
    prober.start();
  } catch {
    // a browser that allows none asks by itself
  }
}

/**
 * Ask for the status of an answer; 0 where none comes. Where a page asks by itself, its console has an error each time.
 * @param {string} path @returns {Promise<number>}
 */
function probe(path) {
  if (!prober)
    return fetch(path).then(
      (reply) => reply.status,
      () => 0,
    );
  const { port1, port2 } = new MessageChannel();
  prober.postMessage(path, [port2]);
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      prober = null; // it answers no more, so the page asks by itself
      resolve(0);
    }, LATE);
    port1.onmessage = ({ data }) => {
      clearTimeout(late);
      resolve(data);
    };
  });
}

export class Stream {
  /**
   * @param {string} id the run
   * @param {() => number} rows how many rows the page has
   * @param {Listener} listener
   */
  constructor(id, rows, listener) {
    this.id = id;
    this.rows = rows;
    this.listener = listener;
    /** @type {string[]} */
    this.names = [];
    this.wait = 250;
    this.closed = false;
    this.connect();
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/runs/${this.id}/stream?since=${this.rows()}`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.wait = 250;
      this.listener.found();
      this.tell({ watch: this.names });
      prepareProbe();
    };
    socket.onmessage = ({ data }) => {
      if (this.closed) return;
      if (typeof data === "string") this.listener.message(JSON.parse(data));
      else this.listener.picture(unpack(data));
    };
    socket.onclose = ({ code }) => {
      if (this.closed) return;
      if (code === FLOODED) this.wait = FLOOD_WAIT;
      if (code === DELETED) this.listener.gone();
      else this.retry();
    };
    this.socket = socket;
  }

  /** Connect anew, because rows are missing or have become too many. */
  again() {
    const { socket } = this;
    if (socket) socket.onclose = socket.onmessage = null;
    socket?.close();
    this.connect();
  }

  async retry() {
    this.listener.lost(this.wait);
    await new Promise((resolve) => setTimeout(resolve, this.wait));
    this.wait = Math.min(LONGEST_WAIT, this.wait * 1.6);
    if (this.closed) return;
    const status = await probe(`/api/runs/${this.id}`);
    if (this.closed) return;
    if (status === 404) this.listener.gone();
    else if (status === 200) this.connect();
    else this.retry();
  }

  /** Ask for these pictures only. @param {string[]} names */
  watch(names) {
    if (names.join("\n") === this.names.join("\n")) return;
    this.names = names;
    this.tell({ watch: names });
  }

  /** Say that a picture was drawn. @param {number} id */
  drawn(id) {
    this.tell({ drawn: id });
  }

  /** @param {object} message */
  tell(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  close() {
    this.closed = true;
    const { socket } = this;
    // a browser complains about a socket that is closed while it still connects
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket?.close();
  }
}
