"""The page's modules by themselves: addresses, thinning of curves, rows without gaps."""

from collections.abc import Callable

from playwright.sync_api import Page

Open = Callable[..., Page]

EVERY_ADDRESS = """async () => {
  const { Store } = await import("/store.js");
  const { readURL, writeURL } = await import("/url.js");
  const store = new Store();
  store.catalog = await (await fetch("/api/catalog")).json();
  const wrong = [];
  for (const task of store.catalog.tasks) {
    for (const title of ["", ...Object.keys(task.presets)]) {
      const chosen = store.defaultsOf(task.name, task.presets[title] ?? {});
      const url = writeURL(chosen, store.defaultsOf(task.name), store.catalog, "abc");
      const read = readURL(url, store.catalog, (name) => store.defaultsOf(name));
      const again = writeURL(read.chosen, store.defaultsOf(task.name), store.catalog, read.run);
      if (url !== again || read.unknown.length || url.length > 400) wrong.push([url, again, read.unknown]);
      if (!title && url !== `?task=${task.name}&run=abc`) wrong.push([url]);
    }
  }
  return wrong;
}"""

THIN = """async () => {
  const { thin } = await import("/views/charts.js");
  const x = Array.from({ length: 100000 }, (_, i) => i);
  const y = x.map((i) => Math.sin(i / 5000));
  y[31415] = 99; y[27182] = -99; y[500] = null;
  const thinned = thin(x, y);
  return [thinned.x.length, Math.max(...thinned.y), Math.min(...thinned.y), thinned.x.at(-1), thinned.x.every((v, i) => !i || v > thinned.x[i - 1])];
}"""

ROWS = """async () => {
  const { Store } = await import("/store.js");
  const store = new Store();
  const rows = (from, to) => Object.fromEntries(["step", "loss", "test_loss", "accuracy", "test_accuracy", "time"].map(
    (name) => [name, Array.from({ length: to - from }, (_, i) => from + i)]));
  const take = (since, next, columns) => store.addRows({ since, next, columns });
  const answers = [take(0, 5, rows(0, 5)), take(5, 20, rows(5, 8)), take(3, 8, rows(3, 8)), take(25, 28, rows(25, 28))];
  return [answers, store.columns.loss];
}"""


def test_every_configuration_survives_its_address(open_page: Open) -> None:
    assert open_page().evaluate(EVERY_ADDRESS) == []


def test_thinning_keeps_every_spike_and_the_newest_row(open_page: Open) -> None:
    length, highest, lowest, last, ascending = open_page().evaluate(THIN)
    assert length <= 1100
    assert (highest, lowest, last, ascending) == (99, -99, 99_999, True)


def test_rows_follow_on_each_other_by_number_and_anything_else_is_noticed(open_page: Open) -> None:
    answers, loss = open_page().evaluate(ROWS)
    assert answers == [True, True, False, False]
    assert loss == list(range(8))
