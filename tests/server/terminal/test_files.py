"""A table of one's own in the terminal: read, said, trained on, and refused in words that name the option."""

import re
from pathlib import Path

import pytest

from server.__main__ import main
from tests.samples import flowers


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NN_BASICS_HOME", str(tmp_path / "home"))
    Path("flowers.csv").write_text(flowers(60, separator=";"), encoding="utf-8")


def test_a_table_is_trained_on_and_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "table", "--file", "flowers.csv", "--target", "Species", "--steps", "40", "--report", "r.html"]) == 0
    said = capsys.readouterr().out
    assert "flowers.csv: 60 rows; species is learned from 4 of 6 columns" in said
    assert "it only numbers the rows; left out." in said
    assert re.search(r"training on 4\d examples, testing on 1\d", said)
    assert '"text":"Confusion"' in Path("r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["table", "--file", "none.csv"], "--file: none.csv cannot be read"),
        (["table", "--file", "flowers.csv", "--target", "colour"], "no column 'colour'; the file has: "),
        (["table", "--file", "flowers.csv", "--target", "id"], "nn-basics train numbers --file flowers.csv"),
        (["table", "--target", "species"], "needs a --file"),
        (["table", "--sheet", "May"], "--sheet May needs a --file"),
        (["table", "--file", "flowers.csv", "--sheet", "May"], "sheet 'May': this file is no spreadsheet"),
        (["spiral", "--file", "flowers.csv"], "use table or numbers"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_option(options: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", *options, "--steps", "3"]) != 0
    assert words in capsys.readouterr().err
