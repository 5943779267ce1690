/** Where pictures go: the main one first and larger, the others around it as their number and their shapes ask for. */

/** @typedef {import("./card.js").Card} Card */

/** How high a picture is among those that stand over each other beside the main one. */
const HEIGHT = { square: 2, wide: 3, tall: 3, aside: 0 };
const ROOMY = 5; // up to so much height in a column, captions may take two lines

/** @param {number[]} shares */
const shared = (shares) => shares.map((share) => `minmax(0, ${share}fr)`).join(" ");

/**
 * Choose rows and columns for pictures, the main one first.
 *
 * Two stand side by side. Three, or more with a tall main one: it takes the left, the others stand over each other on
 * the right. Else they go two by two, the first row higher; of an odd number the main one takes two rows.
 * @param {import("./view.js").Shape[]} shapes
 */
export function gridOf([main, ...others]) {
  const n = others.length + 1;
  if (n < 3) return { columns: shared(n === 1 ? [1] : [1.9, 1]), rows: shared([1]), span: 1, isTight: false };
  if (n === 3 || main === "tall") {
    const heights = others.map((shape) => HEIGHT[shape]);
    const sum = heights.reduce((a, b) => a + b, 0);
    return { columns: shared([1.45, 1]), rows: shared(heights), span: others.length, isTight: sum > ROOMY };
  }
  const rows = Math.ceil(n / 2);
  const heights = Array.from({ length: rows }, (_, i) => (i === 0 ? 1.25 : 1));
  return { columns: shared([1.25, 1]), rows: shared(heights), span: 1 + (n % 2), isTight: false };
}

/**
 * Put cards where they belong.
 * @param {Card[]} cards @param {HTMLElement} board @param {HTMLElement} aside beside the charts
 */
export function arrange(cards, board, aside) {
  const onBoard = cards.filter((card) => card.shape !== "aside");
  const { columns, rows, span, isTight } = gridOf(onBoard.map((card) => card.shape));
  board.style.setProperty("--columns", columns);
  board.style.setProperty("--rows", rows);
  board.style.setProperty("--span", String(span));
  board.classList.toggle("tight", isTight);
  board.classList.toggle("pair", onBoard.length < 3);
  board.replaceChildren(...onBoard.map((card) => card.element));
  for (const card of cards) if (card.shape === "aside") aside.append(card.element);
}
