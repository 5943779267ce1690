"""The page's modules by themselves: addresses, thinning of curves, rows without gaps."""

from tests.browser.page import Open

EVERY_ADDRESS = """async () => {
  const { Store } = await import("/state/store.js");
  const { readURL, writeURL } = await import("/state/url.js");
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
  const { thin } = await import("/charts/charts.js");
  const x = Array.from({ length: 100000 }, (_, i) => i);
  const y = x.map((i) => Math.sin(i / 5000));
  y[31415] = 99; y[27182] = -99; y[500] = null;
  const thinned = thin(x, y);
  return [thinned.x.length, Math.max(...thinned.y), Math.min(...thinned.y), thinned.x.at(-1), thinned.x.every((v, i) => !i || v > thinned.x[i - 1])];
}"""

ROWS = """async () => {
  const { Store } = await import("/state/store.js");
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


FILES = """async () => {
  const { filesOf, looksLikeTable, sample, tar, understand } = await import("/upload/files.js");
  const file = (name) => ({ isFile: true, name, file: (done) => done(new File([name], name)) });
  const folder = (name, inside) => ({ isFile: false, name, createReader: () => { const parts = [inside.slice(0, 2), inside.slice(2), []]; return { readEntries: (done) => done(parts.shift() ?? []) }; } });
  const dropped = folder("shapes", [folder("ring", [file("a.png"), file("b.png"), file("c.png")]), folder("cross", [file("d.jpg")]), file("notes.txt")]);
  const found = await filesOf({ items: [{ kind: "file", webkitGetAsEntry: () => dropped }], files: [] });
  const brought = await understand(found, 1e6);
  const bytes = new Uint8Array(await brought.body.arrayBuffer());
  const names = [];
  for (let at = 0; bytes[at]; ) {
    const text = (from, n) => new TextDecoder().decode(bytes.subarray(at + from, at + from + n)).replace(/\\0.*$/s, "");
    const size = parseInt(text(124, 11), 8);
    names.push([text(0, 100), new TextDecoder().decode(bytes.subarray(at + 512, at + 512 + size))]);
    at += 512 + 512 * Math.ceil(size / 512);
  }
  const rows = "a,b\\n" + Array.from({ length: 50000 }, (_, i) => `${i},${i % 7}\\n`).join("");
  const lines = (await (await sample(new Blob([rows]), 50000)).text()).trim().split("\\n");
  const whole = new Set(rows.split("\\n"));
  return { paths: found.map((f) => f.path), kind: brought.kind, name: brought.name, names, first: lines[0], last: Number(lines.at(-1).split(",")[0]),
    count: lines.length, allWhole: lines.every((line) => whole.has(line)), tables: ["a,b\\n1,2\\n3,4\\n5,6\\n7,8", "a word", "1\\n2\\n3\\n4\\n5\\n6"].map(looksLikeTable) };
}"""


def test_dropped_folders_become_a_tar_and_large_tables_a_sample_of_whole_lines(open_page: Open) -> None:
    found = open_page().evaluate(FILES)
    assert found["paths"] == [
        "shapes/ring/a.png",
        "shapes/ring/b.png",
        "shapes/ring/c.png",
        "shapes/cross/d.jpg",
        "shapes/notes.txt",
    ]
    assert (found["kind"], found["name"]) == ("images", "shapes")
    assert found["names"] == [
        ["ring/0.png", "a.png"],
        ["ring/1.png", "b.png"],
        ["ring/2.png", "c.png"],
        ["cross/3.jpg", "d.jpg"],
    ]
    assert found["first"] == "a,b"
    assert found["last"] == 49_999
    assert 3000 < found["count"] < 6000
    assert found["allWhole"]
    assert found["tables"] == [True, False, False]


BROKEN = """async () => {
  const { call } = await import("/server/api.js");
  window.fetch = async () => new Response('[{"id": "ab', { status: 200 });
  return call("GET", "runs").then(() => "an answer", (error) => error.message);
}"""


def test_an_answer_that_breaks_off_is_none(open_page: Open) -> None:
    assert "broke off" in open_page("?hide=runs").evaluate(BROKEN)
