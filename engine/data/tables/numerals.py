"""Numbers as people write them: 1,261 or 1.261, 12 %, $ 3.50, −4, 1 234,5; a whole column decides what its signs mean."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

LARGEST = 1e30
"""Larger numbers count as missing: their squares are none any more."""
SPACES = " \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
BLANKS = rf"{SPACES}'\u2019\u2018\u02bc\u00b4`"
"""What parts thousands beside comma and dot."""
MONEY = (
    r"[$€£¥¢฿\u20a0-\u20cf]|R\$|C\$|A\$|US\$"
    r"|(?:USD|EUR|GBP|CHF|JPY|INR|CNY|AUD|CAD|BRL|SEK|NOK|DKK|PLN|Rs\.?|kr\.?|Fr\.?)(?![^\W\d_])"
)
UNIT = rf"{MONEY}|[%‰+]|°\s?[CFK]?|[^\W\d_]{{1,12}}\.?[²³23]?(?:/\d{{0,4}}[^\W\d_]{{1,8}}[²³23]?)?"
GAP = f"[{SPACES}]*"
MINUS = "-−–‐‑﹣－"
NUMERAL = re.compile(
    rf"(?:(?P<front>{MONEY}){GAP}(?=\())?(?P<open>\()?(?P<sign>[{MINUS}+]?){GAP}(?P<before>{MONEY})?{GAP}(?P<second>[{MINUS}+]?)"
    rf"(?P<digits>\d(?:[\d.,{BLANKS}]*\d)?[.,]?|[.,]\d+)(?P<exponent>[eE][-+−]?\d+)?(?P<last>[-−](?![^\W\d_]))?"
    rf"{GAP}(?P<after>{UNIT})?(?P<close>\))?"
)
VULGAR = {"½": 1 / 2, "¼": 1 / 4, "¾": 3 / 4, "⅓": 1 / 3, "⅔": 2 / 3, "⅛": 1 / 8, "⅜": 3 / 8, "⅝": 5 / 8, "⅞": 7 / 8}
FRACTION = re.compile(rf"([{MINUS}+]?)(\d{{0,6}}){GAP}([{''.join(VULGAR)}])(.*)")
"""A number with one of these at its end: 3½."""
ANGLE = re.compile(
    rf"([{MINUS}]?)(\d{{1,3}}){GAP}°{GAP}(\d{{1,2}}(?:\.\d+)?){GAP}['′’]{GAP}(?:(\d{{1,2}}(?:\.\d+)?){GAP}(?:[\"″”]|''){GAP})?([NSEW]?)"
)
"""A place on the earth: 48° 51' 24" N."""
DASH = re.compile(rf"({MONEY}){GAP}[-–—]")
"""Zero as accountants write it: $ -."""
BOUND = re.compile(rf"(?:[<>≤≥≈~]|<=|>=){GAP}(?=[\d.,])")
"""Before a number that was too small or too large to be measured: <5."""
FOOTNOTE = re.compile(rf"{GAP}(?:[*†‡]+|\[[\w ]{{1,4}}\]|\((?:e|p|r|f|est\.?)\))")
"""Behind a number that a note below the table explains: 12.3*, 1,234[5]."""
FLAGS = frozenset("bcdefinprsuz")
"""Letters that statistical offices put behind numbers: p for provisional, e for estimated."""
MANY = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "bn": 1e9}
"""Letters that stand for zeros: after money, and where a column has several of them, or none in some cells."""


@dataclass(frozen=True)
class Numeral:
    """A cell that may be a number: its sign, its digits with the signs between them, its exponent, and its unit.

    plus: what is added to its digits, as a half in 3½.  mark: what else stands there: a "bound", a "footnote", a "dash".
    """

    negative: bool
    digits: str
    exponent: str
    unit: str
    plus: float = 0.0
    mark: str = ""


