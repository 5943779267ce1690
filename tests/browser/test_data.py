"""Your data in ten seconds: dropped, pasted or chosen, previewed, trained on, deleted, brought back; and its history."""

import io
import re
import zipfile
from itertools import pairwise
from pathlib import Path

import httpx
import numpy as np
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.audit import axe
from tests.browser.page import (
    MESSY,
    Open,
    ask_for_data,
    choose_task,
    drawn,
    drop,
    run_of,
    url_of,
    wait_for_status,
    wait_for_step,
)
from tests.conftest import Server
from tests.samples import flowers

PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text", text);
  document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def arrived(page: Page, task: str, picture: str) -> None:
    """Wait until the page has a run of this task; the one before it had pictures of the same name."""
    page.wait_for_function("task => location.search.includes(`task=${task}&`)", arg=task)
    drawn(page, picture)


def test_a_dropped_table_is_previewed_and_trained_on_with_one_more_key(open_page: Open, server: Server) -> None:
    page = open_page()
    held: list[Route] = []
    page.route("**/further.js*", lambda route: held.append(route))
    page.reload()
    drop(page, "flowers.csv", flowers())  # before the part is there that reads it
    while not held:
        page.wait_for_timeout(10)
    held[0].continue_()
    drawn(page, "decision boundary")
    window = page.locator("#data-window")
    expect(window).to_contain_text("300 rows, 7 columns")
    expect(window).to_contain_text("it only numbers the rows")
    expect(window).to_contain_text("300 different words, at most 20 can be read")
    expect(window.locator("th.target")).to_contain_text("species")
    expect(window.locator("th.read")).to_have_count(4)
    expect(window.locator("th.read").first).to_contain_text("→ 0 ± 1")
    displays = window.locator("th").evaluate_all("heads => heads.map(head => getComputedStyle(head).display)")
    assert set(displays) == {"table-cell"}, "each stands above its cells"
    page.keyboard.press("Enter")
    expect(window).to_be_hidden()
    arrived(page, "table", "decision boundary")
    configuration = run_of(page, server)["configuration"]
    assert configuration["task"] == "table"
    assert configuration["data"]["features"] == "0.1.2.3"
    wait_for_step(page, 1)  # it trains at once, and Space pauses: no window comes back
    page.keyboard.press("Space")
    wait_for_status(page, "paused")
    expect(window).to_be_hidden()
    page.keyboard.press("Space")
    wait_for_step(page, 150)
    page.wait_for_function("() => parseFloat(document.querySelector('[data-value=\"test accuracy\"]').textContent) > 90")
    expect(page.locator('[data-picture="decision boundary"] .caption')).to_contain_text("principal components")
    id = run_of(page, server)["id"]
    page.select_option("#axis-across", "petal length")
    expect(page.locator('[data-picture="decision boundary"] .caption')).to_contain_text("all other columns at their mean")
    page.select_option("#axis-up", "petal width")
    page.wait_for_function("() => document.querySelector('#axis-up').value === 'petal width'")
    assert run_of(page, server)["id"] == id
    address = url_of(page)
    page.click("#train")
    wait_for_status(page, "paused")
    fresh = open_page(address.partition("/?")[2].join(["?", ""]))
    drawn(fresh, "decision boundary")
    assert run_of(fresh, server)["id"] == id


