"""What is wrong with how a page looks, by measuring it: text that is cut, too small or too faint, cards that overlap."""

from playwright.sync_api import Page

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
    if (style.overflowX !== 'visible' && !/(auto|scroll)/.test(style.overflowX) && e.scrollWidth > e.clientWidth + 1)
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
