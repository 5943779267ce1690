/** The server's calls. Every refusal becomes a Refusal that names the field. */

export class Refusal extends Error {
  /** @param {string} message @param {string | null} field @param {number} status */
  constructor(message, field, status) {
    super(message);
    this.field = field;
    this.status = status;
  }
}

/**
 * @param {string} method @param {string} path @param {unknown} [body]
 * @returns {Promise<any>}
 */
export async function call(method, path, body) {
  let reply;
  try {
    reply = await fetch(`/api/${path}`, {
      method,
      headers:
        body === undefined
          ? {}
          : { "content-type": body instanceof Blob ? "application/octet-stream" : "application/json" },
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
    });
  } catch {
    throw new Refusal("The server does not answer. Is it still running?", null, 0);
  }
  if (reply.status === 204) return null;
  const said = await reply.json().catch(() => null);
  if (reply.ok && said === null) throw new Refusal("The server's answer broke off. Is it still running?", null, 0);
  if (!reply.ok)
    throw new Refusal(
      said?.error?.message ?? `The server answered ${reply.status}.`,
      said?.error?.field ?? null,
      reply.status,
    );
  return said;
}

export const getCatalog = () => call("GET", "catalog");
export const listRuns = () => call("GET", "runs");
/** @param {string} id @param {number} before */
export const getFits = (id, before) => call("GET", `runs/${id}/fits?before=${before}`);
/** @param {string} id */
export const getRun = (id) => call("GET", `runs/${id}`);
/** @param {object} request */
export const createRun = (request) => call("POST", "runs", request);
/** @param {string} id @param {"pause" | "resume" | "step" | "stop"} order */
export const command = (id, order) => call("POST", `runs/${id}/${order}`);
/** @param {string} id @param {object} changes */
export const changeRun = (id, changes) => call("PATCH", `runs/${id}`, changes);
/** @param {string} id */
export const deleteRun = (id) => call("DELETE", `runs/${id}`);
/** Bring back a run that was deleted just now. @param {string} id */
export const restoreRun = (id) => call("POST", `runs/${id}/restore`);
/** @param {string} id @param {File} file */
export const loadWeights = (id, file) => call("POST", `runs/${id}/weights`, file);
