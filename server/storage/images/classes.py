"""Which folder is the class: the one in which the images part, not the one that says when, or for training or for testing."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

SPLITS = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "t10k", "eval", "evaluation", "holdout"), "test"),
}
"""Words that say what images are for."""
OF_A_SPLIT = {"set", "data", "dataset", "image", "images", "img", "imgs", "split", ""}
"""Words that may stand beside them."""
OF_A_CLASS = {"class", "klass", "klasse", "classe", "clase", "label", "category", "cat", "type", "kind", "group"}
"""Words with a number that name a class, as "class 3" does."""
TIMES = re.compile(
    r"(19|20)\d\d|(19|20)?\d\d[-_. ]?[01]?\d([-_. ]?[0-3]?\d)?|[0-3]?\d[-_. ][01]?\d[-_. ](19|20)?\d\d"
    r"|(jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*([-_. ]?\d+)?|(mon|tue|wed|thu|fri|sat|sun)[a-z]*"
    r"|(spring|summer|autumn|fall|winter)([-_. ]?\d+)?|(year|month|week|day|date|season)[-_. ]?\d+"
)
"""Names that say when."""
PURPOSES = {"images", "image", "img", "imgs", "thumbs", "thumbnails", "full", "original", "originals", "resized", "raw"}
PURPOSES |= {"processed", "cropped", "augmented", "photos", "pictures", "small", "large", "jpg", "png", "jpeg", "left", "right"}
"""Names of folders in which the same images lie in other forms."""
MASKS = {"mask", "masks", "seg", "segmentation", "segmentations", "gt", "groundtruth", "annotations", "labelmap"}
"""Words for images that say where something is in others."""
OF_A_MASK = re.compile(rf"(.+)[-_. ](?:{'|'.join(sorted(MASKS))})(?:[-_. ]?\d+)?", re.IGNORECASE)
"""How a mask is called that lies beside its image: cell_mask, cell_mask_1."""
NUMBERED = re.compile(r"(.*?)[-_. ]*\(?\d+\)?")
"""A name with a number at its end, and the word before it."""
BEHIND = re.compile(r"\d+[-_. ]+([^\W\d_].*)")
"""A number, and the word behind it."""
OF_CAMERAS = {"img", "image", "images", "dsc", "dscn", "dscf", "pxl", "pic", "photo", "picture", "scan", "screenshot", "p"}
OF_CAMERAS |= {"imgwa", "vid", "whatsappimageat", "screenshotat", "screenshotfrom", "bild", "foto"}
"""Words that cameras and programs call files by."""
NAMES = -1
"""The level of those classes that are read from the names of the files themselves."""
COLUMNS = -2
"""The level of the likeliest column of a table beside images; the next one's is one less."""


@dataclass(frozen=True)
class Level:
    """What may be the class: a level of folders, 0 the outermost, the names of files, or a column; with its names."""

    depth: int
    names: list[str]
    said: Mapping[PurePosixPath, str] = field(default_factory=dict, compare=False)
    """What a column says of each image."""
    column: str = field(default="", compare=False)
    """The column's name."""

    def of(self, path: PurePosixPath) -> str | None:
        """Give the class of a file; None where it lies beside the folders of this level, or the column says nothing of it."""
        if self.depth <= COLUMNS:
            return self.said.get(path)
        if self.depth == NAMES:
            return word_of(path)
        folders = path.parts[:-1]
        return folders[self.depth] if self.depth < len(folders) else None


def levels_of(paths: Sequence[PurePosixPath]) -> list[Level]:
    """List what may be the class of files: every level of folders that parts them, and their names where those have words."""
    deepest = max((len(path.parts) - 1 for path in paths), default=0)
    found = [Level(depth, named(paths, Level(depth, []).of)) for depth in range(deepest)]
    words = Level(NAMES, named(paths, word_of))
    return [level for level in found if len(level.names) > 1 and not is_split(level.names)] or (
        [words] if len(words.names) > 1 else []
    )


