"""The cells of one column: which are missing, and whether the others are numbers, dates or words."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.arrays import Array
from engine.data.tables import dates, numerals
from engine.data.tables.column import MOST_LISTED, Column, judge, plural, written
from engine.data.tables.numerals import FLAGS, LARGEST, Evidence, Numeral, Signs

NEVER = {
    "",
    "nan",
    "null",
    "?",
    "inf",
    "-inf",
    "+inf",
    "infinity",
    "-infinity",
    "#n/a",
    "#div/0!",
    "#value!",
    "#ref!",
    "#name?",
}
NEVER |= {"#num!", "#null!", "#n/v", "<na>", "nat"}
"""What is missing wherever it stands."""
GAPS = NEVER | {
    "na",
    "n/a",
    "n.a.",
    "none",
    "nil",
    "unknown",
    "missing",
    "not available",
    "undefined",
    "blank",
    "-",
    "--",
    "---",
}
GAPS |= {".", "..", "...", "–", "—", "*", "x/x", "k.a.", "unbekannt", "tbd", "#"}
"""What is missing in a column of numbers, and in one of words where it stands less often than they."""
NUMERIC = 0.9
"""The share of a column's cells that have to be numbers, for the others to count as missing."""
CODE = 5
"""Digits from which on whole numbers that are all as long are codes, where some begin with 0: 00501, 01234, 10001."""
AS_OFTEN = 0.5
"""A word for a gap is a class of its own where it stands at least so often, of how often the other words do in the mean."""

NINES = re.compile(r"9{2,6}(?:\.9{1,2})?")
"""What stands for a missing number: -999, 9999.9."""
TIMES_AS_FAR = (10, 3)
"""How many times as far from the others as they from each other, where it has two digits, and where more."""
FEWEST = 3
"""Other numbers that it takes to tell."""


