"""What is wrong with how a page looks, by measuring it: text that is cut, too small or too faint, cards that overlap."""

from importlib.resources import files

from playwright.sync_api import Page

AXE = files("axe_playwright_python") / "axe.min.js"
COLOURS = ("color-contrast", "link-in-text-block")
"""Those of axe-core's rules that another theme can break."""
VIOLATIONS = """async (rules) => {
  const some = rules?.length ? { runOnly: { type: "rule", values: rules } } : {};
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...some });
  // an explanation lies over the page for as long as one looks at it, in no part of the page
  const lies = ({ id, nodes }) => id === "region" && nodes.every(({ target }) => target[0].startsWith("#explanation"));
  const say = (n) => `${n.target.join(" ")} ${(n.any[0] ?? n.all[0] ?? n.none[0])?.message}`;
  return violations.filter((found) => !lies(found)).map(({ id, nodes }) => `${id}: ${nodes.slice(0, 4).map(say).join(" | ")}`);
}"""

AUDIT = """() => {
  const problems = [];
  const visible = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const box = (e) => e.getBoundingClientRect();
  const named = (e) => `${e.tagName.toLowerCase()}${e.id ? '#' + e.id : ''}.${e.className?.baseVal ?? e.className}`;
  const own = (e) => [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join(' ').trim();
  const parsed = (css) => {
    const [r, g, b, a = 1] = css.match(/[\\d.]+(?:e-?\\d+)?/g).map(Number);
    return css.startsWith('color(srgb') ? [255 * r, 255 * g, 255 * b, a] : [r, g, b, a];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const luminance = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => v / 255).map((v) => (v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ratio = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + .05) / (low + .05);
  };
  const behind = (e) => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== 'none' || at.querySelector(':scope > canvas')) return null;
      const colour = parsed(style.backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.length && layers.at(-1)[3] === 1 ? layers.reduceRight((under, c) => over(c, under)) : null;
  };
  const scrolls = (e) => {
    for (let at = e.parentElement; at; at = at.parentElement)
      if (/(auto|scroll)/.test(getComputedStyle(at).overflowX + getComputedStyle(at).overflowY)) return true;
    return false;
  };
  for (const e of document.body.querySelectorAll('*')) {
    const words = own(e);
    if (!words || !visible(e) || e.closest('svg, .visually-hidden, script, option, .skip, .js-plotly-plot')) continue;
    const style = getComputedStyle(e);
    if (style.clipPath === 'inset(50%)') continue; // it is there for who does not look
    const size = parseFloat(style.fontSize);
    const said = `${named(e)} “${words.slice(0, 40)}”`;
    if (size < 11.5) problems.push(`${said} is ${size} px large`);
    const widens = e.closest('[role=gridcell]')?.title.includes(words); // in a column of a table, told when pointed at
    const clips = style.overflowX !== 'visible' && !/(auto|scroll)/.test(style.overflowX) && !widens;
    if (clips && e.scrollWidth > e.clientWidth + 1)
      problems.push(`${said} is cut: ${e.scrollWidth} px in ${e.clientWidth}`);
    const range = document.createRange();
    range.selectNodeContents(e);
    const text = range.getBoundingClientRect();
    if (!text.width) continue;
    const card = e.closest('.card, .slot, .headline, .foot, .top');
    if (card && !scrolls(e)) {
      const inside = box(card);
      if (text.right > inside.right + 1 || text.left < inside.left - 1 || text.bottom > inside.bottom + 2)
        problems.push(`${said} leaves its card ${named(card)}`);
    }
    const back = behind(e);
    const isSign = !/[\\p{L}\\p{N}]/u.test(words);
    const least = isSign || size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (back) {
      const found = ratio(over(parsed(style.color), back), back);
      if (found < least - .01) problems.push(`${said} has a contrast of ${found.toFixed(2)}`);
    }
  }
  const cards = [...document.querySelectorAll('main > .slot, main .left > .card, .beside > *, .headline, .foot, .top')];
  const shown = cards.filter((e) => visible(e) && box(e).height > 0 && !e.closest('dialog'));
  for (const [i, a] of shown.entries())
    for (const b of shown.slice(i + 1)) {
      const [x, y] = [box(a), box(b)];
      const wide = Math.min(x.right, y.right) - Math.max(x.left, y.left);
      const high = Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top);
      const sticky = [a, b].some((e) => /sticky|fixed/.test(getComputedStyle(e).position));
      if (wide > 1 && high > 1 && !sticky && !a.contains(b) && !b.contains(a))
        problems.push(`${named(a)} lies over ${named(b)}`);
    }
  for (const e of document.querySelectorAll('.picture-body')) {
    const name = e.closest('[data-picture]')?.dataset.picture ?? 'a picture';
    if (visible(e) && Math.min(e.clientWidth, e.clientHeight) < 100)
      problems.push(`${name} has ${e.clientWidth} × ${e.clientHeight} px`);
  }
  const { scrollWidth, scrollHeight } = document.documentElement;
  if (scrollWidth > innerWidth) problems.push(`the page is ${scrollWidth} px wide`);
  if (innerWidth >= 1100 && innerHeight > 520 && scrollHeight > innerHeight)
    problems.push(`the page is ${scrollHeight} px high`);
  return problems;
}"""


