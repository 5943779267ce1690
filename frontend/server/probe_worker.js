/** A shared worker that asks the server whether it is there: an answer that fails to come stands in no page's console. */

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
