"""A file's bytes as text: in which encoding it is written, how many lines it has, and its lines, none of them endless."""

import codecs
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.data.tables.column import TableError

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252 (Western)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "iso8859-2": "ISO 8859-2 (Central European)",
    "koi8-r": "KOI8-R (Cyrillic)",
    "cp866": "DOS 866 (Cyrillic)",
    "cp850": "DOS 850 (Western)",
    "mac-roman": "Mac Roman",
    "shift_jis": "Shift-JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "euc_kr": "EUC-KR (Korean)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
}
"""What a file may be written in, by Python's name, and what a person calls it."""
WIDER = {"shift_jis": "cp932", "euc_kr": "cp949", "big5": "cp950", "utf-8": "utf-8-sig"}
"""What is read instead: the same with a few more characters."""
NO_TEXT = {
    b"%PDF": "a PDF",
    b"{\\rtf": "a text document",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"SQLite format 3": "a database",
    b"\x89HDF": "an HDF5 file",
    b"7z\xbc\xaf": "a packed file",
    b"Rar!": "a packed file",
}
"""What a file is instead, by how it begins."""
PIECE = 1 << 20
"""Bytes that are decoded at a time."""
MOST_LINE = 1_000_000
"""Characters of one row: beyond that the file is refused."""
CHECK_EVERY = 1_000
"""Lines or rows between two questions whether reading goes on."""
Check = Callable[[], None]
"""Asked now and then while a table is read; what it raises ends the reading."""


@dataclass
class Text:
    """A file's bytes with what they have to be read as; they are decoded a piece at a time, never as a whole."""

    data: bytes
    encoding: str
    lines: int
    notes: list[str]
    check: Check
    """Asked by whoever goes through the lines, however often that is."""

    def open(self) -> io.TextIOWrapper:
        """Read from the beginning, line ends as they are written."""
        return io.TextIOWrapper(io.BytesIO(self.data), WIDER.get(self.encoding, self.encoding), "replace", newline="")


def encoding_called(name: str) -> str:
    """Give an encoding by any of its names. Raises TableError where it is none that is read."""
    with_names = {codecs.lookup(one).name: one for one in ENCODINGS} | {codecs.lookup(v).name: k for k, v in WIDER.items()}
    try:
        return with_names[codecs.lookup(name.strip()).name]
    except (LookupError, ValueError):
        raise TableError(f"encoding {name[:40]!r} is not known; it may be {', '.join(ENCODINGS)}") from None


def decode(data: bytes, encoding: str = "auto", check: Check = lambda: None) -> Text:
    """Find out what bytes have to be read as, and how many lines they are; say where that took a guess."""
    if not data.strip():
        raise TableError("the file is empty")
    if other := next((name for begin, name in NO_TEXT.items() if data.startswith(begin)), ""):
        raise TableError(f"this is {other}; copy the table into a spreadsheet program, and save it as CSV")
    notes: list[str] = []
    data = with_mark(data)
    if encoding != "auto":
        encoding = encoding_called(encoding)
        lines = count_lines(data, encoding if encoding == "utf-16" else "latin-1", check)
    else:
        encoding, lines, notes = guess(data, check)
    if encoding not in ("utf-8", "utf-16"):
        data = data.removeprefix(codecs.BOM_UTF8)  # a program put it before what another had written
    text = Text(data, encoding, lines, notes, check)
    try:
        begin = text.open().read(100_000)
    except UnicodeError as error:
        raise TableError(f"the file cannot be read as {ENCODINGS[encoding]}: {error}") from None
    if "\0" in begin:
        raise TableError("this is no text file; save the table as CSV")
    return text


def with_mark(data: bytes) -> bytes:
    """Put the mark of UTF-16 before text that is it without one: every other byte of Latin letters and digits is 0."""
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return data
    begin = data[: min(len(data), 2_000) & ~1]
    even, odd = begin[::2].count(0), begin[1::2].count(0)
    if max(even, odd) < 0.2 * len(begin) or min(even, odd) > 0.01 * len(begin):
        return data
    return (codecs.BOM_UTF16_LE if odd > even else codecs.BOM_UTF16_BE) + data


