"""Images as persons have them: what is seen in them is what is learned, and the class is the folder that tells them apart."""

import gzip
import io
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from PIL import Image

from engine import Training, configure
from engine.data.folders import DataFolders
from engine.tasks import TASKS
from engine.training.events import Metrics
from server.storage.datasets import Datasets
from server.storage.images import archives, decoding
from server.storage.images import labels as tables
from server.storage.images.classes import Level, is_split, levels_of, likeliest, splits_of, word_of
from server.storage.images.reading import ImageSet, Wanted, full_scale, read_folder, read_images, read_pixel_table
from tests.samples import tarred

BAR = np.full((40, 40), 230, np.uint8)
BAR[16:24, 4:36] = 20
POLE = BAR.T.copy()


def saved(pixels: np.ndarray | Image.Image, format: str = "PNG", **said: object) -> bytes:
    file = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(file, format, **said)
    return file.getvalue()


def read(files: dict[str, bytes], **wanted: object) -> ImageSet:
    return read_images(tarred(files), wanted=Wanted(**wanted))  # type: ignore[arg-type]


PLAIN = {f"{name}/{k}.png": saved(shape) for name, shape in (("bar", BAR), ("pole", POLE)) for k in range(2)}


def test_an_image_of_sixteen_bits_has_the_shades_of_the_same_in_eight() -> None:
    wide = {name: saved(np.asarray(Image.open(io.BytesIO(data))).astype(np.uint16) * 257) for name, data in PLAIN.items()}
    assert abs(read(wide).images.astype(int) - read(PLAIN).images).max() <= 1


@pytest.mark.parametrize(("most", "full"), [(1.0, 1), (200, 255), (900, 4095), (4096, 65535), (70_000, 70_000)])
def test_white_is_what_the_bits_of_all_images_can_hold(most: float, full: float) -> None:
    assert full_scale(most) == full


@pytest.mark.parametrize("ink", [255, 235, 0, 30])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_ink_on_a_clear_ground_is_seen_whatever_its_shade(ink: int, mode: str) -> None:
    files = {}
    for name, shape in (("bar", BAR), ("pole", POLE)):
        clear = np.zeros((40, 40, 4), np.uint8)
        clear[..., :3], clear[..., 3] = ink, np.where(shape < 100, 255, 0)
        files |= {f"{name}/{k}.png": saved(Image.fromarray(clear).convert(mode)) for k in range(2)}
    images = read(files).images
    assert (images.max(axis=(1, 2)) > 200).all()
    assert (images[:, 0, 0] < 40).all(), "light on dark"


def test_where_light_and_dark_ink_meet_each_lies_on_its_own_ground() -> None:
    def inked(shade: int) -> bytes:
        clear = np.zeros((40, 40, 4), np.uint8)
        clear[..., :3], clear[..., 3] = shade, np.where(BAR < 100, 255, 0)
        return saved(clear)

    images = read({f"{name}/{k}.png": inked(shade) for name, shade in (("a", 255), ("b", 0)) for k in range(2)}).images
    assert (np.ptp(images.reshape(4, -1), axis=1) > 200).all()


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_photograph_stands_as_its_camera_was_held(turned: int) -> None:
    letter = BAR.copy()
    letter[4:16, 4:10] = 20  # neither turned nor mirrored it is like itself
    undone = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[turned]  # Pillow's numbers of what the camera did
    image = Image.fromarray(letter)
    stored = image if undone is None else image.transpose(Image.Transpose(undone))
    exif = Image.Exif()
    exif[0x0112] = turned
    upright = read(PLAIN | {"bar/3.png": saved(letter)}).images[2].astype(int)
    for format in ("JPEG", "PNG", "WEBP", "TIFF"):
        found = read(PLAIN | {f"bar/3.{format}": saved(stored, format, exif=exif)}).images[2]
        assert abs(found - upright).mean() < 4, format