def split(text: str) -> Numeral | None:
    """Take a cell apart; None where it is no number, whatever commas and dots may mean."""
    match = NUMERAL.fullmatch(text)
    if match is None or (match["after"] and match["after"][0] in VULGAR):
        return split_rare(text)
    if bool(match["open"]) != bool(match["close"]):
        return None
    signs = match["sign"] + match["second"] + (match["last"] or "")
    if len(signs) > 1:
        return None
    digits = match["digits"]
    if re.search(f"[{BLANKS}]", digits):
        if not re.fullmatch(rf"[1-9]\d{{0,2}}(?:[{BLANKS}]\d{{3}})+(?:[.,]\d*)?", digits):
            return None
        digits = re.sub(f"[{BLANKS}]", "", digits)
    if decimal_in(digits) == "none":
        return None
    unit = " ".join(part for part in (match["front"] or match["before"], match["after"]) if part)
    return Numeral(bool(match["open"]) or signs not in ("", "+"), digits, (match["exponent"] or "").replace("−", "-"), unit)


def split_rare(text: str) -> Numeral | None:
    """Take a cell apart that is written as numbers seldom are: 3½, 48° 51' N, $ -, <5, 12.3*."""
    if found := FRACTION.fullmatch(text):
        rest = split(f"1{found[4]}")
        return rest and Numeral(found[1] not in ("", "+"), found[2] or "0", "", rest.unit, VULGAR[found[3]], rest.mark)
    if found := ANGLE.fullmatch(text):
        minutes = float(found[3]) / 60 + float(found[4] or 0) / 3600
        return Numeral(bool(found[1]) or found[5] in ("S", "W"), found[2], "", "°", minutes, "angle")
    if found := DASH.fullmatch(text):
        return Numeral(False, "0", "", found[1], mark="dash")
    for form, mark in ((BOUND, "bound"), (FOOTNOTE, "footnote")):
        for found in form.finditer(text):
            before, behind = text[: found.start()], text[found.end() :]
            if not (before if mark == "bound" else behind) and (rest := split(before + behind)) and not rest.mark:
                return replace(rest, mark=mark)
    return None


GROUPS = {sign: re.compile(rf"[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{2,3}})*{re.escape(sign)}\d{{3}}") for sign in ",."}
"""Thousands are parted so; in India the upper groups have two digits."""


def decimal_in(digits: str) -> str:
    """Tell what a cell alone says of its signs: which one is the decimal sign, "," or "."; "" where it has none of them;
    "thousands," or "thousands." where that one parts thousands; "either," or "either." where it may be both; "none" where the
    cell makes no sense.
    """
    commas, dots = digits.count(","), digits.count(".")
    if commas and dots:
        last = "," if digits.rindex(",") > digits.rindex(".") else "."
        other = "." if last == "," else ","
        head, _, _ = digits.rpartition(last)
        return last if digits.count(last) == 1 and GROUPS[other].fullmatch(head) else "none"
    if not commas and not dots:
        return ""
    sign = "," if commas else "."
    grouped = GROUPS[sign].fullmatch(digits) is not None
    if commas + dots > 1:
        return f"thousands{sign}" if grouped else "none"
    return f"either{sign}" if grouped else sign


@dataclass
class Evidence:
    """What a column of numbers says of its commas and dots, by its different cells."""

    decimal: set[str]
    thousands: set[str]
    either: set[str]
    plain: float
    """The largest number without any sign."""

    @classmethod
    def of(cls, numerals: Iterable[Numeral]) -> "Evidence":
        """Look at every cell."""
        found = cls(set(), set(), set(), 0.0)
        for numeral in numerals:
            said = decimal_in(numeral.digits)
            if said == "":
                found.plain = max(found.plain, float(numeral.digits))
            elif said.startswith("thousands"):
                found.thousands.add(said[-1])
            elif said.startswith("either") and numeral.exponent:
                found.decimal.add(said[-1])  # nobody writes 8,192e3 for 8192000
            elif said.startswith("either"):
                found.either.add(said[-1])
            else:
                found.decimal.add(said)
        return found