def test_a_task_without_data_shows_where_they_are_dropped_until_one_goes_on_without(open_page: Open, server: Server) -> None:
    page = open_page("?task=table", forgive=(MESSY,))
    place = page.locator("#drop-place")
    expect(place).to_contain_text("Drop a table or images here")
    assert page.locator("#picture").evaluate("e => e.inert")
    page.click("#try-made-up")
    expect(place).to_be_hidden()
    assert not page.locator("#picture").evaluate("e => e.inert")
    choose_task(page, "numbers")
    expect(place).to_be_visible()
    page.click("#train")
    wait_for_step(page, 5)
    expect(place).to_be_hidden()
    page.click("#train")
    wait_for_status(page, "paused")
    page.click("#reset")
    page.wait_for_function("() => document.querySelector('[data-value=step]').textContent === '0'")
    expect(place).to_be_hidden()
    choose_task(page, "images")
    page.locator("#picture-paste").fill(flowers())
    expect(page.locator("#data-window")).to_contain_text("300 rows, 7 columns")
    page.click("#use-data")
    arrived(page, "table", "decision boundary")
    expect(place).to_be_hidden()
    wait_for_step(page, 1)
    page.click("#train")
    wait_for_status(page, "paused")
    before = url_of(page)
    columns = [[str(row) if (row + column) % 8 < 4 else "" for column in range(8)] for row in range(24)]
    holes = "a,b,c,d,e,f,g,h,kind\n" + "".join(f"{','.join(row)},{'xy'[i % 2]}\n" for i, row in enumerate(columns))
    drop(page, "holes.csv", holes)
    window = page.locator("#data-window")
    expect(window).to_contain_text("all 24 rows are used, 24 with cells that are filled in")
    page.select_option("#missing-cells", "leave out")
    expect(window).to_contain_text("0 of 24 rows have all chosen columns")
    for column in range(1, 8):
        page.locator(f"#read-{column}").uncheck()
    expect(window).to_contain_text("12 of 24 rows have all chosen columns")
    for column in range(1, 8):
        page.locator(f"#read-{column}").check()
    page.click("#use-data")
    expect(page.locator("#data-window .bad")).to_contain_text("have a value in every chosen column")
    assert url_of(page) == before, "what cannot be trained on leaves the page as it was"
    drawn(page, "decision boundary")


def test_columns_are_chosen_by_keyboard_and_a_number_is_learned(open_page: Open, server: Server) -> None:
    page = open_page("?task=circles", forgive=(MESSY,))
    drawn(page, "decision boundary")
    page.evaluate(PASTE, flowers(separator="\t"))
    window = page.locator("#data-window")
    expect(window).to_contain_text("auto (tab)")
    page.select_option("#target-column", label="petal width")
    expect(window.locator("th.target")).to_contain_text("petal width")
    page.select_option("#target-kind", "numbers")
    page.locator("#read-1").focus()
    page.keyboard.press("Space")
    expect(window.locator("th.read")).to_have_count(3)
    assert page.evaluate("document.activeElement.id") == "read-1"
    page.select_option("#separator", "bar")
    expect(window).to_contain_text("choose another separator")
    page.select_option("#kind-0", "word")  # every guess can be changed, and what is shown follows
    expect(window.locator("th").first).to_contain_text("words")
    expect(window.locator("th.target")).to_contain_text("petal width")  # what was chosen stays
    assert page.evaluate("document.activeElement.id") == "kind-0"
    page.select_option("#kind-0", "auto")
    expect(window.locator("th").first).to_contain_text("±")
    assert [one["name"] for one in httpx.get(f"{server.url}/api/datasets").json()].count("pasted.csv") == 1
    page.click("#use-data")
    arrived(page, "numbers", "fitted curve")
    configuration = run_of(page, server)["configuration"]
    assert (configuration["task"], configuration["data"]["target_column"]) == ("numbers", 3)
    wait_for_step(page, 100)
    page.select_option("#axis-across", "petal length")
    expect(page.locator('[data-picture="fitted curve"] .caption')).to_contain_text("all other columns at their mean")
    page.click("#own-data")
    expect(window).to_contain_text("Your data")
    names = [*(f"size {k}" for k in range(1, 25)), "kind"]
    wide = "\n".join(",".join([*(str(row * k % 29) for k in range(1, 25)), "ab"[row % 2]]) for row in range(40))
    drop(page, "wide.csv", f"{','.join(names)}\n{wide}\n")
    expect(page.locator("#read-columns")).to_have_value("1-24")  # of many columns those that are read are typed
    page.fill("#read-columns", "2-4, 30")
    page.keyboard.press("Enter")
    expect(window).to_contain_text("“30” is none of 1 to 25")
    page.fill("#read-columns", "2-4, 25, 9")
    page.keyboard.press("Enter")
    expect(page.locator("#read-columns")).to_have_value("2-4, 9")
    expect(window.locator("th.read")).to_have_text([re.compile(rf"^size {k}column {k}") for k in (2, 3, 4, 9)])
    page.fill("#read-columns", "")
    page.keyboard.press("Enter")
    expect(window.locator(".data-actions")).to_contain_text("Choose at least one column to read.")
    expect(page.locator("#use-data")).to_be_disabled()