def test_a_large_photograph_is_decoded_small_and_looks_the_same() -> None:
    y, x = np.mgrid[0:1200, 0:1600]
    photo = np.stack([x * 255 // 1600, y * 255 // 1200, (x + y) % 256], axis=-1).astype(np.uint8)
    whole = decoding.decode(saved(photo), PurePosixPath("a.png"), 64, colour=True)
    quick = decoding.decode(saved(photo, "JPEG", quality=95), PurePosixPath("a.jpg"), 64, colour=True)
    assert abs(whole.pixels.astype(int) - quick.pixels)[..., :2].mean() < 4
    assert quick.cost * 8 <= whole.cost == 1200 * 1600


@pytest.mark.parametrize("side", [28, 32, 48, 64])
@pytest.mark.parametrize("colour", [False, True])
def test_images_are_kept_as_large_as_is_chosen_and_in_colour(side: int, colour: bool) -> None:
    red = np.zeros((50, 80, 3), np.uint8)
    red[:, :40, 0], red[:, 40:, 2] = 255, 255
    found = read(
        {f"{name}/{k}.png": saved(np.roll(red, k, axis=1)) for name in "ab" for k in range(3)}, side=side, colour=colour
    )
    assert found.images.shape == (6, side, side, 3)[: 4 if colour else 3]
    if colour:
        assert found.images[0, side // 2, side // 4].tolist() == [255, 0, 0]
        assert found.images[0, side // 2, 3 * side // 4].tolist() == [0, 0, 255]


FILES = {
    "docs/paper.pdf": (b"%PDF-1.4", "paper.pdf (a PDF)", "No class, since no image in it could be read: docs."),
    "LICENSE": (b"MIT", "LICENSE (no image)", ""),
    "bar/notes.ipynb": (b"{}", "notes.ipynb (no image)", ""),
    "bar/broken.jpg": (b"\xff\xd8\xff\xe0", "broken.jpg (damaged)", ""),
    "arrow/photo.heic": (b"\0\0\0\x18ftypheic" + bytes(40), "photo.heic", "arrow"),
    "bar/drawing.svg": (b"<svg></svg>", "SVG cannot be read here: 1 file left out (drawing.svg); save it as PNG.", ""),
    "bar/scan.dng": (b"II*\0" + bytes(40), "RAW cannot be read here: 1 file left out (scan.dng); save it as JPEG.", ""),
    "bar/more.zip": (b"PK\3\4", "more.zip (an archive: unpack it first)", ""),
    "bar/film.mp4": (b"\0\0\0\x18ftypisom", "film.mp4 (a film)", ""),
    "notes/readme.txt": (b"words", "No class, since no image in it could be read: notes.", ""),
    "cover.png": (saved(BAR), "Left out, since it lies beside the folders of classes: cover.png.", ""),
}


@pytest.mark.parametrize("path", FILES)
def test_one_file_that_is_no_image_of_a_class_is_named_and_the_others_are_read(path: str) -> None:
    content, *words = FILES[path]
    found = read(PLAIN | {path: content})
    assert (found.classes, len(found.images)) == (["bar", "pole"], 4)
    told = " ".join(found.notes)
    assert all(part in told for part in words)
    assert "object at" not in told


@pytest.mark.parametrize(
    "path", ["bar/readme.md", "data.yaml", "bar/._0.png", ".DS_Store", "bar/Thumbs.db", "__MACOSX/bar/0.png"]
)
def test_what_everybody_has_beside_images_passes_without_a_word(path: str) -> None:
    assert read(PLAIN | {path: b"words"}).notes == read(PLAIN).notes


def test_what_is_alike_or_blank_is_told() -> None:
    same = read({f"{name}/{k}.png": saved(BAR) for name in "ab" for k in range(2)})
    assert same.notes[-1] == "All images are alike, so there is nothing to tell them apart by."
    blank = read(PLAIN | {"bar/8.png": saved(np.full((9, 9), 255, np.uint8))})
    assert blank.notes[-1] == "1 of 5 images are blank: one shade all over."


CLASSES = {
    "folders": (["set/pole/1", "set/bar/1"], "bar pole"),
    "split above": (["d/train/pole/1", "d/train/bar/1", "d/test/pole/1", "d/test/bar/1"], "bar pole"),
    "split below": (["pole/Train/1", "pole/Valid/1", "bar/Train/1", "bar/Valid/1"], "bar pole"),
    "split with a name": (["seg_train/sea/1", "seg_train/ice/1", "seg_test/sea/1", "seg_test/ice/1"], "ice sea"),
    "split and papers": (["train/a/1", "train/b/1", "test/a/1", "test/b/1", "docs/fig"], "a b"),
    "years below": (["pole/2019/1", "pole/2020/1", "bar/2019/1", "bar/2020/1"], "bar pole"),
    "years above": (["2019/pole/1", "2019/bar/1", "2020/pole/1", "2020/bar/1"], "bar pole"),
    "days above": (["day1/pole/1", "day1/bar/1", "day2/pole/1", "day2/bar/1"], "bar pole"),
    "series above": (["set 1/pole/1", "set 1/bar/1", "set 2/pole/1", "set 2/bar/1"], "bar pole"),
    "digits": (["train/0/1", "train/1/1", "test/0/1", "test/1/1"], "0 1"),
    "digits in batches": (["batch_1/0/1", "batch_1/1/1", "batch_2/0/1", "batch_2/1/1"], "0 1"),
    "kinds below": (["cat/tabby/1", "cat/siamese/1", "dog/poodle/1"], "cat dog"),
    "a stray beside": (["set/pole/1", "set/bar/1", "set/cover"], "bar pole"),
    "a train among vehicles": (["train/1", "bus/1", "car/1"], "bus car train"),
    "by name": (["circle_0", "circle_1", "cross_0", "cross_1"], "circle cross"),
    "by name in one folder": (["train/cat.0", "train/dog.0", "train/cat.1"], "cat dog"),
}


@pytest.mark.parametrize("kind", CLASSES)
def test_the_class_is_the_folder_that_tells_images_apart(kind: str) -> None:
    names, classes = CLASSES[kind]
    level = likeliest(levels_of([PurePosixPath(f"{name}.png") for name in names]))
    assert level is not None
    assert " ".join(level.names) == classes


@pytest.mark.parametrize("names", [["1", "2"], ["a/1", "a/2"], ["IMG_1", "IMG_2"], ["train/1", "test/1"]])
def test_where_nothing_tells_images_apart_no_class_is_made_up(names: list[str]) -> None:
    assert levels_of([PurePosixPath(f"{name}.png") for name in names]) == []


def test_words_of_a_split_among_other_folders_are_classes() -> None:
    assert is_split(["train", "test"])
    assert is_split(["seg_train", "seg_test", "seg_val"])
    assert not is_split(["train", "bus"])
    assert not is_split(["train cats", "train dogs"])


def test_validation_trains_where_there_is_a_test_and_tests_where_there_is_none() -> None:
    paths = [PurePosixPath(f"{part}/{name}/1.png") for part in ("train", "val", "test") for name in "ab"]
    assert splits_of(paths) == ["train", "train", "validation", "validation", "test", "test"]
    files = {
        f"{part}/{name}/{k}.png": PLAIN[f"{name}/{k}.png"]
        for part in ("train", "val", "test")
        for name in ("bar", "pole")
        for k in (0, 1)
    }
    whole = read(files)
    assert whole.is_test is not None
    assert whole.is_test.sum() == 4
    assert "for testing: 4; 8 train, 4 for validation among them." in whole.notes[0]
    part = read({path: data for path, data in files.items() if not path.startswith("test")})
    assert part.is_test is not None
    assert part.is_test.sum() == 4


def test_another_level_can_be_chosen_and_one_that_is_none_is_refused() -> None:
    files = {f"{name}/{year}/1.png": PLAIN[f"{name}/0.png"] for name in ("bar", "pole") for year in (2019, 2020)}
    found = read(files)
    assert (found.level, found.classes, found.levels) == (
        0,
        ["bar", "pole"],
        [Level(0, ["bar", "pole"]), Level(1, ["2019", "2020"])],
    )
    assert read(files, level=1).classes == ["2019", "2020"]
    with pytest.raises(ValueError, match=r"level 2 does not .*; the levels that do: 0 \(bar / pole\), 1 \(2019 / 2020\)"):
        read(files, level=2)


def test_paths_of_windows_and_two_spellings_of_a_name_are_one_folder() -> None:
    files = {
        path.replace("bar/", "set\\cafe\N{COMBINING ACUTE ACCENT}\\").replace("pole/", "set\\pole\\"): data
        for path, data in PLAIN.items()
    }
    assert read(files | {"set/café/9.png": saved(BAR)}).classes == ["café", "pole"]


def test_a_folders_name_is_never_cut_and_a_packed_tar_is_read() -> None:
    long = "長い名前 " * 20
    files = {f"{long}{name}/{k}.png": data for name in "ab" for k, data in enumerate(PLAIN.values())}
    found = read_images(gzip.compress(tarred(files)))
    assert found.classes == [f"{long}a", f"{long}b"]


def test_a_folder_and_an_archive_say_the_same(tmp_path: Path) -> None:
    files = PLAIN | {path: content for path, (content, *_) in FILES.items()} | {"bar/.DS_Store": b"x"}
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    folder, archive = read_folder(tmp_path), read(dict(sorted(files.items())))
    assert (folder.images == archive.images).all()
    assert folder.notes == archive.notes


def test_a_network_is_tested_on_the_images_whose_folder_says_so_and_sees_their_colours(tmp_path: Path) -> None:
    files = {}
    for part, number in (("train", 6), ("test", 3)):
        for k, name in enumerate(("red", "blue")):
            for i in range(number):
                colour = np.zeros((40, 40, 3), np.uint8)
                colour[:, :, 2 * k] = 100 + 10 * i + (50 if part == "test" else 0)
                files[f"{part}/{name}/{i}.png"] = saved(colour)
    found = read(files, side=32, colour=True)
    id = Datasets(tmp_path).save({"kind": "images", "name": "colours", **found.about()}, found.arrays)["id"]
    task = TASKS["images"](dataset=id, folders=DataFolders(tmp_path))
    assert (task.input_shape, task.examples, task.tests, task.outputs) == ((32, 32, 3), 12, 6, 2)
    task.load(np.random.default_rng(0))
    assert sorted(task.x_test.max(axis=(1, 2, 3))) == [150, 150, 160, 160, 170, 170]
    assert task.to_input(task.x[:2]).shape == (2, 32, 32, 3)
    free = TASKS["images"](dataset=id, given_split=False, test_share=0.5, folders=DataFolders(tmp_path))
    assert free.tests == 9
    training = Training(
        configure({"task": "images", "steps": 40, "data": {"dataset": id}}, DataFolders(tmp_path)), DataFolders(tmp_path)
    )
    rows = [event for event in training.events() if isinstance(event, Metrics)]
    assert rows[-1].test_accuracy == 1.0
    network = training.network
    filters = training.task.look(network, "filters")
    assert filters.filters.shape == (16, 7, 7, 3)
    W = network.layers[0].W
    assert filters.filters[3, 2, 1].tolist() == (128 + 127 * W[2, 1, :, 3] / filters.scale).round().astype(int).tolist()
    assert training.task.look(network, "feature maps/0").image.shape == (32, 32, 3)
    assert training.task.look(network, "images").images.shape[1:] == (32, 32, 3)
    assert "<img" in training.task.look(network, "images")._repr_html_()
    assert training.task.follow(network, np.eye(9) * 255).image.shape == (32, 32, 3)


def digits(number: int, colours: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Make images of 28 × 28 whose class is the row of their ink."""
    labels = np.arange(number) % 4
    images = np.zeros((number, 28, 28, *([colours] if colours else [])), np.uint8)
    for k, label in enumerate(labels):
        images[k, 3 + 6 * label : 6 + 6 * label, 4:24] = 200 + k
    return images, labels


def idx_of(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.astype(np.uint8).tobytes()


def npz_of(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_the_four_files_of_mnist_are_a_set_with_its_split(packed: bool) -> None:
    files = {}
    for part, number in (("train", 24), ("t10k", 8)):
        for name, array in zip(("images-idx3", "labels-idx1"), digits(number), strict=True):
            content = idx_of(array)
            files[f"raw/{part}-{name}-ubyte{'.gz' if packed else ''}"] = gzip.compress(content) if packed else content
    found = read(files)
    assert (found.images.shape, found.classes) == ((32, 28, 28), ["0", "1", "2", "3"])
    assert found.is_test is not None
    assert np.flatnonzero(found.is_test).tolist() == list(range(24, 32))
    assert (found.images == np.concatenate([digits(24)[0], digits(8)[0]])).all()
    with pytest.raises(ValueError, match="no labels for them are here"):
        read({name: data for name, data in files.items() if "labels" not in name})


images, labels = digits(20)
ARCHIVES = {
    "as Keras keeps MNIST": {"x_train": images[:16], "y_train": labels[:16], "x_test": images[16:], "y_test": labels[16:]},
    "fractions": {"images": images / 255.0, "labels": labels},
    "flat": {"X": images.reshape(20, -1), "y": labels[:, None]},
    "channels first, one marked": {"arr_0": images[:, None].astype(np.int16), "arr_1": np.eye(4)[labels]},
    "words": {"data": images[..., None], "target": np.array(["one", "two", "three", "four"])[labels]},
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_arrays_of_images_with_labels_are_read_however_they_are_laid(kind: str) -> None:
    found = read_images(npz_of(**ARCHIVES[kind]))
    assert (found.images == images).all()
    assert found.classes == (["four", "one", "three", "two"] if kind == "words" else ["0", "1", "2", "3"])
    assert (found.is_test is not None) == ("Keras" in kind)


def test_arrays_of_colours_stay_so_and_objects_are_no_arrays() -> None:
    colours, labels = digits(8, colours=3)
    found = read_images(npz_of(x=colours.transpose(0, 3, 1, 2), y=labels), wanted=Wanted(32, True))
    assert found.images.shape == (8, 32, 32, 3)
    with pytest.raises(ValueError, match="hold objects"):
        read_images(npz_of(x=np.array([{}], object)))


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("last", [True, False])
def test_a_table_with_a_column_for_each_pixel_becomes_images(header: bool, last: bool) -> None:
    names = [f"pixel{k}" for k in range(784)]
    rows = [[str(v) for v in image.ravel()] for image in images]
    lines = [",".join([*row, str(k)] if last else [str(k), *row]) for row, k in zip(rows, labels, strict=True)]
    text = "\n".join([",".join([*names, "label"] if last else ["label", *names])] * header + lines)
    found = read_pixel_table(text.encode())
    assert found is not None
    assert (found.images == images).all()
    assert (np.array(found.classes)[found.labels] == labels.astype(str)).all()
    assert found.notes[0] == "The table has a column for each pixel, so it was read as images of 28 × 28."
    assert read_pixel_table(b"a,b,c\n1,2,3\n" * 9) is None


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("circle_0.png", "circle"),
        ("cat.17.jpg", "cat"),
        ("0017_cat.jpg", "cat"),
        ("7_0001.png", "7"),
        ("IMG_20240501_1201.jpg", None),
        ("20240501_120103.jpg", None),
        ("Screenshot 2024-05-01 12.01.03.png", None),
        ("IMG-20240501-WA0003.jpg", None),
        ("test_3.png", None),
        ("17.png", None),
    ],
)
def test_a_class_is_read_from_a_name_but_not_from_a_cameras(name: str, word: str | None) -> None:
    assert word_of(PurePosixPath(name)) == word


def test_an_empty_file_and_a_class_of_one_image_are_named() -> None:
    notes = " ".join(read(PLAIN | {"bar/empty.png": b"", "lone/1.png": saved(BAR)}).notes)
    assert "empty.png (empty)" in notes
    assert "Of one image only, which is either learned or tested: lone." in notes
    alone = read(
        {
            f"{name}/1.png": saved(image)
            for name, image in (("bar", BAR), ("lone", BAR.T), *((str(k), BAR + k) for k in range(9)))
        }
    )
    assert "Each class has one image only: what is tested was never learned. Bring more of each." in alone.notes


@pytest.mark.parametrize(("grey", "shown", "said"), [(127, 127, 0), (128, 127, 1), (255, 0, 1)])
def test_ink_on_light_paper_is_inverted_and_that_is_said(grey: int, shown: int, said: int) -> None:
    drawing = np.full((28, 28), grey, np.uint8)
    drawing[10:14, 4:20] = 5
    found = read_images(tarred({f"{name}/{k}.png": saved(drawing) for name in "ab" for k in range(2)}))
    assert (found.images[:, 0] == shown).all()
    assert (found.inverted, sum("dark on light" in note for note in found.notes)) == (bool(said), said)
    assert found.notes[-1] == "All images are alike, so there is nothing to tell them apart by."


def photograph(k: int) -> np.ndarray:
    """Make up a bright sky over a hill."""
    y, x = np.mgrid[0:40, 0:40]
    hill = y > 24 + 6 * np.sin(x / 6 + k)
    return np.where(hill, 110 + 2 * x, 245 - y).astype(np.uint8)


def noisy(k: int) -> np.ndarray:
    return np.random.default_rng(k).normal(190, 20, (28, 28)).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("made", [photograph, noisy])
def test_light_photographs_stay_as_they_are_unless_a_person_inverts_them(made: Callable[[int], np.ndarray]) -> None:
    data = tarred({f"{name}/{k}.png": saved(made(k)) for name in "ab" for k in range(4)})
    found = read_images(data)
    assert not found.inverted
    assert any("no ink on paper, so they stay as they are" in note for note in found.notes)
    inverted = read_images(data, wanted=Wanted(invert=True))
    assert inverted.about()["inverted"] is True
    np.testing.assert_array_equal(inverted.images, 255 - found.images)


@pytest.mark.parametrize("name", ["{}/masks/{}.png", "{}/images/{}_mask.png", "{}/images/{}_mask_1.png"])
def test_masks_are_no_images_of_a_class_and_that_is_said(name: str) -> None:
    plain = {f"{kind}/images/{k}.png": saved(shape) for kind, shape in (("bar", BAR), ("pole", POLE)) for k in range(3)}
    masks = {name.format(kind, k): saved(255 - BAR) for kind in ("bar", "pole") for k in range(3)}
    found = read(plain | masks)
    assert (found.classes, len(found.labels)) == (["bar", "pole"], 6)
    assert any(note.startswith("Left out, since they say where something is in others: 0") for note in found.notes)
    assert len(read({path.replace("images", "mask_x"): content for path, content in plain.items()}).labels) == 6


def test_the_same_images_in_several_forms_are_no_classes() -> None:
    files = {f"{form}/{path}": content for form in ("full", "thumbs") for path, content in PLAIN.items()}
    assert read(files).classes == ["bar", "pole"]


def test_of_several_pages_the_first_is_read_and_an_image_in_two_classes_is_told() -> None:
    pages = [Image.fromarray(np.roll(BAR, k, axis=0)) for k in (3, 6)]
    scan = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    found = read(PLAIN | {"bar/scan.tif": scan, "pole/copy.png": PLAIN["bar/0.png"]})
    assert "Of several pages or frames the first was read: scan.tif." in found.notes
    assert "1 image stands in two classes, so one of them is wrong." in found.notes
    assert not any("two classes" in note for note in read(PLAIN).notes)


def test_a_photograph_of_a_telephone_is_decoded_by_the_optional_part() -> None:
    content = (Path(__file__).parents[2] / "fixtures" / "half_red.heic").read_bytes()
    decoded = decoding.decode(content, PurePosixPath("IMG_1.HEIC"), 28, True)
    np.testing.assert_allclose(decoded.pixels[14, 4], (200, 0, 0), atol=12)
    np.testing.assert_allclose(decoded.pixels[14, 24], (255, 255, 255), atol=12)


def numbered(number: int) -> dict[str, bytes]:
    """Give images that only numbers tell apart, a bar and a pole in turns."""
    return {f"train/{k:04d}.png": PLAIN[f"{('bar', 'pole')[k % 2]}/0.png"] for k in range(number)}


LABELS = {
    "ids without zeros": "id,age,breed\n" + "".join(f"{k},{k},{'ab'[k % 2]}\n" for k in range(8)),
    "paths of another machine": "Filepath;labels\n" + "".join(f"D:\\set\\train\\{k:04d}.PNG;{'ab'[k % 2]}\n" for k in range(8)),
    "no header": "".join(f"train/{k:04d}.png {'ab'[k % 2]}\n" for k in range(8)),
    "a column for each class": "image,a,b,c\n"
    + "".join(f"{k:04d},{float(k % 2 == 0)},{float(k % 2 == 1)},0.0\n" for k in range(8)),
    "files that had another ending": "file,label\n" + "".join(f"{k:04d}.jpg,{'ab'[k % 2]}\n" for k in range(8)),
    "rows that are counted": ",file,label\n" + "".join(f"{7 - k},{k:04d}.png,{'ab'[k % 2]}\n" for k in range(8)),
    "a number of rows above": "8\nfile label\n" + "".join(f"{k:04d}.png  {'ab'[k % 2]}\n" for k in range(8)),
    "flags": "image,a,b,c\n" + "".join(f"{k:04d},{k % 2 == 0},{k % 2 == 1},False\n" for k in range(8)),
    "words before their numbers": "class_id\tname\tspecies\n" + "".join(f"{k % 2}\t{k:04d}\t{'ab'[k % 2]}\n" for k in range(8)),
}


@pytest.mark.parametrize("kind", LABELS)
def test_the_class_is_read_from_a_table_beside_images(kind: str) -> None:
    file = "labels.tsv" if "\t" in LABELS[kind] else "labels.csv"
    found = read(numbered(8) | {file: LABELS[kind].encode(), "notes.txt": b"words,\nof somebody"})
    assert found.classes == ["a", "b"]
    assert found.labels.tolist() == [0] * 4 + [1] * 4
    assert "from “labels." in found.notes[0]
    assert (found.images[0] != found.images[-1]).any()
    assert all((found.images[k] == found.images[0]).all() for k in range(4)), "each image has its own class"


def test_a_table_says_which_images_are_for_testing_and_what_it_misses_is_told() -> None:
    rows = "file,label,set\n" + "".join(f"{k:04d}.png,{'ab'[k % 2]},{'train' if k < 4 else 'test'}\n" for k in range(6))
    found = read(numbered(8) | {"labels.csv": (rows + "lost.png,a,train\n").encode()})
    assert found.is_test is not None
    assert found.is_test.tolist() == [False, False, True, False, False, True]
    assert found.notes[:3] == [
        "The class of each image was read from “labels.csv”, column “label”; 1 of its 7 rows name no image that is here.",
        "Left out, since “labels.csv” says no class for it: 0006.png, 0007.png.",
        "“labels.csv” says which images are for testing: 2; 4 train.",
    ]


def test_folders_that_are_classes_come_before_a_table_which_can_be_chosen() -> None:
    files = PLAIN | {"labels.csv": ("file,light\n" + "".join(f"{path},{path[-5]}\n" for path in PLAIN)).encode()}
    found = read(files)
    assert (found.level, found.classes) == (0, ["bar", "pole"])
    assert found.notes[0] == "Other columns part the images too (light: 0, 1); you can choose which are the classes."
    assert found.about()["levels"][1] == {"level": -2, "names": ["0", "1"], "classes": 2, "column": "light"}
    chosen = read(files, level=-2)
    assert (chosen.level, chosen.classes) == (-2, ["0", "1"])
    assert chosen.notes[1].startswith("Other folders part the images too (bar, pole)")


@pytest.mark.parametrize(
    "content",
    [
        b'"a,b\n' * 10_000,  # a quotation mark that nothing ends
        b"\0\1\2" * 100,
        b"id,label\n" + b"".join(b"%d,a\n" % k for k in range(8)),  # one class
        b"id,label\n" + b"".join(b"%d,%d\n" % (k, k) for k in range(8)),  # each its own
        b"id,label\n" + b"".join(b"%d,%d\n" % (k, k % 2) for k in range(100, 200)),  # of other images
    ],
)
def test_a_table_that_says_no_classes_is_no_help(content: bytes) -> None:
    with pytest.raises(ValueError, match="8 images are of one class, 'train'.* in a CSV file beside them"):
        read(numbered(8) | {"labels.csv": content})


@pytest.mark.parametrize("beside", ["", "train/"])
def test_tables_of_training_and_testing_name_their_own_images_where_those_are_called_the_same(beside: str) -> None:
    images = numbered(8)
    images |= {f"test/{k:04d}.png": images[f"train/{(k + 1) % 8:04d}.png"] for k in range(4)}
    train = "id,label\n" + "".join(f"{k},{'ab'[k % 2]}\n" for k in range(8))
    test = "id,label\n" + "".join(f"{k},{'ba'[k % 2]}\n" for k in range(4))
    names = ("train/labels.csv", "test/labels.csv") if beside else ("train_labels.csv", "test_labels.csv")
    found = read(images | dict(zip(names, (train.encode(), test.encode()), strict=True)))
    assert (len(found.labels), found.is_test is not None and int(found.is_test.sum())) == (12, 4)
    assert all((image == found.images[label * 6]).all() for image, label in zip(found.images, found.labels, strict=True))


@pytest.mark.parametrize("made_up", ["0", "1", "0.5"])
@pytest.mark.parametrize("name", ["sample_submission.csv", "example.csv"])
def test_a_table_that_shows_how_answers_are_handed_in_says_no_classes(name: str, made_up: str) -> None:
    images = numbered(8) | {f"test/{k}.png": PLAIN["bar/0.png"] for k in range(20, 24)}
    train = b"id,label\n" + b"".join(b"%d,%d\n" % (k, k % 2) for k in range(8))
    example = "id,label\n" + "".join(f"{k},{made_up}\n" for k in range(20, 24))
    found = read(images | {"train.csv": train, name: example.encode()})
    assert (found.classes, len(found.labels)) == (["0", "1"], 8)
    assert found.notes[1] == "Left out, since “train.csv” says no class for it: 20.png, 21.png, 22.png, 23.png."


def test_the_names_of_tables_say_which_images_are_for_testing_where_nothing_else_does() -> None:
    images = {path.replace("train/", "images/"): content for path, content in numbered(8).items()}
    beside = {
        f"{name}.csv": ("id,label\n" + "".join(f"{k},{'ab'[k % 2]}\n" for k in some)).encode()
        for name, some in (("train", range(6)), ("val", range(6, 8)))
    }
    found = read(images | beside)
    assert found.is_test is not None
    assert found.is_test.tolist() == [False, False, False, True] * 2
    assert "The names of the tables say which images are for testing: 2; 6 train." in found.notes


def test_an_image_with_rows_of_several_classes_is_told() -> None:
    boxes = "file,class,x\n" + "".join(f"{k:04d}.png,{'ab'[k % 2]},{x}\n" for k in range(8) for x in range(3))
    assert not any("different classes" in note for note in read(numbered(8) | {"boxes.csv": boxes.encode()}).notes)
    found = read(numbered(8) | {"boxes.csv": (boxes + "0001.png,a,4\n").encode()})
    assert found.notes[1] == "1 image has rows of different classes in “boxes.csv”, of which the last one counts."
    assert found.labels.tolist() == [0] * 5 + [1] * 3


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("id,label\n" + "".join(f"other{k},{k % 2}\n" for k in range(8)), "in “labels.csv” no column with their names"),
        ("id,label\n" + "".join(f"{k},no{k}\n" for k in range(8)), "“labels.csv” names them, but none of its columns"),
        ("id,label\n" + "7,a\n" * 2**18, r"labels.csv \(has 1.0 MB, at most 1 are read\)"),
    ],
)
def test_a_table_that_does_not_help_is_named(table: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 1 << 20)
    with pytest.raises(ValueError, match=words):
        read(numbered(8) | {"labels.csv": table.encode()})


def test_more_classes_than_can_be_learned_are_said_of_their_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_CLASSES", 3)
    table = "id,label\n" + "".join(f"{k},c{k // 2}\n" for k in range(8))
    with pytest.raises(ValueError, match="“labels.csv” says 4 classes in column “label”; at most 3 can be learned"):
        read(numbered(8) | {"labels.csv": table.encode()})


def test_a_file_for_each_image_and_long_cells_cost_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    read = iter(range(tables.MOST_TABLES))
    monkeypatch.setattr(tables, "rows_of", lambda content: [][next(read) :])
    tables.said_of([PurePosixPath("0.png")], {PurePosixPath(f"{k}.txt"): b"0 0.5" for k in range(1_000)})
    assert next(read, None) is None, "so many were read, and no more"
    assert tables.image_of("a/" * 1_000_000 + "0.png", {"0.png": PurePosixPath("0.png")}) is None
    assert tables.image_of("a/" * 400 + "0.png", {"0.png": PurePosixPath("0.png")}) == PurePosixPath("0.png")