@dataclass
class Cells:
    """The cells of a column as texts, and what is known of them before it is decided what they are."""

    name: str
    source: int
    texts: Sequence[str]
    kind: str = "auto"
    counts: Counter[str] = field(init=False)
    numerals: dict[str, Numeral] = field(default_factory=dict)
    evidence: Evidence | None = None
    many: bool = False
    """Whether letters stand for zeros, as in 3K."""
    notes: list[str] = field(default_factory=list)
    doubt: str = ""
    """What else its decimal sign could be, "comma" or "dot", where nothing tells."""

    def __post_init__(self) -> None:
        self.counts = Counter(self.texts)
        if self.kind in ("auto", "number"):
            self._look()

    def _look(self) -> None:
        """Find out whether this is a column of numbers, and what its commas and dots say."""
        known = {text: n for text, n in self.counts.items() if text.lower() not in GAPS}
        found = {text: numeral for text in known if (numeral := numerals.split(text)) is not None}
        forced = self.kind == "number"
        bounds = {text for text, numeral in found.items() if numeral.mark == "bound"}
        if not forced and 2 * sum(known[text] for text in bounds) > sum(known[text] for text in found):
            found = {text: numeral for text, numeral in found.items() if text not in bounds}  # <=50K and >50K are words
        total, right = sum(known.values()), sum(known[text] for text in found)
        if not forced and (not right or right < NUMERIC * total):
            return
        unit = numerals.common_unit(found)
        if unit is None and self._has_flags(found):
            unit = ""
            self.notes.append(f"{self.name}: letters behind numbers are left out, as in {self._example(found)}.")
        if unit is None and not forced:
            some = list(dict.fromkeys(numeral.unit for numeral in found.values() if numeral.unit))[:3]
            if sum(self.counts[text] for text in found if found[text].unit) > 0.5 * right:
                self.notes.append(f"{self.name}: numbers with different units ({', '.join(some)}) are read as words.")
            return
        if not forced and are_codes(found):
            example = next((text for text in found if text[0] == "0"), next(iter(found)))
            self.notes.append(f"{self.name}: codes as {example[:30]} are read as words, with all their digits.")
            return
        self.numerals, self.evidence = found, Evidence.of(found.values())
        self.many = numerals.has_many(found)
        self._say_marks()
        if self.many:
            letters = " and ".join(sorted({numeral.unit for numeral in found.values()} - {""}))
            self.notes.append(f"{self.name}: the zeros that {letters} stand for are read, as 3K is 3000.")
        elif unit:
            self.notes.append(f"{self.name}: numbers are read without “{unit}”.")

    def _has_flags(self, found: Mapping[str, Numeral]) -> bool:
        """Tell whether the different units are single letters as statistical offices put them, behind a few of the numbers."""
        units = {numeral.unit for numeral in found.values() if numeral.unit}
        behind = sum(self.counts[text] for text, numeral in found.items() if numeral.unit)
        return units <= FLAGS and 2 * behind <= sum(self.counts[text] for text in found)

    def _example(self, found: Mapping[str, Numeral]) -> str:
        return next(text for text, numeral in found.items() if numeral.unit)[:30]

    def _say_marks(self) -> None:
        """Say what else stands in cells of numbers, and what was made of it."""
        for mark, said in (
            ("bound", "{} is read as the number alone, and so are others with such a sign."),
            ("footnote", "marks behind numbers are left out, as in {}."),
            ("dash", "{!r} is read as 0."),
            ("angle", "degrees and minutes are read as degrees, as {}."),
        ):
            text = next((text for text, numeral in self.numerals.items() if numeral.mark == mark), None)
            if text is not None:
                self.notes.append(f"{self.name}: {said.format(text[:30])}")

    @property
    def is_number(self) -> bool:
        """Tell whether this is a column of numbers."""
        return self.evidence is not None

    def columns(self, signs: Signs, order: Array) -> list[tuple[Column, Array]]:
        """Read the cells: one column of numbers or of words, or several that stand for a date."""
        looks_dated = dates.DATED.search(self.name) is not None
        compact = self.kind == "date" or (looks_dated and bool(self.numerals))
        if self.kind == "date" or (self.kind == "auto" and (not self.is_number or compact)):
            gone = [text.lower() in GAPS for text in self.texts]
            dotted = (signs.chosen or signs.table or ".") == "." and signs.separator != "semicolon"
            month_first = dotted and any("/" in text for text in self.counts)
            share = NUMERIC if self.kind == "auto" else 0.01
            found = dates.read_dates(self.texts, gone, month_first, share, compact)
            if found is not None:
                return self._dated(found, order)
            if self.kind == "date":
                self.notes.append(f"{self.name}: none of its cells is a date, as {self.texts[0][:30]!r}.")
        if self.is_number:
            return [self._numbers(signs, order)]
        return [self._words(order)]

    def _dated(self, found: dates.Dates, order: Array) -> list[tuple[Column, Array]]:
        parts = dates.parts_of(self.name, found)
        trend = "how long it is" if found.only_times and len(parts) == 1 else "how late it is"
        means = {"trend": trend, "time of year": "the time of year", "weekday": "the weekday", "hour": "the hour"}
        said = [means[part] for part in dict.fromkeys(part for _, part, _ in parts)]
        guess = f"; {found.guess}, as nothing tells" if found.guess else ""
        cycles = " (each of the cycles as sin and cos)" if len(said) > 1 else ""
        word = "times" if found.only_times else "dates"
        self.notes.append(f"{self.name}: {word} are read as numbers: {', '.join(said)}{cycles}{guess}.")
        lost = int(np.isnan(parts[0][2]).sum()) - sum(n for text, n in self.counts.items() if text.lower() in GAPS)
        if lost:
            self.notes.append(f"{self.name}: {plural(lost, 'cell')} no date; counted as missing.")
        return [self._column(name, values, part, order) for name, part, values in parts]

    def _column(self, name: str, values: Array, part: str, order: Array) -> tuple[Column, Array]:
        known = values[np.isfinite(values)]
        found = np.unique(known)
        listed = [written(v) for v in found.tolist()] if len(found) <= MOST_LISTED else []
        mean, std = (float(known.mean()), float(known.std())) if len(known) else (None, None)
        column = Column(name, "number", len(values) - len(known), len(found), listed, mean, std, source=self.source, part=part)
        judge(column, values, order)
        return column, values

    def _numbers(self, signs: Signs, order: Array) -> tuple[Column, Array]:
        evidence = self.evidence
        assert evidence is not None
        decimal, guessed = signs.decide(evidence)
        read = {text: numerals.convert(numeral, decimal, self.many) for text, numeral in self.numerals.items()}
        self._say_signs(decimal, guessed, read)
        large = [text for text, value in read.items() if not abs(value) < LARGEST]
        if large:
            n = sum(self.counts[text] for text in large)
            self.notes.append(
                f"{self.name}: {plural(n, 'cell')} too large, as {large[0][:30]!r}, which is over 1e30; counted as missing."
            )
            for text in large:
                read[text] = math.nan
        for text in self._far_ones(read) if self.kind == "auto" else []:
            self.notes.append(
                f"{self.name}: {text} stands far from all other numbers, as a mark for missing cells does; "
                f"{plural(self.counts[text], 'cell')} counted as missing. Choose “a number” for this column to keep it."
            )
            read[text] = math.nan
        odd = [text for text in self.counts if text not in read and text.lower() not in GAPS]
        if odd:
            n = sum(self.counts[text] for text in odd)
            self.notes.append(f"{self.name}: {plural(n, 'cell')} no number, as {odd[0][:30]!r}; counted as missing.")
        words = [text for text in self.counts if text.lower() in GAPS - NEVER - {"na", "n/a", "none", "-"}]
        if words:
            self.notes.append(f"{self.name}: {words[0]!r} counts as missing.")
        return self._column(self.name, np.array([read.get(text, math.nan) for text in self.texts]), "", order)

    def _far_ones(self, read: Mapping[str, float]) -> list[str]:
        """Find -999 and the like: nothing but nines, and far outside of where all other numbers lie."""
        nines = {text: value for text, value in read.items() if NINES.fullmatch(written(abs(value)))}
        others = sorted({value for text, value in read.items() if text not in nines and math.isfinite(value)})
        if not nines or len(others) < FEWEST:
            return []
        low, high = others[0], others[-1]
        found = []
        for text, value in nines.items():
            far = TIMES_AS_FAR[abs(value) >= 999] * (high - low)
            is_below = value < 0 <= low and abs(value) >= 999 and self.counts[text] > 1
            if is_below or max(low - value, value - high) > far:
                found.append(text)
        return found

    def _say_signs(self, decimal: str, guessed: bool, read: dict[str, float]) -> None:
        """Say what a comma or a dot was taken for, wherever a person might take it for the other."""
        names = {",": "comma", ".": "dot"}
        examples: dict[str, str] = {}
        for text, numeral in self.numerals.items():
            examples.setdefault(numerals.decimal_in(numeral.digits), text)
        if examples.keys() >= {",", "."}:
            one, other = (self.numerals[examples[sign]].digits for sign in (",", "."))
            self.notes.append(f"{self.name}: both signs part decimals in it, the comma in {one} and the dot in {other}.")
        found = [examples[said] for said in ("either,", "either.") if said in examples]
        if guessed:
            said = " and ".join(f"{self.numerals[text].digits} was read as {written(abs(read[text]))}" for text in found)
            self.doubt = names[numerals.opposite(decimal)]
            self.notes.append(
                f"{self.name}: {said}, with the {names[decimal]} as decimal sign: nothing tells if it is that, or parts "
                "thousands; choose the decimal sign if that is wrong."
            )
            return
        for text in found:
            digits = self.numerals[text].digits
            if (sign := numerals.decimal_in(digits)[-1]) != decimal:
                value = written(abs(read[text]))
                self.notes.append(f"{self.name}: the {names[sign]} parts thousands, {digits} is {value}.")

    def _words(self, order: Array) -> tuple[Column, Array]:
        spelled = self._spellings()
        counts: Counter[str] = Counter()
        for text, n in self.counts.items():
            counts[spelled[text]] += n
        soft = [word for word in counts if word.lower() in GAPS - NEVER]
        others = [n for word, n in counts.items() if word.lower() not in GAPS]
        mean = sum(others) / len(others) if others else math.inf
        kept = [word for word in soft if counts[word] >= AS_OFTEN * mean and self.kind != "number"]
        missing = {word for word in counts if word.lower() in NEVER} | {word for word in soft if word not in kept}
        if kept:
            self.notes.append(
                f"{self.name}: {kept[0]!r} is a word like others; it stands there {plural(counts[kept[0]], 'time')}."
            )
        if gone := [word for word in soft if word in missing]:
            self.notes.append(f"{self.name}: {gone[0]!r} counts as missing ({plural(counts[gone[0]], 'cell')}).")
        words = sorted(word for word in counts if word not in missing)
        place: dict[str, float] = {word: float(k) for k, word in enumerate(words)}
        values = np.array([place.get(spelled[text], math.nan) for text in self.texts])
        lost = int(np.isnan(values).sum())
        listed = words if len(words) <= MOST_LISTED else []
        column = Column(self.name, "word", lost, len(words), listed, None, None, source=self.source)
        judge(column, values, order)
        return column, values

    def _spellings(self) -> dict[str, str]:
        """Give the one spelling of words that differ in Unicode's form or in capitals alone, and say so."""
        spelled = {text: text if text.isascii() else unicodedata.normalize("NFC", text) for text in self.counts}
        counts: Counter[str] = Counter()
        for text, n in self.counts.items():
            counts[spelled[text]] += n
        alike: dict[str, list[str]] = {}
        for word in counts:
            alike.setdefault(word.casefold(), []).append(word)
        several = [words for words in alike.values() if len(words) > 1 and words[0].lower() not in GAPS]
        if not several or len(alike) > MOST_LISTED:
            return spelled
        merged = {word: max(words, key=lambda w: (counts[w], w)) for words in several if len(words[0]) > 1 for word in words}
        for words in several[:1]:
            both = " and ".join(repr(word[:30]) for word in words[:2])
            one = f"one word, {merged[words[0]][:30]!r}" if words[0] in merged else "two words, capital and small"
            self.notes.append(f"{self.name}: {both} are read as {one}.")
        return {text: merged.get(word, word) for text, word in spelled.items()}


def are_codes(found: Mapping[str, Numeral]) -> bool:
    """Tell whether whole numbers are codes: as numbers different ones would be the same, or would lose their zeros."""
    digits = {numeral.digits for numeral in found.values()}
    if not all(d.isdecimal() for d in digits) or any(n.unit or n.negative or n.exponent for n in found.values()):
        return False
    lengths = {len(d) for d in digits}
    padded = any(d[0] == "0" and len(d) > 1 for d in digits)
    if not padded and max(lengths) <= 15:
        return False
    return len({float(d) for d in digits}) < len(digits) or (padded and len(lengths) == 1 and lengths.pop() >= CODE)