def audit(page: Page) -> list[str]:
    """Say what is wrong with what is on the screen now, once no colour moves any more."""
    page.wait_for_function("() => document.getAnimations().every(one => one.playState !== 'running')")
    return page.evaluate(AUDIT)


COLLECT = """
const words = new Map();
window.IN_WORK = [];
window.wordsOn = (canvas) => words.get(canvas) ?? [];
const {fillText, clearRect} = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.clearRect = function (x, y, w, h) {
  if (x <= 0 && y <= 0) words.set(this.canvas, []);
  clearRect.call(this, x, y, w, h);
};
CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
  fillText.call(this, text, x, y, ...rest);
  if (!this.canvas.isConnected || !String(text).trim()) return;
  const ratio = this.canvas.width / this.canvas.clientWidth;
  const m = this.measureText(text);
  const [left, right] = [x - m.actualBoundingBoxLeft, x + m.actualBoundingBoxRight];
  const [top, bottom] = [y - m.actualBoundingBoxAscent, y + m.actualBoundingBoxDescent];
  const corners = [[left, top], [right, top], [left, bottom], [right, bottom]]
    .map(([x, y]) => this.getTransform().transformPoint({x, y}));
  const xs = corners.map((p) => p.x / ratio), ys = corners.map((p) => p.y / ratio);
  const said = {text: String(text), size: parseFloat(/([\\d.]+)px/.exec(this.font)[1]),
    left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys)};
  if (!words.has(this.canvas)) words.set(this.canvas, []);
  words.get(this.canvas).push(said);
};
"""
"""Keep of every canvas which words were written since it was cleared: their size and their box, in the page's pixels."""

PICTURES = """() => {
  const found = [];
  const small = Object.assign(document.createElement("canvas"), {width: 160, height: 160});
  const pen = small.getContext("2d", {willReadFrequently: true});
  const inkOf = (canvas) => {
    pen.clearRect(0, 0, 160, 160);
    pen.drawImage(canvas, 0, 0, 160, 160);
    const data = pen.getImageData(0, 0, 160, 160).data;
    let [left, right, top, bottom] = [160, -1, 160, -1];
    for (let y = 0; y < 160; y++) for (let x = 0; x < 160; x++) {
      if (!data[4 * (y * 160 + x) + 3]) continue;
      left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = y;
    }
    return ((right - left + 1) / 160) * ((bottom - top + 1) / 160);
  };
  for (const card of document.querySelectorAll("[data-picture]")) {
    const say = (what) => found.push(`${card.dataset.picture}: ${what}`);
    if (!card.checkVisibility() || IN_WORK.includes(card.dataset.picture)) continue;
    for (const name of card.querySelectorAll("h2, h2 *, .caption, .legend, .legend *, header *")) {
      if (!name.checkVisibility() || name.closest("select")) continue;
      if (name.scrollWidth > name.clientWidth + 1 && getComputedStyle(name).display !== "inline")
        say(`cut: ${name.textContent} ${name.scrollWidth} > ${name.clientWidth}`);
      if (name.textContent.trim() && parseFloat(getComputedStyle(name).fontSize) < 11.5) say(`small: ${name.textContent}`);
    }
    const body = card.querySelector(".picture-body");
    for (const canvas of body.querySelectorAll(":scope > canvas:first-child")) {
      const [a, b] = [canvas, body].map((e) => e.getBoundingClientRect());
      const pad = body.querySelector(".pad");
      const below = body.querySelector(":scope > .steppers")?.offsetHeight ?? -2; // and 2 pixels between
      const room = b.height - below - 2;
      if (!pad && (Math.abs(a.width - b.width) > 1.5 || Math.abs(a.height - room) > 1.5))
        say(`canvas ${a.width} × ${a.height} in ${b.width} × ${room}`);
      const ratio = devicePixelRatio;
      if (Math.abs(canvas.width - a.width * ratio) > 1.5) say(`${canvas.width} pixels for ${a.width} × ${ratio}`);
      const ink = inkOf(canvas);
      if (ink < LEAST_INK) say(`void: ${ink.toFixed(2)} of ${a.width.toFixed()} × ${a.height.toFixed()}`);
      const all = window.wordsOn(canvas);
      for (const [i, w] of all.entries()) {
        if (w.size < 11.49) say(`small: “${w.text}” ${w.size}`);
        if (w.left < -0.6 || w.top < -0.6 || w.right > canvas.clientWidth + 0.6 || w.bottom > canvas.clientHeight + 0.6)
          say(`cut: “${w.text}” ${[w.left, w.top, w.right, w.bottom].map((v) => v.toFixed())} in ${a.width} × ${a.height}`);
        if (w.text.includes("…") && w.text.trim() !== "…") say(`shortened: ${w.text}`);
        for (const o of all.slice(0, i))
          if (Math.min(w.right, o.right) - Math.max(w.left, o.left) > 0.5
              && Math.min(w.bottom, o.bottom) - Math.max(w.top, o.top) > 0.5)
            say(`over one another: “${o.text}” and “${w.text}”`);
      }
    }
  }
  return found;
}""".replace("LEAST_INK", "0.6")
"""What is wrong with the pictures that are on the page."""