def likeliest(levels: Sequence[Level]) -> Level | None:
    """Choose the outermost level of those whose names are the least like years, numbers, or parts of a series: folders named
    by words before a column, which comes before other folders and before names of files.
    """

    def order(level: Level) -> tuple[float, int]:
        if level.depth <= COLUMNS:
            return 0.5, -level.depth
        return (1.0 if level.depth == NAMES else weakness(level.names)), level.depth

    return min(levels, key=order, default=None)


def named(paths: Sequence[PurePosixPath], of: Callable[[PurePosixPath], str | None]) -> list[str]:
    """List the different classes of files, in order."""
    return sorted({name for path in paths if (name := of(path))})


def word_of(path: PurePosixPath) -> str | None:
    """Read the class from a file's name: the word before its number, as in circle_0.png or cat.17.jpg, or behind it."""
    found = NUMBERED.fullmatch(path.stem) or BEHIND.fullmatch(path.stem)
    word = found[1] if found else ""
    letters = re.sub(r"[-_. ()\d]+", "", word).lower()  # of IMG_20240501_1201.jpg nothing but the camera's word
    number = word.isdecimal() and len(word) < 4
    return word if number or (letters and letters not in OF_CAMERAS and word.lower() not in SPLITS) else None


def weakness(names: Sequence[str]) -> int:
    """Say how unlikely names are classes: 0 for words, then numbered classes, numbers, other series, and times."""
    lowered = [name.lower().strip() for name in names]
    if all(name.isdecimal() for name in lowered) and not all(1900 <= int(name) <= 2100 for name in lowered):
        return 2
    if all(TIMES.fullmatch(name) for name in lowered):
        return 4
    if all(name in PURPOSES | MASKS for name in lowered):
        return 4
    stems = [found[1] if (found := NUMBERED.fullmatch(name)) else "" for name in lowered]
    if stems[0] and len(set(stems)) == 1:
        return 1 if stems[0] in OF_A_CLASS else 3
    return 0


def is_split(names: Sequence[str]) -> bool:
    """Tell whether folders part images for training from those for testing."""
    found = [(kind, rest) for kind, rest in map(split_named, names) if kind]
    kinds, rests = {kind for kind, _ in found}, {rest for _, rest in found}
    return len(rests) == 1 and (len(found) == len(names) or (len(kinds) > 1 and "train" in kinds))


def split_named(name: str) -> tuple[str | None, str]:
    """Say which part of a split a folder's name means, and which words it has beside: "seg_train" is ("train", "seg")."""
    tokens = [token.rstrip("0123456789") for token in re.split(r"[-_. ]+", name.lower())]
    kinds = [SPLITS[token] for token in tokens if token in SPLITS]
    rest = " ".join(token for token in tokens if token not in SPLITS and token not in OF_A_SPLIT)
    return (kinds[0] if len(set(kinds)) == 1 else None), rest


def splits_of(paths: Sequence[PurePosixPath]) -> list[str | None]:
    """Say of each file which part of a split its folders put it into; None where they say nothing."""
    deepest = max((len(path.parts) - 1 for path in paths), default=0)
    depths = [depth for depth in range(deepest) if is_split(named(paths, Level(depth, []).of))]
    return [
        next((kind for depth in depths if depth < len(path.parts) - 1 and (kind := split_named(path.parts[depth])[0])), None)
        for path in paths
    ]


def masks_among(paths: Sequence[PurePosixPath]) -> set[PurePosixPath]:
    """Find images that say where something is in others: in a folder of masks beside another, or called as one with _mask."""
    known = {path.with_suffix("") for path in paths}
    folders = {path.parent for path in paths}
    beside = {folder.parent for folder in folders if folder.name.lower() not in MASKS}
    found = set()
    for path in paths:
        called = OF_A_MASK.fullmatch(path.stem)
        if (called and path.with_name(called[1]) in known) or (
            path.parent.name.lower() in MASKS and path.parent.parent in beside
        ):
            found.add(path)
    return found
