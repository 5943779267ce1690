/** A shared worker that asks whether the server is there: an answer that fails to come is in no console of a page. */

addEventListener("connect", (event) => {
  const [page] = /** @type {MessageEvent} */ (event).ports;
  page.onmessage = async ({ data, ports: [asked] }) => {
    const status = await fetch(data).then(
      (reply) => reply.status,
      () => 0,
    );
    asked.postMessage(status);
  };
});
