"""Images of one's own in the terminal: nn-basics train images --folder photos."""

import argparse
from pathlib import Path

import pytest

from engine import ConfigurationError
from engine.data.folders import DataFolders
from engine.training.factory import make_task
from server.terminal.train import add_choices, checked_request
from tests.cases.expectations import CASES


def asked(*options: str, folders: DataFolders) -> object:
    parser = argparse.ArgumentParser()
    add_choices(parser)
    return checked_request(parser.parse_args(options), folders)


def test_a_folder_is_kept_and_trained_on_in_colour_and_what_was_left_out_is_said(tmp_path: Path, capsys) -> None:
    folders = DataFolders(tmp_path)
    configuration = asked("images", "--folder", str(CASES / "folders/notes"), "--colour", "--side", "48", folders=folders)
    assert make_task(configuration, folders).input_shape == (48, 48, 3)  # type: ignore[arg-type]
    said = capsys.readouterr().out
    assert "notes: 8 images of 48 × 48 × 3 in 2 classes (circle, cross)" in said
    assert "cover.png" in said
    zipped = asked("images", "--folder", str(CASES / "images/train_test.zip"), folders=folders)
    assert make_task(zipped, folders).tests == 8  # type: ignore[arg-type,attr-defined]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["mnist", "--folder", "x"], "--folder holds images, which mnist does not learn from"),
        (["images", "--folder", "x"], "--folder: x: there is no such folder"),
        (["images", "--colour"], "they need a --folder"),
        (["images", "--folder", str(CASES / "folders/split/circle/train")], "4 images lie in no folder"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(options: list[str], words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=words):
        asked(*options, folders=DataFolders(tmp_path))
