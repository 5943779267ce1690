"""Images in an archive or a folder, brought to one form: which are read, what their classes are, and what is left out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2s
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.notebook import png
from server.storage.images.archives import (
    MOST_FILES,
    Check,
    Member,
    UnreadableError,
    is_hidden,
    members,
    most_of,
    path_of,
    too_large,
)
from server.storage.images.arrays import Part, arrays_of, parts_of, pixel_table, resized
from server.storage.images.classes import COLUMNS, NAMES, Level, levels_of, likeliest, masks_among, named, splits_of
from server.storage.images.decoding import ALL_HAVE, PHOTOS, Decoded, OtherFormatError, decode, formats
from server.storage.images.labels import TABLES, Said, said_of, why_none

SIDES = (28, 32, 48, 64)
"""Pixels that the side of an image may be brought to."""
MOST_IMAGES, MOST_CLASSES, LEAST = 20_000, 200, 4
MOST_KEPT = 128 << 20
"""Bytes that all images of a set may take as they are kept."""
MOST_PIXELS_TOGETHER = 500_000_000
"""Pixels that all images of a set may have, as they are decoded."""
MOST_TABLE_IMAGES = 70_000
"""Rows of a table of pixels that are read: as many as MNIST has."""
LISTED = 6
"""Files that are named of each kind that is left out."""
SHOWN = 12
"""Names of a level of folders that are given for a person to choose by."""
MOST_LEVELS = 12
"""Columns of tables beside images that a person may choose the classes from."""
SAMPLES = 12
"""Images of a set that are shown before it is trained on."""
FAINT = 48
"""By how many shades the ink of an image with clear parts has to differ from the ground that it is laid on."""
LOOKED_AT = 1_000
"""Images at which it is looked to tell drawings from photographs."""
PAPER, FAINTEST = 35, 20
"""Shades by which paper may differ from itself, and the faintest ink from it."""
BLANK = 8
"""Shades by which an image differs in itself at the most, to be called blank."""


@dataclass(frozen=True)
class Wanted:
    """How images are to be kept: the pixels of a side, grey or in colour, which level of folders is their class, and whether
    grey ones are inverted; None where that is found out.
    """

    side: int = SIDES[0]
    colour: bool = False
    level: int | None = None
    invert: bool | None = None


@dataclass
class ImageSet:
    """Images that were read, with their classes and what is to be known of them.

    images (N, side, side), in colour (N, side, side, 3), bytes;  labels (N,);  is_test (N,) where folders say which are.
    """

    images: Array
    labels: Array
    classes: list[str]
    notes: list[str]
    is_test: Array | None = None
    level: int | None = None
    levels: list[Level] = field(default_factory=list)
    inverted: bool = False

    @property
    def arrays(self) -> dict[str, Array]:
        """Give what is kept of the set."""
        found = {"images": self.images, "labels": self.labels}
        return found if self.is_test is None else {**found, "is_test": self.is_test}

    def samples(self) -> list[dict[str, Any]]:
        """Give some images of the first classes, as many of each."""
        each = max(1, SAMPLES // len(self.classes))
        chosen = [k for label in range(min(SAMPLES, len(self.classes))) for k in np.flatnonzero(self.labels == label)[:each]]
        shown = self.images[chosen] if self.images.ndim == 4 else np.repeat(self.images[chosen][..., np.newaxis], 3, axis=3)
        return [{"label": int(self.labels[k]), "image": png(pixels)} for k, pixels in zip(chosen, shown, strict=True)]

    def about(self) -> dict[str, Any]:
        """Say what the set holds, as it is kept beside its arrays."""
        return {
            "rows": len(self.labels),
            "classes": self.classes,
            "notes": self.notes,
            "side": self.images.shape[1],
            "colour": self.images.ndim == 4,
            "inverted": self.inverted,
            "tests": None if self.is_test is None else int(self.is_test.sum()),
            "level": self.level,
            "samples": self.samples(),
            "levels": [
                {"level": one.depth, "names": one.names[:SHOWN], "classes": len(one.names), "column": one.column}
                for one in self.levels
            ],
        }


@dataclass
class LeftOut:
    """Files that are no images which can be read: each with the reason, or by the format that it has."""

    files: list[tuple[PurePosixPath, str]] = field(default_factory=list)
    formats: dict[str, list[PurePosixPath]] = field(default_factory=lambda: defaultdict(list))
    texts: dict[PurePosixPath, bytes] = field(default_factory=dict)
    """Text that lies beside images, with what it holds where it may be a table of their classes."""

    @property
    def tables(self) -> dict[PurePosixPath, bytes]:
        """Give the text that may say classes."""
        return {path: content for path, content in self.texts.items() if content}

    def add(self, path: PurePosixPath, error: UnreadableError) -> None:
        """Remember a file."""
        if isinstance(error, OtherFormatError):
            self.formats[str(error)].append(path)
        else:
            self.files.append((path, str(error)))

    @property
    def paths(self) -> list[PurePosixPath]:
        """Give all that was left out."""
        return [path for path, _ in self.files] + [path for paths in self.formats.values() for path in paths] + [*self.texts]

    def told(self) -> list[str]:
        """Say it in sentences."""
        notes = []
        for format, paths in sorted(self.formats.items()):
            other = "PNG" if format in ("SVG", "PSD") else "JPEG"
            part = f", or install {PHOTOS}" if format == "HEIC" and "HEIF" not in formats() else ""
            files, them = ("file", "it") if len(paths) == 1 else ("files", "them")
            notes.append(
                f"{format} cannot be read here: {len(paths):,} {files} left out ({listed(path.name for path in paths)}); "
                f"save {them} as {other}{part}."
            )
        if self.files:
            named = listed(f"{path.name} ({why})" if why else path.name for path, why in self.files)
            notes.append(f"{len(self.files):,} {'file' if len(self.files) == 1 else 'files'} could not be read: {named}.")
        return notes


def listed(names: Iterable[str]) -> str:
    """Name some things, and say how many more there are."""
    every = list(names)
    more = f" and {len(every) - LISTED:,} more" if len(every) > LISTED else ""
    return ", ".join(every[:LISTED]) + more


def read_images(data: bytes, check: Check = lambda: None, wanted: Wanted = Wanted()) -> ImageSet:
    """Read a zip or a tar of images. What the archive says of its sizes is not believed: bytes are counted as they are
    unpacked, pixels before they are decoded. Raises ValueError, and whatever `check` raises, which is asked before each file.
    """
    path = PurePosixPath("file")
    if named := arrays_of(data, path):
        return read_arrays(parts_of(named), wanted)
    return read_members(members(data, check), wanted)


def read_folder(folder: Path, wanted: Wanted = Wanted()) -> ImageSet:
    """Read a folder of images on this machine. Raises ValueError, OSError."""
    return read_members(files_of(folder), wanted)


def files_of(folder: Path) -> Iterator[Member]:
    """Go through the files of a folder, those in its folders too, each with its bytes or why it has none."""
    if not folder.is_dir():
        raise ValueError("there is no such folder")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if len(files) > MOST_FILES:
        raise ValueError(f"the folder has more than {MOST_FILES:,} files; bring fewer")
    for file in files:
        name = file.relative_to(folder).as_posix()
        size, most = file.stat().st_size, most_of(name)
        if not is_hidden(name):
            yield path_of(name), too_large(size, most) if size > most else file.read_bytes()


def read_members(found: Iterable[Member], wanted: Wanted) -> ImageSet:
    """Read images one after the other, and find their classes. Raises ValueError."""
    paths: list[PurePosixPath] = []
    images: list[Decoded] = []
    left_out, budget, room = LeftOut(), MOST_PIXELS_TOGETHER, MOST_KEPT
    many: dict[str, Array] = {}
    for path, content in found:
        if (end := path.suffix.lower().lstrip(".")) in ALL_HAVE:
            if end in TABLES and isinstance(content, UnreadableError):
                left_out.add(path, content)
            else:
                left_out.texts[path] = content if end in TABLES and isinstance(content, bytes) else b""
            continue
        try:
            if isinstance(content, UnreadableError):
                raise content
            if arrays := arrays_of(content, path):
                many |= arrays
                continue
            image = decode(content, path, wanted.side, wanted.colour)
        except UnreadableError as error:
            left_out.add(path, error)
            continue
        budget -= image.cost
        room -= wanted.side**2 * (3 if wanted.colour else 1)
        if budget < 0:
            raise ValueError(
                f"the images have more than {MOST_PIXELS_TOGETHER:,} pixels together; bring fewer, or make them smaller first"
            )
        if len(images) >= MOST_IMAGES:
            raise ValueError(f"the archive has more than {MOST_IMAGES:,} images; bring fewer")
        if room < 0:
            raise ValueError(too_many_kept(wanted))
        paths.append(path)
        images.append(image)
    if many and not images:
        return read_arrays(parts_of(many), wanted, left_out.told())
    return classified(paths, images, left_out, wanted)


def read_arrays(parts: Sequence[Part], wanted: Wanted, notes: Sequence[str] = (), rows: int | None = None) -> ImageSet:
    """Put images that lie in arrays into one form; of very many some are drawn at random. Raises ValueError."""
    if len({part.images.shape[1:] for part in parts}) > 1:
        raise ValueError("the images of these arrays have different sizes; bring those of one size")
    all_labels = [label for part in parts for label in part.labels]
    classes = sorted(set(all_labels), key=lambda name: (len(name), name) if name.isdecimal() else (99, name))
    if not 1 < len(classes) <= MOST_CLASSES:
        raise ValueError(f"the images have {len(classes):,} different labels; 2 to {MOST_CLASSES} classes can be learned")
    number, most = len(all_labels), most_kept(wanted)
    chosen = np.arange(number)
    if number > most:
        chosen = np.sort(np.random.default_rng(0).choice(number, most, replace=False))
    low = min(0.0, *(float(part.images.min()) for part in parts))
    top = full_scale(max(float(part.images.max()) for part in parts) - low)
    pixels, start = [], 0
    for part in parts:
        mine = chosen[(chosen >= start) & (chosen < start + len(part.images))] - start
        start += len(part.images)
        images = part.images[mine]
        if images.dtype != np.uint8:
            images = np.clip(255 * (np.nan_to_num(images).astype(np.float32) - low) / top, 0, 255).round().astype(np.uint8)
        pixels.append(resized(images, wanted.side, wanted.colour))
    whole, inverted, said = light_on_dark(np.concatenate(pixels), wanted)
    place = {name: k for k, name in enumerate(classes)}
    labels = np.array([place[all_labels[k]] for k in chosen], np.uint8)
    kinds = np.repeat([part.kind or "" for part in parts], [len(part.images) for part in parts])[chosen]
    is_test = kinds == ("test" if "test" in kinds else "validation")
    split = is_test if is_test.any() and not is_test.all() else None
    told = list(notes)
    if max(number, rows or 0) > len(chosen):
        told.append(f"Of {max(number, rows or 0):,} images {len(chosen):,} were drawn at random.")
    if split is not None:
        told.append(f"The file says which images are for testing: {int(split.sum()):,}; {int((~split).sum()):,} train.")
    return ImageSet(whole, labels, classes, [*told, *said, *told_of_looks(whole)], split, inverted=inverted)


def read_pixel_table(data: bytes, check: Check = lambda: None) -> ImageSet | None:
    """Read a table with a column for each pixel, as MNIST is handed on, as images; None where it is another table."""
    found = pixel_table(data, MOST_TABLE_IMAGES, check)
    if found is None:
        return None
    part, rows = found
    side = min(SIDES, key=lambda one: abs(one - part.images.shape[1]))
    wanted = Wanted(side, part.images.ndim == 4)
    size = " × ".join(map(str, part.images.shape[1:3]))
    note = f"The table has a column for each pixel, so it was read as images of {size}."
    return read_arrays([part], wanted, [note], rows)


def most_kept(wanted: Wanted) -> int:
    """Say how many images of that size are kept."""
    return MOST_KEPT // (wanted.side**2 * (3 if wanted.colour else 1))


def too_many_kept(wanted: Wanted) -> str:
    """Say that the images would take too much memory, and how many would not."""
    most, colour = most_kept(wanted), " in colour" if wanted.colour else ""
    return (
        f"of {wanted.side} × {wanted.side} pixels{colour} at most {most:,} images are kept; bring fewer, or choose fewer pixels"
    )


def classified(paths: Sequence[PurePosixPath], images: Sequence[Decoded], left_out: LeftOut, wanted: Wanted) -> ImageSet:
    """Find the classes of images by their folders, put them into one form, and say what there is to know. Raises ValueError."""
    if not images:
        failed = f"; {' '.join(left_out.told())}" if left_out.told() else ""
        raise ValueError(
            f"no image was found{failed.rstrip('.')}; bring a folder for each class, with PNG, JPEG, GIF, BMP or WebP files"
        )
    masks = masks_among(paths)
    several = [path for path, image in zip(paths, images, strict=True) if image.is_first and path not in masks]
    images = [image for path, image in zip(paths, images, strict=True) if path not in masks]
    paths = [path for path in paths if path not in masks]
    said = said_of(paths, left_out.tables)
    levels = levels_of(paths) + [
        Level(COLUMNS - k, sorted(one.classes), one.of, one.column) for k, one in enumerate(said[:MOST_LEVELS])
    ]
    level = next((one for one in levels if one.depth == wanted.level), None)
    if wanted.level is not None and level is None:
        depths = ", ".join(f"{one.depth} ({one.column or ' / '.join(one.names[:3])})" for one in levels) or "none"
        raise ValueError(f"level {wanted.level} does not tell images apart; the levels that do: {depths}")
    level = level or likeliest(levels)
    if level is None:
        raise ValueError(no_classes(paths, left_out))
    labelled = [(path, image, name) for path, image in zip(paths, images, strict=True) if (name := level.of(path))]
    strays = [path for path in paths if not level.of(path)]
    classes = sorted({name for _, _, name in labelled})
    if len(classes) > MOST_CLASSES:
        raise ValueError(f"there are {len(classes):,} folders with images; at most {MOST_CLASSES} classes can be learned")
    if len(labelled) < LEAST:
        raise ValueError(f"{len(labelled)} images are too few to learn from")
    pixels, inverted, notes = in_one_form([image for _, image, _ in labelled], wanted)
    place = {name: k for k, name in enumerate(classes)}
    labels = np.array([place[name] for _, _, name in labelled], np.uint8)
    order = np.argsort(labels, kind="stable")
    pixels, labels = pixels[order], labels[order]
    kept = [labelled[k][0] for k in order]
    table = said[COLUMNS - level.depth] if level.depth <= COLUMNS else None
    is_test, split = given_split(kept, labels, classes, table)
    notes = [
        *left_out.told(),
        *(told_of_table(table) if table else []),
        *told_of_classes(level, levels, strays, left_out, classes, table),
        *split,
        *(
            [f"Left out, since they say where something is in others: {listed(sorted(one.name for one in masks))}."]
            if masks
            else []
        ),
        *([f"Of several pages or frames the first was read: {listed(path.name for path in several)}."] if several else []),
        *told_of_single_ones(labels, classes),
        *told_of_twins(pixels, labels),
        *notes,
        *told_of_looks(pixels),
    ]
    return ImageSet(pixels, labels, classes, notes, is_test, level.depth, levels, inverted)


def no_classes(paths: Sequence[PurePosixPath], left_out: LeftOut) -> str:
    """Say what to do where no folder tells images apart."""
    folders = named(paths, lambda path: path.parent.name or None)
    why = why_none(paths, left_out.tables)
    failed = (f"; {why}" if why else "") + (f"; {' '.join(left_out.told())}".rstrip(".") if left_out.told() else "")
    if not folders:
        return (
            f"{len(paths):,} images lie in no folder; put those of each class into a folder with its name, or beside them a "
            f"CSV file with a column of file names and one of classes{failed}"
        )
    if len(folders) > 1:
        names = listed(map(repr, folders))
        return (
            f"the folders {names} say what images are for, and not what they show; put a folder for each class into them, or "
            f"beside them a CSV file with a column of file names and one of classes{failed}"
        )
    beside = sum(not path.parent.name for path in paths)
    return (
        f"all {len(paths) - beside:,} images are of one class, {folders[0]!r}; a network needs two to tell apart, "
        f"each in a folder of its own, or named with each image in a CSV file beside them{failed}"
    )


def told_of_classes(
    level: Level,
    levels: Sequence[Level],
    strays: Sequence[PurePosixPath],
    left_out: LeftOut,
    classes: Sequence[str],
    table: Said | None,
) -> list[str]:
    """Say which files lie beside the folders of classes, which folders are no class, and where else classes could be read."""
    notes = []
    if level.depth == NAMES:
        notes.append("The images lie in no folders of classes, so the class was read from their names.")
    if strays:
        why = "no word in its name says a class" if level.depth == NAMES else "it lies beside the folders of classes"
        why = f"“{table.file}” says no class for it" if table else why
        notes.append(f"Left out, since {why}: {listed(sorted(path.name for path in strays))}.")
    empty = [name for name in named(left_out.paths, level.of) if name not in classes] if level.depth >= 0 else []
    if empty:
        notes.append(f"No class, since no image in it could be read: {listed(empty)}.")
    others = [one for one in levels if one.depth != level.depth]
    if others:
        names = "; ".join(f"{one.column}: {listed(one.names)}" if one.column else listed(one.names) for one in others)
        kinds = [("folders", one.depth >= 0) for one in others] + [("columns", one.depth <= COLUMNS) for one in others]
        what = " and ".join(dict.fromkeys(kind for kind, is_it in kinds if is_it)) or "words in their names"
        notes.append(f"Other {what} part the images too ({names}); you can choose which are the classes.")
    spelled: dict[str, list[str]] = defaultdict(list)
    for name in classes:
        spelled[name.casefold()].append(name)
    if same := [" and ".join(names) for names in spelled.values() if len(names) > 1]:
        notes.append(f"Classes of their own, though only capitals part them: {listed(same)}.")
    return notes


def told_of_table(table: Said) -> list[str]:
    """Say in which table the classes stand, and which of its rows are of images that are not here."""
    lost = f"; {table.lost:,} of its {table.rows:,} rows name no image that is here" if table.lost else ""
    where = f"columns “{table.column}”, each a class" if table.hot else f"column “{table.column}”"
    said = [f"The class of each image was read from “{table.file}”, {where}{lost}."]
    images = "image has" if table.torn == 1 else "images have"
    torn = f"{table.torn:,} {images} rows of different classes in “{table.file}”, of which the last one counts."
    return [*said, *([torn] if table.torn else [])]


def told_of_single_ones(labels: Array, classes: Sequence[str]) -> list[str]:
    """Say which classes have one image, that is learned or tested, and never both."""
    single = [name for name, n in zip(classes, np.bincount(labels), strict=True) if n == 1]
    if not single:
        return []
    if len(single) == len(classes):
        return ["Each class has one image only: what is tested was never learned. Bring more of each."]
    return [f"Of one image only, which is either learned or tested: {listed(single)}."]


def told_of_twins(pixels: Array, labels: Array) -> list[str]:
    """Say where the same image stands in two classes, so that one of them is wrong."""
    first: dict[bytes, int] = {}
    twins = 0
    for image, label in zip(pixels, labels.tolist(), strict=True):
        twins += first.setdefault(blake2s(np.ascontiguousarray(image).tobytes()).digest(), label) != label
    if not twins or len(first) == 1:  # all are alike, which is said elsewhere
        return []
    stands = "1 image stands" if twins == 1 else f"{twins:,} images stand"
    return [f"{stands} in two classes, so one of them is wrong."]


def given_split(
    paths: Sequence[PurePosixPath], labels: Array, classes: Sequence[str], table: Said | None = None
) -> tuple[Array | None, list[str]]:
    """Find which images are for testing, where a table or folders say so: of three parts validation belongs to the training."""
    parts, who = splits_of(paths), "The folders say"
    if table and table.parts:
        parts, who = [table.parts.get(path) for path in paths], f"“{table.file}” says"
    elif table and not any(parts):
        parts, who = [table.by_name.get(path) for path in paths], "The names of the tables say"
    counts = Counter(parts)
    test = "test" if counts["test"] else "validation"
    is_test = np.array([part == test for part in parts])
    if not is_test.any() or is_test.all():
        return None, []
    also = f", {counts['validation']:,} for validation among them" if test == "test" and counts["validation"] else ""
    notes = [f"{who} which images are for testing: {int(is_test.sum()):,}; {int((~is_test).sum()):,} train{also}."]
    unseen = [name for k, name in enumerate(classes) if not (~is_test[labels == k]).any()]
    if unseen:
        notes.append(f"For testing only, so that no network can learn it: {listed(unseen)}.")
    return is_test, notes


def in_one_form(images: Sequence[Decoded], wanted: Wanted) -> tuple[Array, bool, list[str]]:
    """Put images into one array of bytes: shades of 16 bits and fractions scaled, what is clear laid on a ground on which it
    is seen, and grey drawings light on dark, as MNIST's digits are. Gives them, whether they were inverted, and what to say.
    """
    wide = [image for image in images if image.pixels.dtype != np.uint8]
    low = min(0.0, *(image.low for image in wide)) if wide else 0.0
    top = full_scale(max(image.high for image in wide)) if wide else 255.0
    clear = [image for image in images if image.alpha is not None]
    usual = ground_of(clear)
    pixels = np.empty((len(images), *images[0].pixels.shape), np.uint8)
    for k, image in enumerate(images):
        if image.pixels.dtype != np.uint8:
            scaled = 255 * (np.nan_to_num(image.pixels.astype(np.float64)) - low) / max(top - low, 1e-30)
            pixels[k] = np.clip(scaled, 0, 255).round()
        elif image.alpha is not None:
            pixels[k] = laid_on(image, usual if abs(shade_of([image]) - usual) >= FAINT else 255 - usual)
        else:
            pixels[k] = image.pixels
    pixels, inverted, notes = light_on_dark(pixels, wanted)
    if wide:
        notes.append(f"{len(wide):,} images have more than 256 shades; they were scaled to 256.")
    return pixels, inverted, notes


def light_on_dark(pixels: Array, wanted: Wanted) -> tuple[Array, bool, list[str]]:
    """Invert grey images that are ink on paper, as MNIST's digits are light on dark; photographs only where a person says so.

    It is decided for all of them together. Gives them, whether they were inverted, and what to say.
    """
    if wanted.colour:
        return pixels, False, []
    if wanted.invert is not None:
        return (255 - pixels if wanted.invert else pixels), wanted.invert, []
    some = pixels[:: -(-len(pixels) // LOOKED_AT)]
    border = border_of(some)
    if border.mean() <= 127:
        return pixels, False, []
    if not are_ink(some, border):
        return pixels, False, ["The images are light, and no ink on paper, so they stay as they are; drawings can be inverted."]
    return 255 - pixels, True, ["The images are dark on light; they were inverted, as MNIST's digits are light on dark."]


def border_of(pixels: Array) -> Array:
    """Give the pixels at the sides of images (N, side, side): (N, 4 side)."""
    return np.concatenate([pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1]], axis=1)


def are_ink(pixels: Array, border: Array) -> bool:
    """Tell drawings on light paper from photographs: of most the ground is one shade, and nothing much lighter than that."""
    ground = np.median(border, axis=1)
    flat, around = pixels.reshape(len(pixels), -1) - ground[:, np.newaxis], border - ground[:, np.newaxis]
    drawn = (
        (ground > 127)
        & ((abs(around) <= PAPER).mean(axis=1) >= 0.8)  # nothing at the sides but paper
        & ((abs(flat) <= PAPER).mean(axis=1) >= 0.4)  # and much of it within
        & ((flat > PAPER).mean(axis=1) <= 0.03)  # a photograph has highlights
        & ((flat < -FAINTEST).mean(axis=1) > 4 * (flat > FAINTEST).mean(axis=1))  # and noise is as light as dark
    )
    return bool(2 * drawn.sum() >= len(pixels))


def full_scale(most: float) -> float:
    """Say what white is where the largest number of all images is this: of fractions 1, of 8, 12 or 16 bits all of them."""
    return next((full for full in (1.0, 255.0, 4095.0, 65535.0) if most <= full), most)


def shade_of(images: Sequence[Decoded]) -> float:
    """Measure how light the ink of images with clear parts is, from 0 to 255."""
    ink = sum(float(image.pixels.mean(axis=-1).sum() if image.pixels.ndim == 3 else image.pixels.sum()) for image in images)
    whole = sum(float(image.alpha.sum()) for image in images if image.alpha is not None)
    return 255 * ink / whole if whole else 0.0


def ground_of(clear: Sequence[Decoded]) -> int:
    """Choose the ground for images with clear parts: white for dark ink, black for light."""
    return 0 if clear and shade_of(clear) > 127 else 255


def laid_on(image: Decoded, ground: int) -> Array:
    """Lay an image with clear parts on a ground:  pixel + (1 − alpha) ground, the pixel multiplied by its alpha before."""
    assert image.alpha is not None
    alpha = image.alpha if image.pixels.ndim == 2 else image.alpha[..., np.newaxis]
    laid: Array = np.clip(image.pixels + ground * ((255 - alpha.astype(np.float64)) / 255), 0, 255).round()
    return laid


def told_of_looks(pixels: Array) -> list[str]:
    """Say where nothing is to be seen, or all images are the same."""
    if (pixels == pixels[0]).all():
        return ["All images are alike, so there is nothing to tell them apart by."]
    flat = pixels.reshape(len(pixels), -1)
    blank = int((flat.max(axis=1).astype(int) - flat.min(axis=1) < BLANK).sum())
    return [f"{blank:,} of {len(pixels):,} images are blank: one shade all over."] if blank else []
