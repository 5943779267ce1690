"""Images of one's own in the terminal: nn-basics train images --folder photos."""

import argparse
from pathlib import Path
from typing import Any

from engine import ConfigurationError
from engine.data.folders import DataFolders
from server.storage.datasets import Datasets
from server.storage.images.reading import SIDES, Wanted, read_folder, read_images


def add_folder(command: argparse.ArgumentParser) -> None:
    """Describe how images are brought."""
    command.add_argument("--folder", type=Path, help="images to learn from, a folder for each class; or a zip of it")
    command.add_argument("--side", type=int, choices=SIDES, default=SIDES[0], help="pixels of a side that they are brought to")
    command.add_argument("--colour", action="store_true", help="they stay in colour")
    command.add_argument("--invert", choices=("yes", "no"), help="whether grey images are inverted (default: ink on paper is)")
    command.add_argument(
        "--level", type=int, help="what is the class: 0 the outermost folder, -2 a table's column (default: the likeliest)"
    )


def data_of_folder(options: argparse.Namespace, folders: DataFolders) -> dict[str, Any]:
    """Read and keep the images that the options name, say what there is to know, and give the data of a run on them.

    Raises ConfigurationError, which names the option.
    """
    folder: Path | None = options.folder
    if folder is None:
        if options.colour or options.side != SIDES[0] or options.level is not None or options.invert:
            raise ConfigurationError(
                "folder", "--side, --colour, --invert and --level say how images are read; they need a --folder"
            )
        return {}
    if options.task != "images":
        raise ConfigurationError("folder", f"--folder holds images, which {options.task} does not learn from; use images")
    if folders.datasets is None:
        raise ConfigurationError("folder", "--folder: there is no place to keep the images in; set NN_BASICS_HOME")
    wanted = Wanted(options.side, options.colour, options.level, options.invert and options.invert == "yes")
    try:
        found = read_images(folder.read_bytes(), wanted=wanted) if folder.is_file() else read_folder(folder, wanted)
    except OSError as error:
        raise ConfigurationError("folder", f"--folder: {folder} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ConfigurationError("folder", f"--folder: {folder}: {error}") from error
    name = folder.resolve().name
    kept = Datasets(folders.datasets).save({"kind": "images", "name": name, **found.about()}, found.arrays)
    shape = " × ".join(map(str, found.images.shape[1:]))
    print(f"{name}: {len(found.labels):,} images of {shape} in {len(found.classes)} classes ({', '.join(found.classes[:8])})")
    for note in found.notes:
        print(f"  {note}")
    print()
    return {"dataset": kept["id"]}
