/** What a person orders a run to do: train, pause, step, stop, go on further, begin with other numbers or weights. */

import { changeRun, command, loadWeights } from "./server/api.js";
import { ACTIVE, WAITING } from "./state/constants.js";

/**
 * @param {import("./state/store.js").Store} store
 * @param {{renew: (start: boolean) => Promise<void>, settle: () => Promise<void>, update: (news: any) => void, rebuild: () => void, address: () => void, hold: () => void}} page
 */
export function ordersFor(store, { renew, settle, update, rebuild, address, hold }) {
  async function trainOn() {
    const { status, id } = store.run;
    if (WAITING.includes(status)) update(await command(id, "resume"));
    else await renew(true);
  }

  return {
    async train() {
      const { status, id } = store.run;
      if (ACTIVE.includes(status)) {
        hold();
        update(await command(id, "pause"));
        return;
      }
      await settle();
      await trainOn();
    },

    async step() {
      await settle();
      if (WAITING.includes(store.run.status)) update(await command(store.run.id, "step"));
    },

    stop: async () => update(await command(store.run.id, "stop")),

    /** Let a run that has ended go on: for as many steps again where it did all of them. */
    async further() {
      const { id, step, steps } = store.run;
      update(await changeRun(id, { steps: step < steps ? steps : 2 * steps }));
      update(await command(id, "resume"));
      store.chosen.steps = store.run.steps;
      rebuild();
      address();
    },

    async newSeed() {
      store.chosen.seed = Math.floor(Math.random() * 1_000_000);
      rebuild();
      await renew(ACTIVE.includes(store.run?.status));
    },

    /** Begin a new run of the same network with the weights of a file. @param {File} file */
    async load(file) {
      await renew(false);
      update(await loadWeights(store.run.id, file));
    },
  };
}