@dataclass(frozen=True)
class Signs:
    """What is known of a table's decimal sign: what a person chose, what all columns without a doubt say, and what parts its
    cells. `both`: commas and dots stand where either may part thousands.
    """

    chosen: str = ""
    table: str = ""
    separator: str = "comma"
    both: bool = False

    @classmethod
    def of(cls, columns: Sequence[Evidence], separator: str, chosen: str = "") -> "Signs":
        """Look at all columns of numbers: those that say it, those that part thousands without a doubt, the likely ones."""
        alone = cls(separator=separator, both=len({sign for column in columns for sign in column.either}) > 1)
        likely = [alone.decide(column) for column in columns if column.either]
        for said in (
            {sign for column in columns for sign in column.decimal},
            {opposite(sign) for column in columns for sign in column.thousands},
            {sign for sign, guessed in likely if not guessed},
        ):
            if said:
                return cls(chosen, said.pop() if len(said) == 1 else "", separator, alone.both)
        return cls(chosen, "", separator, alone.both)

    def decide(self, column: Evidence) -> tuple[str, bool]:
        """Give a column's decimal sign, and whether that was a guess: by its own cells, else by the table's other columns."""
        if self.chosen:
            return self.chosen, False
        if len(column.decimal) == 1:
            return next(iter(column.decimal)), False
        if len(column.thousands) == 1 and not column.decimal:
            return opposite(next(iter(column.thousands))), False
        if self.table or not column.either:
            return self.table or ".", False
        usual = "," if self.separator == "semicolon" else "."
        if len(column.either) > 1 or column.decimal:
            return usual, True  # 1.000 beside 1,377: whichever is the decimal sign, the other one parts thousands
        sign = next(iter(column.either))
        if 0 < column.plain < 1000:  # 310, 944, 1,261: whoever writes 1261 as 1,261 writes no 1261
            return opposite(sign), False
        if column.plain >= 1000:
            return sign, False
        return (usual if sign == "," or self.both else sign), True


def opposite(sign: str) -> str:
    """Give the other one of comma and dot."""
    return "." if sign == "," else ","


def convert(numeral: Numeral, decimal: str, many: bool = False) -> float:
    """Give the number, where `decimal` is the column's decimal sign; what a cell leaves no doubt of stays so. `many`: a letter
    as in 3K stands for zeros.
    """
    said, digits = decimal_in(numeral.digits), numeral.digits
    sign = said if said in (",", ".") else decimal
    digits = digits.replace("," if sign == "." else ".", "").replace(sign, ".") if not said.startswith("thousands") else digits
    if said.startswith("thousands"):
        digits = digits.replace(said[-1], "")
    letter = numeral.unit.split(" ")[-1] if many or " " in numeral.unit else ""
    value = (float(digits + numeral.exponent) + numeral.plus) * MANY.get(letter, 1.0)
    return -value if numeral.negative else value


def common_unit(numerals: Mapping[str, Numeral]) -> str | None:
    """Give the unit of all cells that have one, as the most of them write it; None where they have several."""
    counts = Counter(numeral.unit for numeral in numerals.values() if numeral.unit)
    if len({spelled(unit) for unit in counts}) < 2:
        return max(counts, key=lambda unit: (counts[unit], unit), default="")
    money = {unit.split(" ")[0] for unit in counts}
    if len(money) == 1 and all(unit.split(" ")[1:] in ([], *([letter] for letter in MANY)) for unit in counts):
        return next(iter(money))
    return "" if has_many(numerals) else None


def has_many(numerals: Mapping[str, Numeral]) -> bool:
    """Tell whether letters stand for zeros: 1.2K beside 3M, or beside 870; where all cells have the same, it is a unit."""
    units = {numeral.unit for numeral in numerals.values()}
    return len(units) > 1 and units <= {"", *MANY}


def spelled(unit: str) -> str:
    """Give one spelling of a unit: kg and Kg., day and days."""
    plain = unit.rstrip(".")
    if len(plain) < 3:  # mW is no MW
        return plain.lower() if plain[:1] in ("K", "C") else plain
    return plain.casefold().removesuffix("s")
