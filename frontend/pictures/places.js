/** Where a task's pictures go: into the picture's place, beside it, or under a tab. */

/** @typedef {import("./view.js").Shape} Shape */
/**
 * What decides on a place: what the view would like to be, and with which kind of view it shares one.
 * @typedef {{kind: string, shape: Shape, companion?: import("./view.js").Companion}} Placed
 */

/**
 * Choose places for pictures, the main one first: it is the picture, the next one stands beside it, the others are
 * under tabs. One that has a companion shares its place with it.
 * @template {Placed} T @param {T[]} pictures those that have something to show
 * @returns {{picture: T[], beside: T[], tabs: T[]}}
 */
export function placesOf(pictures) {
  const tabs = pictures.filter(({ shape }) => shape === "aside");
  const rest = pictures.filter(({ shape }) => shape !== "aside");
  const take = () => {
    const [first] = rest.splice(0, 1);
    if (!first) return [];
    const at = rest.findIndex(({ kind }) => kind === first.companion?.kind);
    return [first, ...(at < 0 ? [] : rest.splice(at, 1))];
  };
  return { picture: take(), beside: take(), tabs: [...rest, ...tabs] };
}

/**
 * Say which shares of a place its pictures take.
 * @param {Placed[]} placed @returns {number[]}
 */
export function sharesOf([first, second]) {
  if (!first) return [];
  const share = second && first.companion ? first.companion.share : 0;
  return second ? [1 - share, share] : [1];
}