def test_a_guess_is_mended_and_a_table_of_a_zip_chosen_without_sending_the_file_again(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    rows = "".join(f"1,{100 + 7 * k};1.{200 + k};{k % 5};{['rot', 'blau'][k % 2]}\n" for k in range(30))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("other.csv", "a;b;sorte\n" + "".join(f"{k};{k * k % 7};{'xy'[k % 2]}\n" for k in range(12)))
        archive.writestr("train.csv", "menge;preis;rang;art\n" + rows)
    ask_for_data(page)
    page.set_input_files("#data-file", {"name": "set.zip", "mimeType": "application/zip", "buffer": file.getvalue()})
    window = page.locator("#data-window")
    expect(window.locator("th.target")).to_contain_text("art")
    expect(window).to_contain_text("with the comma as decimal sign: nothing tells")
    expect(page.locator("#use-data")).to_be_focused()
    assert window.locator(".scroller").evaluate("e => e.scrollTop") == 0, "what was said is in sight"
    sent: list[int] = []
    page.on("request", lambda request: "datasets/table" in request.url and sent.append(len(request.post_data_buffer or b"")))
    mean = window.locator("th").first
    before = mean.inner_text()
    page.click("#other-decimal")
    expect(page.locator("#other-decimal")).to_have_count(0)
    expect(page.locator("#decimal")).to_be_focused()
    expect(mean).not_to_have_text(before)
    page.select_option("#sheet", "other.csv")
    expect(window.locator("th.target")).to_contain_text("sorte")
    expect(page.locator("#sheet")).to_have_value("other.csv")
    assert sent == [0, 0]


UNREADABLE = {
    "empty.csv": ("", "The file is empty."),
    "words.csv": ("just\nlines\nof\nwords\nhere", "No separator was found"),
    "one.csv": ("a,b,k\n" + "".join(f"1,2,{k}\n" for k in ["x"] * 9), "one class only"),
    "report.pdf": ("%PDF", "neither a table nor images"),
    "lonely.png": ("nothing", "lie in no folder"),
}


def test_what_cannot_be_read_is_said_and_the_page_stays_as_it_was(open_page: Open) -> None:
    page = open_page(forgive=(MESSY,))
    drawn(page, "decision boundary")
    before = url_of(page)
    for name, (text, words) in UNREADABLE.items():
        drop(page, name, text, "application/pdf" if name.endswith("pdf") else "")
        expect(page.locator(".data-words.bad")).to_contain_text(words)
        expect(page.locator("#data-file")).to_be_attached()
        page.keyboard.press("Escape")
        expect(page.locator("#data-window")).to_be_hidden()
        assert url_of(page) == before


def test_a_file_that_is_too_large_is_sampled_all_over_and_that_is_said(start_server, open_page: Open) -> None:
    server = start_server(NN_BASICS_MAX_UPLOAD="40000")
    page = open_page(base=server.url)
    drawn(page, "decision boundary")
    rows = "".join(f"{k},{k % 7},{'ab'[k > 6000]}\n" for k in range(12_000))  # sorted by class
    drop(page, "large.csv", "x,y,kind\n" + rows)
    expect(page.locator(".data-words")).to_contain_text("rows were taken from 64 places all over it")
    expect(page.locator("th.target")).to_contain_text("kind")
    page.click("#use-data")
    arrived(page, "table", "decision boundary")
    assert sum(run_of(page, server)["examples"]) > 2000


def test_data_are_listed_deleted_and_brought_back(start_server, open_page: Open) -> None:
    server = start_server()
    page = open_page(base=server.url)
    drawn(page, "decision boundary")
    ask_for_data(page)
    expect(page.locator("#data-window")).to_contain_text("Nothing of yours is here yet")
    page.fill("#data-paste", flowers(60))
    expect(page.locator("#data-window")).to_contain_text("60 rows")
    page.click("#use-data")
    arrived(page, "table", "decision boundary")
    wait_for_step(page, 1)
    page.click("#train")
    wait_for_status(page, "paused")
    ask_for_data(page)
    row = page.locator("#data-window tr[data-dataset]")
    expect(row).to_contain_text("1 run")
    row.get_by_text("Delete").click()
    expect(page.locator("#data-window .undo")).to_contain_text("the run on it cannot go on")
    expect(row).to_have_count(0)
    page.locator("#data-window .undo button").click()
    expect(row).to_have_count(1)


def test_an_address_whose_data_are_missing_asks_for_the_file_and_goes_on_as_it_was(
    start_server, open_page: Open, tmp_path: Path
) -> None:
    first = start_server()
    page = open_page(base=first.url)
    drawn(page, "decision boundary")
    drop(page, "flowers.csv", flowers(90))
    page.locator("#read-0").uncheck()
    page.click("#use-data")
    page.wait_for_function("() => location.search.includes('data.features=1.2.3')")
    wait_for_step(page, 1)
    page.click("#train")
    wait_for_status(page, "paused")
    query = "&".join(part for part in url_of(page).partition("?")[2].split("&") if not part.startswith("run="))
    page.close()
    first.end()
    second = start_server(NN_BASICS_HOME=str(tmp_path / "another"))
    other = open_page(f"?{query}&batch_size=16", base=second.url, forgive=(MESSY,))
    expect(other.locator("#data-window")).to_contain_text("Bring the same file")
    drop(other, "renamed.csv", flowers(90))
    expect(other.locator("#data-window")).to_be_hidden()
    other.wait_for_function(
        "() => location.search.includes('data.features=1.2.3') && location.search.includes('batch_size=16')"
    )
    drawn(other, "decision boundary")
    assert run_of(other, second)["input_shape"] == [3]


def pictures(tmp_path: Path) -> Path:
    """Make a folder of crosses and rings, as dark ink on white paper."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:60, 0:60]
    for k in range(40):
        u, v = x - rng.uniform(25, 35), y - rng.uniform(25, 35)
        ink = {"ring": abs(np.hypot(u, v) - 15) < 3, "cross": (abs(u) < 3) | (abs(v) < 3)}
        for kind, where in ink.items():
            folder = tmp_path / "shapes" / kind
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.where(where, 20, 250).astype(np.uint8)).save(folder / f"{k}.png")
    return tmp_path / "shapes"


def test_a_folder_of_images_becomes_the_mnist_page_with_its_own_classes(
    open_page: Open, server: Server, tmp_path: Path
) -> None:
    page = open_page("?task=moons")
    drawn(page, "decision boundary")
    ask_for_data(page)
    page.set_input_files("#data-folder", str(pictures(tmp_path)))
    window = page.locator("#data-window")
    expect(window).to_contain_text("80 images in 2 classes")
    expect(window).to_contain_text("they were inverted")
    expect(window.locator(".classes")).to_have_text("crossring")
    sample = window.locator(".classes img").first
    grey = sample.get_attribute("src") or ""
    page.select_option("#images-colour", "true")
    expect(sample).not_to_have_attribute("src", grey)
    expect(page.locator("#images-colour")).to_be_focused()
    expect(window).not_to_contain_text("they were inverted")
    assert axe(page) == []
    tried = "(all) => !all.some((one) => one.name === 'shapes' && !one.colour)"
    page.wait_for_function(f"() => fetch('/api/datasets').then((answer) => answer.json()).then({tried})")
    page.click("#use-data")
    arrived(page, "images", "images")
    wait_for_step(page, 60)
    page.wait_for_function("() => parseFloat(document.querySelector('[data-value=\"test accuracy\"]').textContent) > 90")
    expect(page.locator('[data-picture="feature maps"] .caption')).to_contain_text("test image 0, ")
    expect(page.locator('[data-picture="filters"] .caption')).to_contain_text("7 × 7 × 3 weights each")
    run = run_of(page, server)
    assert (run["configuration"]["task"], run["input_shape"]) == ("images", [28, 28, 3])


def test_a_zip_of_images_is_taken_too(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path in pictures(tmp_path).rglob("*.png"):
            archive.write(path, path.relative_to(tmp_path))
    ask_for_data(page)
    page.set_input_files("#data-file", {"name": "shapes.zip", "mimeType": "application/zip", "buffer": file.getvalue()})
    expect(page.locator("#data-window")).to_contain_text("80 images in 2 classes")


def test_a_click_tells_the_history_of_a_point_and_the_hardest_are_listed(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    page.click("#train")
    wait_for_step(page, 200)
    canvas = page.locator('[data-picture="decision boundary"] canvas')
    box = canvas.bounding_box()
    for dx, dy in [(0, 0), (20, -30), (30, 10), (-30, 20), (40, 40)]:
        page.mouse.click(box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy)
        if page.locator("#example-history").is_visible():
            break
    history = page.locator("#example-history")
    expect(history.locator("h2")).to_contain_text("example")
    expect(history.locator(".history-words")).to_contain_text("sure of the right class")
    expect(history.locator(".history-list button")).to_have_count(24)
    shares = [int(text.split()[-2]) for text in history.locator(".history-list button").all_inner_texts()]
    # in the server's order; what is shown is rounded to a percent, and its bytes before that
    assert all(later >= earlier - 1 for earlier, later in pairwise(shares))
    assert shares[0] < shares[-1]
    history.locator(".history-list button").nth(2).click()
    expect(history.locator('[aria-pressed="true"]')).to_have_count(1)
    page.keyboard.press("Escape")
    expect(history).to_be_hidden()
    page.click("#example-histories")
    expect(history).to_be_visible()
    page.click("#stop")
    wait_for_status(page, "stopped")
    page.click("#reset")
    expect(history.locator(".history-words")).to_contain_text("train, and the histories begin")
    choose_task(page, "memory")
    expect(history).to_be_hidden()
    expect(page.locator("#example-histories")).to_have_count(0)


def test_a_digit_has_its_history_and_the_hard_ones_are_followed(open_page: Open) -> None:
    page = open_page("?task=mnist&data.test_examples=100")
    drawn(page, "digits")
    page.click("#train")
    wait_for_step(page, 40)
    page.click("#train")
    wait_for_status(page, "paused")
    page.click("#example-histories")
    hardest = page.locator(".history-list button").first
    expect(hardest).to_be_visible()
    number = hardest.get_attribute("title").split()[-1]
    hardest.click()
    expect(page.locator('[data-picture="feature maps"] .caption')).to_contain_text(f"test digit {number}, ")


def test_visitors_bring_nothing(start_server, open_page: Open) -> None:
    server = start_server("--token", "t" * 20, "--view-only", "v" * 20)
    base = server.url.partition("?")[0].rstrip("/")
    with httpx.Client(base_url=f"{base}/api", cookies={f"nn-basics-token-{server.port}": "t" * 20}) as api:
        api.post("/runs", json={"task": "spiral", "steps": 50})
    page = open_page(f"?token={'v' * 20}", base=base)
    drawn(page, "decision boundary")
    expect(page.locator("#data")).to_be_hidden()
    drop(page, "flowers.csv", flowers(60))
    page.evaluate(PASTE, flowers(60))
    expect(page.locator("#data-window")).to_be_hidden()


def test_on_a_phone_every_column_can_be_reached_and_an_example_history_is_a_sheet(open_page: Open) -> None:
    page = open_page("?speed=200", width=390, height=844, has_touch=True, is_mobile=True)
    drawn(page, "decision boundary")
    drop(page, "flowers.csv", flowers(90))
    heads = page.locator("#data-window th")
    expect(heads).to_have_count(7)
    for k in range(7):
        heads.nth(k).scroll_into_view_if_needed()
        assert heads.nth(k).bounding_box()["width"] > 40
    page.locator("#read-1").tap()
    expect(page.locator("#data-window th.read")).to_have_count(3)
    page.locator("#use-data").tap()
    arrived(page, "table", "decision boundary")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wait_for_step(page, 60)
    page.locator("#example-histories").tap()
    box = page.locator("#example-history").bounding_box()
    assert box["width"] == 390
    assert box["y"] > 200
    page.locator("#history-close").tap()
    expect(page.locator("#example-history")).to_be_hidden()