KNOBS = """() => {
  const cut = [], rooms = ['toolbar', 'panels', 'phone-bar'].map((id) => document.getElementById(id));
  const clips = (e) => getComputedStyle(e).overflowX !== 'visible';
  const canvas = document.createElement('canvas').getContext('2d');
  for (const room of rooms.filter((r) => r.checkVisibility())) {
    const card = room.closest('.card, .phone-bar').getBoundingClientRect();
    const texts = document.createTreeWalker(room, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const owner = text.parentElement;
      if (!text.data.trim() || owner.closest('option, .visually-hidden') || !owner.checkVisibility()) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      const { left, right, top, width } = range.getBoundingClientRect();
      const shape = owner.closest('.layer-shape')?.getBoundingClientRect();
      if (shape && top >= shape.bottom - 1) continue; // a shape that has no room is not there at all
      if (getComputedStyle(owner).textOverflow === 'ellipsis') cut.push(`ellipsis: ${text.data}`);
      if (left < card.left - 1 || right > card.right + 1) cut.push(`out of its card: ${text.data}`);
      for (let e = owner; e !== room.parentElement; e = e.parentElement) {
        const box = e.getBoundingClientRect();
        if (clips(e) && (left < box.left - 1 || right > box.right + 1)) cut.push(`cut: ${text.data} by ${e.className}`);
      }
      if (width > card.width) cut.push(`wider than its card: ${text.data}`);
    }
    for (const input of room.querySelectorAll('input[type=text]'))
      if (input.checkVisibility() && input.scrollWidth > input.clientWidth + 1) cut.push(`number: ${input.value}`);
    for (const select of room.querySelectorAll('select')) {
      if (!select.checkVisibility()) continue;
      const style = getComputedStyle(select);
      canvas.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const words = select.selectedOptions[0]?.text ?? '';
      const spacing = (parseFloat(style.letterSpacing) || 0) * words.length;
      const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      if (canvas.measureText(words).width + spacing > room + 1) cut.push(`select: ${words}`);
    }
    const rows = room.querySelectorAll('.field, .layer, .four, .speed, .pace, .steps, .panel > summary');
    for (const row of rows)
      if (row.checkVisibility() && row.scrollWidth > row.clientWidth + 1) cut.push(`row: ${row.textContent}`);
  }
  return cut;
}"""
"""What is cut in the toolbar and among the knobs."""
UNFOLD = "() => document.querySelectorAll('#panels details').forEach((fold) => { fold.open = true; })"

SCREEN = """async () => {
  const pictures = PICTURES, audit = AUDIT, knobs = KNOBS, found = {};
  const frames = async (n) => { while (n--) await new Promise(requestAnimationFrame); };
  const keep = (where, problems) => { if (problems.length) found[where] = problems; };
  await frames(2); // until a change of size has been drawn; a tab that is opened waits as long
  for (const id of [...document.querySelectorAll('#tabs [role=tab]')].map((tab) => tab.id)) {
    document.getElementById(id)?.click(); // else its picture has turned out empty
    await frames(2);
    const drawn = pictures();
    while (document.getAnimations().some((one) => one.playState === 'running')) await frames(1); // colours
    keep(id, [...drawn, ...audit()]);
  }
  keep('knobs', knobs());
  const folds = [...document.querySelectorAll('#panels details:not([open])')];
  const wider = document.createElement('style');
  wider.textContent = '#toolbar, #panels, #phone-bar { letter-spacing: .066em }'; // a face that is wider by an eighth
  document.head.append(wider);
  for (const fold of folds) fold.open = true;
  await frames(2);
  keep('knobs unfolded, in a wider face', knobs());
  for (const fold of folds) fold.open = false;
  wider.remove();
  return found;
}"""
"""What is wrong on a screen of this size under each tab, and among the knobs as they are and with all of them unfolded."""
SCREEN = SCREEN.replace("PICTURES", PICTURES).replace("AUDIT", AUDIT).replace("KNOBS", KNOBS)


def audit_screen(page: Page) -> dict[str, list[str]]:
    """Say what is wrong on a screen of this size, by where; the page was opened with COLLECT. All in the page itself."""
    return page.evaluate(SCREEN)


def audit_knobs(page: Page) -> list[str]:
    """Say what is cut in the toolbar and among the knobs."""
    return page.evaluate(KNOBS)


def unfold(page: Page) -> None:
    """Open all that is folded among the knobs."""
    page.evaluate(UNFOLD)


def axe(page: Page, rules: tuple[str, ...] = ()) -> list[str]:
    """Say what axe-core finds, by all its rules or by some; it comes with the package axe-playwright-python."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(VIOLATIONS, list(rules))
