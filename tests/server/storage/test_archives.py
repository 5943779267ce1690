"""Archives and images that claim one thing and are another: what is unpacked is counted, and nothing is taken at its word."""

import io
import struct
import tarfile
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from server.storage.images import archives, decoding, reading
from server.storage.images.reading import read_images
from tests.memory import measure, measured
from tests.samples import tarred

MiB = 1 << 20
READ = "from server.storage.images.reading import read_images"


def png(width: int, height: int, value: int = 0) -> bytes:
    """Write a PNG of one grey, however large, in a few bytes."""
    row = b"\0" + bytes([value]) * width
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def lying(method: int, really: int, claimed: int = 1000) -> bytes:
    """Make a zip whose one file claims to be small, in its own header and in the directory."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive, archive.open("a/x.png", "w") as member:
        for _ in range(really // MiB):
            member.write(bytes(MiB))
    return file.getvalue().replace(struct.pack("<I", really), struct.pack("<I", claimed))


GOOD = {f"{name}/{k}.png": png(30, 30, k) for name in "ab" for k in range(3)}


@measured
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_file_that_claims_to_be_small_is_not_unpacked_beyond_that(method: int) -> None:
    data = lying(method, (256 if method == zipfile.ZIP_DEFLATED else 64) * MiB)
    assert len(data) < 2 * MiB
    said, grown = measure(READ, "read_images(data)", data)
    assert "packed in a way" in said if method != zipfile.ZIP_DEFLATED else "no zip of images" in said
    assert grown < 20 * MiB


@measured
def test_an_image_of_one_long_line_is_never_padded_to_a_square() -> None:
    """7.8 kB took the server to 3,573 MB."""
    said, grown = measure(READ, "read_images(data)", zipped({"a/x.png": png(60_000, 200)}))
    assert "60000 \\xd7 200 pixels are too many" in said
    assert grown < 20 * MiB


@measured
@pytest.mark.parametrize("size", [(10_000, 1_600), (1_600, 10_000), (4_000, 4_000)])
def test_the_largest_images_take_little_more_than_themselves(size: tuple[int, int]) -> None:
    said, grown = measure(READ, "read_images(data)", zipped({**GOOD, "a/x.png": png(*size)}))
    assert said == "taken"
    assert grown < 80 * MiB


@measured
def test_a_large_image_with_clear_parts_is_not_held_four_times() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (4_000, 4_000), (9, 9, 9, 9)).save(file, "PNG", compress_level=1)
    said, grown = measure(READ, "read_images(data)", zipped({**GOOD, "a/x.png": file.getvalue()}))
    assert said == "taken"
    assert grown < 130 * MiB


@pytest.mark.parametrize(("width", "height"), [(10_001, 1), (1, 10_001), (4_001, 4_000)])
def test_both_sides_and_their_product_are_bounded(width: int, height: int) -> None:
    notes = read_images(zipped({**GOOD, "a/x.png": png(width, height)})).notes
    assert notes[0] == f"1 file could not be read: x.png ({width} × {height} pixels are too many)."


def test_a_long_image_is_shrunk_and_still_shows_what_it_showed() -> None:
    picture = np.zeros((1_000, 10_000), np.uint8)
    picture[:, 5_000:] = 200
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    found = read_images(zipped({**GOOD, "a/x.png": file.getvalue()}))
    shown = found.images[:4][found.images[:4].max(axis=(1, 2)) > 100]
    assert found.classes == ["a", "b"]
    assert shown.shape == (1, 28, 28)
    assert (shown[0, 14, :13] == 0).all()
    assert (shown[0, 14, 15:] == 200).all()


def test_all_images_together_have_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_PIXELS_TOGETHER", 6 * 900)
    assert len(read_images(zipped(GOOD)).images) == 6
    with pytest.raises(ValueError, match="pixels together"):
        read_images(zipped({**GOOD, "b/z.png": png(1, 1)}))


@pytest.mark.parametrize("pack", ["zip", "tar"])
def test_what_is_unpacked_is_counted_as_it_comes(pack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {**GOOD, "b/z.png": bytes(3 * MiB)}
    understated = zipped(files).replace(struct.pack("<I", 3 * MiB), struct.pack("<I", 1000))
    data = understated if pack == "zip" else tarred(files)
    monkeypatch.setattr(archives, "MOST_UNPACKED", 2 * MiB)
    with pytest.raises(ValueError, match="unpack to more" if pack == "tar" else "CRC"):
        read_images(data)


def test_unpacking_stops_just_beyond_what_is_allowed() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert 0 < size <= archives.PIECE
            self.given += size
            return bytes(size)

    file = Endless()
    assert len(archives.unpacked(file, 3 * archives.PIECE)) == 3 * archives.PIECE + 1 == file.given


def test_a_file_that_is_larger_than_an_image_may_be_is_named_not_unpacked_and_the_others_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    unpack = archives.unpacked
    monkeypatch.setattr(archives, "unpacked", lambda file, most: asked.append(most) or unpack(file, most))
    found = read_images(zipped({**GOOD, "a/x.png": bytes(9 * MiB)}))
    assert len(found.images) == len(asked) == 6
    assert found.notes[0] == "1 file could not be read: x.png (has 9.0 MB, at most 8 are read)."


@measured
def test_sparse_files_of_a_tar_are_no_images() -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for k in range(100):
            info = tarfile.TarInfo(f"a/{k}.png")
            info.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.map": "0,0"}
            info.pax_headers["GNU.sparse.size"] = str(8 * MiB)
            archive.addfile(info)
    said, grown = measure(READ, "read_images(data)", file.getvalue())
    assert "no image was found" in said
    assert grown < 20 * MiB


@pytest.mark.parametrize("number", [archives.MOST_FILES, archives.MOST_FILES + 1])
def test_a_directory_of_very_many_files_is_not_even_listed(number: int) -> None:
    entry = b"PK\x01\x02" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, min(number, 65535), min(number, 65535), number * len(entry), 0, 0)
    with pytest.raises(ValueError, match="no image was found" if number <= archives.MOST_FILES else "40,000 files"):
        read_images(entry * number + end)


def test_a_tar_of_very_many_files_is_read_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    data = tarred({f"{k % 2}/{k}.png": png(30, 30, k) for k in range(6)})
    monkeypatch.setattr(archives, "MOST_FILES", 6)
    assert len(read_images(data).images) == 6
    monkeypatch.setattr(archives, "MOST_FILES", 5)
    with pytest.raises(ValueError, match="more than 5 files"):
        read_images(data)


def remark(kind: bytes, content: bytes) -> bytes:
    """Write a header of a tar that holds a name or a remark on the next file, or on all."""
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, len(content)
    return info.tobuf() + content + bytes(-len(content) % 512)


LARGE_REMARK = b"9" * 20 + b" path=" + b"a" * (32 << 20)
REMARKS = {
    "a number beyond all": remark(tarfile.XHDTYPE, b"9" * 20 + b" path=a\n"),
    "a number of 5,000 digits": remark(tarfile.XHDTYPE, b"9" * 5000 + b" path=a\n"),
    "a large one": remark(tarfile.XHDTYPE, LARGE_REMARK),
    "a large name": remark(tarfile.GNUTYPE_LONGNAME, LARGE_REMARK),
    "a sparse map of words": remark(tarfile.XHDTYPE, b"25 GNU.sparse.map=a,b,c,d\n"),
    "many on all files": remark(tarfile.XGLTYPE, b"".join(b"%d k%04d=v\n" % (11, k) for k in range(3000))),
}


@measured
@pytest.mark.parametrize("kind", REMARKS)
def test_what_a_tar_remarks_on_its_files_is_short_and_in_numbers(kind: str) -> None:
    """A number too large was answered with 500, and a remark of 60 MB taken apart at one go, which held the server for 1 s."""
    said, grown = measure(
        READ, "read_images(data)", REMARKS[kind] + tarred({f"{'ab'[k % 2]}/{k}.png": png(9, 9, k) for k in range(6)})
    )
    assert "no zip of images that can be read" in said
    assert "digits" not in said
    assert grown < 60 * MiB


def test_the_limits_are_these() -> None:
    assert (reading.MOST_IMAGES, reading.MOST_CLASSES, reading.LEAST, archives.MOST_FILES) == (20_000, 200, 4, 40_000)
    assert (8 * MiB, 10_000, 16_000_000) == (archives.MOST_BYTES, decoding.MOST_SIDE, decoding.MOST_PIXELS)
    assert (512 * MiB, 500_000_000, 4_096) == (archives.MOST_UNPACKED, reading.MOST_PIXELS_TOGETHER, decoding.SHRUNK)
    assert 128 * MiB == reading.MOST_KEPT


def test_as_many_images_as_are_allowed_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_IMAGES", 6)
    assert len(read_images(zipped(GOOD)).images) == 6
    monkeypatch.setattr(reading, "MOST_IMAGES", 5)
    with pytest.raises(ValueError, match="more than 5 images"):
        read_images(zipped(GOOD))


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_bytes_are_allowed_to_the_last(pack, monkeypatch: pytest.MonkeyPatch) -> None:
    size, largest = sum(map(len, GOOD.values())), max(map(len, GOOD.values()))
    monkeypatch.setattr(archives, "MOST_UNPACKED", size)
    monkeypatch.setattr(archives, "MOST_BYTES", largest)
    assert len(read_images(pack(GOOD)).images) == 6
    monkeypatch.setattr(archives, "MOST_UNPACKED", size - 1)
    with pytest.raises(ValueError, match="unpack to more"):
        read_images(pack(GOOD))


def test_of_no_file_more_is_unpacked_than_is_left_and_than_an_image_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    unpack = archives.unpacked
    monkeypatch.setattr(archives, "unpacked", lambda file, most: asked.append(most) or unpack(file, most))
    read_images(tarred(GOOD))
    assert asked == [8 * MiB] * 6
    sizes = [len(content) for content in GOOD.values()]
    monkeypatch.setattr(archives, "MOST_UNPACKED", 1_000)
    read_images(tarred(GOOD))
    assert asked[6:] == [1_000 - sum(sizes[:k]) for k in range(6)]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "no image was found"),
        ([f"{k}.png" for k in range(5)], "5 images lie in no folder"),
        ([f"a/{k}.png" for k in range(5)], "all 5 images are of one class, 'a'"),
        ([f"{k}/a.png" for k in range(201)], "201 folders with images; at most 200"),
        (["a/1.png", "b/1.png", "b/2.png"], "3 images are too few"),
    ],
)
def test_what_teaches_nothing_is_refused(names: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_images(zipped({name: png(9, 9) for name in names}))


@pytest.mark.parametrize("names", [[f"{k}/a.png" for k in range(200)], ["a/1.png", "a/2.png", "b/1.png", "b/2.png"]])
def test_as_many_classes_and_as_few_images_as_are_allowed_are_read(names: list[str]) -> None:
    assert len(read_images(zipped({name: png(9, 9) for name in names})).images) == len(names)


def test_a_decoder_that_gives_no_reason_is_named_by_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    made = decoding.small

    def fails_once(opened: Image.Image, side: int, colour: bool) -> decoding.Decoded:
        if opened.width == 31:
            raise ZeroDivisionError
        return made(opened, side, colour)

    monkeypatch.setattr(decoding, "small", fails_once)
    notes = read_images(zipped({**GOOD, "a/x.png": png(31, 30)})).notes
    assert notes[0] == "1 file could not be read: x.png (damaged: ZeroDivisionError)."


def test_what_cannot_be_unpacked_is_refused_in_words() -> None:
    data = zipped(GOOD)
    at = data.index(b"PK\1\2")
    encrypted = b"PK\3\4\x14\0\1" + data[7 : at + 8] + b"\1" + data[at + 9 :]
    for bad, words in (
        (b"abc", "no zip of images that can be read"),
        (tarred(GOOD)[:600], "no zip of images that can be read"),
        (encrypted, "can be read .*encrypted"),
        (data[:-30], "no zip of images that can be read"),
    ):
        with pytest.raises(ValueError, match=words):
            read_images(bad)


def test_damage_inside_is_refused_in_words() -> None:
    data = bytearray(zipped({"a/x.png": bytes(range(256)) * 9}))
    data[45:60] = b"\xff" * 15
    with pytest.raises(ValueError, match="no zip of images"):
        read_images(bytes(data))


def test_reading_can_be_ended_between_two_files() -> None:
    class GoneError(Exception):
        pass

    asked = []

    def check() -> None:
        asked.append(1)
        if len(asked) == 3:
            raise GoneError

    with pytest.raises(GoneError):
        read_images(zipped(GOOD), check)
    assert len(asked) == 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_images_are_grey_as_they_were_before_they_were_read_in_bands(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 256, (90, 70, 4), np.uint8)).convert("RGBA")
    if mode == "P":
        picture = picture.quantize(17)
        picture.info["transparency"] = bytes(range(0, 255, 15))
    else:
        picture = picture.convert(mode)
    monkeypatch.setattr(decoding, "BAND", 7 * 70)
    whole = picture
    if whole.has_transparency_data:
        whole = Image.alpha_composite(Image.new("RGBA", whole.size, "black"), whole.convert("RGBA"))
    whole = whole.convert("L")
    grey, alpha = decoding.flattened(picture, "L")
    assert grey.tobytes() == whole.tobytes()
    assert (alpha is None) == (mode not in ("LA", "P", "RGBA"))
    assert alpha is None or alpha.tobytes() == picture.convert("RGBA").getchannel("A").tobytes()
    pixels = np.asarray(whole)
    ground = int(np.median(np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])))
    padded = ImageOps.pad(whole, (90, 90), color=ground).resize((28, 28), Image.Resampling.BOX)
    assert decoding.small(picture, 28).pixels.tobytes() == padded.tobytes()