def guess(data: bytes, check: Check) -> tuple[str, int, list[str]]:
    """Recognize the encoding: UTF-16 by its first bytes, UTF-8 because it can be read so, others by how words look in them."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return "utf-16", count_lines(data, "utf-16", check), []
        except UnicodeDecodeError:
            raise TableError("the file begins as UTF-16 text and goes on as none; save it as CSV in UTF-8") from None
    try:
        return "utf-8", count_lines(data, "utf-8-sig", check), []
    except UnicodeDecodeError as error:
        encoding = likeliest(data[max(0, error.start - 1000) :][:50_000])
        note = (
            f"The file is not UTF-8 (byte {error.start:,}), so it was read as {ENCODINGS[encoding]}. Look whether letters with "
            "accents are right; if not, choose another encoding."
        )
        return encoding, count_lines(data, "latin-1", check), [note]


LETTERS = {
    "cp1251": re.compile("[а-яё]{2,}|[А-ЯЁ][а-яё]+"),
    "koi8-r": re.compile("[а-яё]{2,}|[А-ЯЁ][а-яё]+"),
    "cp866": re.compile("[а-яё]{2,}|[А-ЯЁ][а-яё]+"),
    "cp1253": re.compile("[α-ωά-ώ]{2,}|[Α-Ω][α-ωά-ώ]+"),
    "shift_jis": re.compile("[ぁ-んァ-ヴー]+|[一-龠々]+"),
    "euc_jp": re.compile("[ぁ-んァ-ヴー]+|[一-龠々]+"),
    "euc_kr": re.compile("[가-힣]+"),
    "gb18030": re.compile("[一-龥]+"),
    "big5": re.compile("[一-龥]+"),
}
"""What words of a language look like when they are read in the right encoding."""
LONELY = re.compile(rb"(?<=[a-zA-Z])[\x80-\xff]{1,3}(?![\x80-\xff])|(?<![\x80-\xff])[\x80-\xff]{1,3}(?=[a-zA-Z])")
"""A letter with an accent among Latin ones."""
USUAL = {
    "gb18030": "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学可里后小"
    "长度宽高种类数据名称价格月日重量性别男女龄城市号码类型颜色品质温湿速",
    "big5": "的一是不了在人有我他這中大來上個國到說們為子和你地出道也時年得就那要下以生會自著去之過家學可裡後小"
    "長度寬高種類數據名稱價格月日重量性別男女齡城市號碼型顏色品質溫濕速",
    "euc_kr": "이가는을의고다에한로지하사기인자리도어대시부나수해정일스은전서보주그아장구상제만원적유여조동과성금국공",
}
"""Characters of which a text has some."""


JAPANESE = (
    "一二三四五六七八九十百千万年月日時分秒人男女子名前氏性別値段価格金額円数量長幅高重温度湿種類品番号国都道府県市区町村東西南北京大阪古屋"
    "札幌福岡中小上下左右赤青白黒黄緑犬猫鳥魚花木水火土曜天気晴雨雪曇売店客商合計平均点結果判定否不可有無備考会社部課職業学校生先春夏秋冬"
)


def likeliest(data: bytes) -> str:
    """Give the encoding in which the bytes that are no ASCII make the likeliest words."""
    lonely = LONELY.findall(data)
    latin = sum(map(len, lonely)) / max(1, sum(byte > 127 for byte in data))
    accents = b"".join(lonely).decode("cp1252", "replace")
    strange = sum(not character.isalpha() for character in accents) > 0.1 * len(accents)
    best = ("cp1250" if strange and latin > 0.5 else "cp1252", max(0.5, 0.95 * latin))
    for encoding, words in LETTERS.items():
        try:
            text = codecs.getincrementaldecoder("cp932" if encoding == "shift_jis" else encoding)().decode(data)
        except UnicodeDecodeError:
            continue
        foreign = [character for character in text if ord(character) > 127] or [" "]
        score = sum(len(found) for found in words.findall(text)) / len(foreign)
        if encoding[:2] in ("cp", "ko"):  # any bytes are letters there
            score *= 0.94
        if encoding in ("shift_jis", "euc_jp"):  # no Japanese text is without kana for long
            kana = 0.6 + min(0.4, len(re.findall("[ぁ-んァ-ヴ]", text)) / len(foreign))
            score *= max(kana, 0.65 + min(0.3, sum(character in JAPANESE for character in foreign) / len(foreign)))
        if encoding in USUAL:
            score *= 0.7 + min(0.25, sum(character in USUAL[encoding] for character in foreign) / len(foreign))
        if score > best[1] + 1e-9:
            best = (encoding, score)
    return best[0]


def count_lines(data: bytes, encoding: str, check: Check) -> int:
    """Count line ends, be they \\n, \\r or both.

    Raises UnicodeDecodeError, with the place in the whole file, where it is another encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    ends = io.IncrementalNewlineDecoder(None, translate=True)
    lines = 0
    for start in range(0, len(data), PIECE):
        check()
        waiting = len(decoder.getstate()[0])
        last = start + PIECE >= len(data)
        try:
            piece = decoder.decode(data[start : start + PIECE], last)
        except UnicodeDecodeError as error:
            place = start - waiting + error.start
            raise UnicodeDecodeError(encoding, data[place : place + 1], place, place + 1, error.reason) from None
        lines += ends.decode(piece, last).count("\n")
    return lines


class Lines(Iterator[str]):
    """A text's lines, as long as none of them, and no row that goes over several, is longer than MOST_LINE. The text's check
    is asked now and then.
    """

    def __init__(self, text: Text, skip: int = 0) -> None:
        self._file, self._left, self._check, self._given = text.open(), MOST_LINE, text.check, 0
        for _ in range(skip):
            next(self, None)
            self.end_row()

    def __next__(self) -> str:
        """Give the next line, or refuse it."""
        self._given += 1
        if self._given % CHECK_EVERY == 0:
            self._check()
        line = self._file.readline(self._left + 1)
        self._left -= len(line)
        if self._left < 0:
            raise TableError(
                f"a row has more than {MOST_LINE:,} characters; has the file line ends, and is no quotation mark missing?"
            )
        if not line:
            raise StopIteration
        return line

    def end_row(self) -> None:
        """Let the next row be as long again."""
        self._left = MOST_LINE
