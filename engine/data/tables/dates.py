"""Dates and times: what a column of them says, and the numbers that a person would want: a trend, and cycles."""

import datetime
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array

MONTHS = {
    name: k + 1
    for k, names in enumerate(
        [
            "jan ene gen янв",
            "feb fév fev фев",
            "mar mär mrz mrt мар",
            "apr abr avr апр",
            "may mai mag mei maj май мая",
            "jun juin giu июн",
            "jul juil lug июл",
            "aug ago aoû авг",
            "sep set сен",
            "oct okt ott out окт",
            "nov ноя",
            "dec dez dic déc дек",
        ]
    )
    for name in names.split()
}
ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?\s*(?P<half>[ap]\.?m\.?)?"
ZONE = r"\s*(?:Z|(?:UTC|GMT)?\s?(?:[+-]\d{1,2}(?::?\d{2})?)?|[A-Z]{3,4})"
AFTER = rf"(?:(?:\s+|T|,\s*){TIME}{ZONE})?"
WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
NAME = r"(?P<name>[^\W\d_]{3,10})"
FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{WEEKDAY}(?P<year>\d{{4}})(?P<by>[-/.])(?P<month>\d{{1,2}})(?:(?P=by)(?P<day>\d{{1,2}}))?{AFTER}",
        rf"{WEEKDAY}(?P<one>\d{{1,2}})(?P<by>[-/.])(?P<two>\d{{1,2}})(?P=by)(?P<year>\d{{4}}|\d{{2}}){AFTER}",
        rf"{WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-./ ]+(?:de )?{NAME}\.?,?[-/ ]+(?:de )?(?P<year>\d{{4}}|\d{{2}}){AFTER}",
        rf"{WEEKDAY}{NAME}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){AFTER}",
        rf"{WEEKDAY}{NAME}\.?\s+(?P<day>\d{{1,2}})\s+{TIME}{ZONE}\s+(?P<year>\d{{4}})",
        rf"\[?(?P<day>\d{{1,2}})/{NAME}/(?P<year>\d{{4}}):{TIME}{ZONE}\]?",  # as servers write it
        r"(?P<name>[^\W\d_]{3,10})(?:\.?[- /]+(?P<year>\d{4}|'\d{2})|-(?P<short>\d{2}))",
        r"(?P<month>\d{1,2})[-/](?P<year>\d{4})",
        r"(?P<year>\d{4})-?W(?P<week>\d{1,2})(?:-?(?P<weekday>[1-7]))?",
        rf"(?P<year>\d{{4}})\s*[年년]\s*(?P<month>\d{{1,2}})\s*[月월](?:\s*(?P<day>\d{{1,2}})\s*[日일]{AFTER})?",
        r"(?P<year>\d{4})[- ]?Q(?P<quarter>[1-4])",
        r"Q(?P<quarter>[1-4])[- /]?(?P<year>\d{4})",
        TIME,
        TIME.replace(r"\d{1,2}", r"\d{3,4}", 1),
    )
]
COMPACT = re.compile(
    r"(?P<year>(?:19|20)\d{2})(?P<month>[01]\d)(?P<day>[0-3]\d)(?:T?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?"
)
EPOCH = re.compile(r"(?P<epoch>1\d{9}(?:\d{3})?)(?:\.\d+)?")
"""Seconds or milliseconds since 1970, from 2001 to 2033."""
DATED = re.compile(r"date|datum|fecha|day|tag|time|zeit|epoch|unix|(?:^|[\W_])(?:ts|at)$", re.IGNORECASE)
YEAR, WEEK, DAY = 365.2425, 7.0, 24.0


@dataclass
class Dates:
    """A column of dates as whole days since 1 January of the year 1 and hours of the day (NaN: missing); or of hours alone."""

    days: Array
    hours: Array
    only_times: bool
    has_days: bool
    has_times: bool
    guess: str = ""


def read_dates(texts: Sequence[str], missing: Sequence[bool], month_first: bool, share: float, compact: bool) -> Dates | None:
    """Read a column of dates; None where fewer than this share of its cells are some.

    Where days and months cannot be told apart by any cell, `month_first` says what they are.
    """
    known = {text for text, gone in zip(texts, missing, strict=True) if not gone}
    if not known:
        return None
    probe = list(known)[:50]
    forms = [*FORMS, COMPACT, EPOCH] if compact else FORMS
    if sum(match(text, forms) is not None for text in probe) < share * len(probe):
        return None
    matches = {text: found for text in known if (found := match(text, forms)) is not None}
    pairs = [(int(one), int(m["two"] or 0)) for m in matches.values() if (one := m.get("one"))]
    guess = ""
    if pairs:
        late = any(one > 12 for one, _ in pairs), any(two > 12 for _, two in pairs)
        if late[0] != late[1]:
            month_first = late[1]
        elif not any(late):
            guess = "the month stands before the day" if month_first else "the day stands before the month"
    moments = {text: when for text, m in matches.items() if (when := moment(m, month_first)) is not None}
    if sum(text in moments for text, gone in zip(texts, missing, strict=True) if not gone) < share * sum(
        not gone for gone in missing
    ):
        return None
    nothing = (math.nan, math.nan)
    cells = np.array([nothing if gone else moments.get(text, nothing) for text, gone in zip(texts, missing, strict=True)])
    used = [matches[text] for text in moments]
    only_times = all(not m.get("year") for m in used)
    if not only_times:
        cells[:, 1] = np.where(np.isnan(cells[:, 0]), np.nan, cells[:, 1])
    return Dates(
        cells[:, 0],
        cells[:, 1],
        only_times,
        any(m.get("day") or m.get("one") for m in used),
        any(m.get("hour") for m in used),
        guess,
    )


def match(text: str, forms: Sequence[re.Pattern[str]]) -> Mapping[str, str | None] | None:
    """Give the parts of a date; None where it is in none of the forms."""
    for form in forms:
        if found := form.fullmatch(text):
            parts = found.groupdict()
            if epoch := parts.get("epoch"):
                when = datetime.datetime.fromtimestamp(int(epoch[:10]), datetime.UTC)
                names = ("year", "month", "day", "hour", "minute", "second")
                return {name: f"{getattr(when, name):02}" for name in names}
            if parts.get("name") and month_of(parts["name"]) is None:
                continue
            if short := parts.get("short"):  # Mar-21, as a spreadsheet shows a month
                if (parts["name"] or "").lower() not in ENGLISH:
                    continue
                parts["year"] = f"'{short}"
            return parts
    return None


def month_of(name: str) -> int | None:
    """Give a month by its name, in English and some neighbours' languages."""
    low = name.lower()
    return MONTHS.get(low[:4]) or MONTHS.get(low[:3])


def moment(parts: Mapping[str, str | None], month_first: bool) -> tuple[float, float] | None:
    """Give the days, and the hours of the day; None where there is no such day or hour."""
    get = parts.get
    hours = 0.0
    if hour := get("hour"):
        hours = int(hour) + int(get("minute") or 0) / 60 + float((get("second") or "0").replace(",", ".")) / 3600
        if half := get("half"):
            hours = hours % 12 + (12 if half.lower().startswith("p") else 0)
        if (hours >= 24 and get("year")) or int(get("minute") or 0) > 59:
            return None
    year = get("year")
    if not year:
        return math.nan, hours
    y = int(year.lstrip("'"))
    y += (2000 if y < 69 else 1900) if len(year.lstrip("'")) == 2 else 0
    if quarter := get("quarter"):
        month, day = 3 * int(quarter) - 2, 1
    elif one := get("one"):
        day, month = int(one), int(get("two") or 1)
        if month_first and day <= 12:
            day, month = month, day
    else:
        month = int(get("month") or 0) or month_of(get("name") or "") or 1
        day = int(get("day") or 1)
    try:
        if week := get("week"):
            return float(datetime.date.fromisocalendar(y, int(week), int(get("weekday") or 1)).toordinal()), hours
        return float(datetime.date(y, month, day).toordinal()), hours
    except ValueError:
        return None


def parts_of(name: str, dates: Dates) -> list[tuple[str, str, Array]]:
    """Give the columns that stand for a column of dates: each with its name, which part it is, and its values.

    A cycle is two numbers, sin and cos of 2π t / period, so that its end lies beside its beginning.
    """
    if dates.only_times:
        found = [(f"{name} (hours)", "trend", dates.hours)]
        lasting = bool(np.nanmax(dates.hours) >= DAY)  # how long something took, and no time of the day
        return found if lasting else [*found, *cycle(name, "hour", dates.hours / DAY)]
    days, hours = dates.days, np.nan_to_num(dates.hours)
    known = days[np.isfinite(days)]
    first = int(known.min())
    span = float(known.max()) - first
    start = datetime.date.fromordinal(first).isoformat()
    late = (days - first) + hours / DAY
    if span < 2 and dates.has_times:
        found = [(f"{name} (hours since {start})", "trend", (days - first) * DAY + hours)]
    else:
        found = [(f"{name} (days since {start})", "trend", late)]
    if span > YEAR / 2:
        found += cycle(name, "time of year", (days % YEAR) / YEAR)
    if dates.has_days and span >= 2 * WEEK and len(np.unique(known % WEEK)) > 1:
        found += cycle(name, "weekday", (days % WEEK) / WEEK)
    if dates.has_times and len(np.unique(hours[np.isfinite(days)])) > 1:
        found += cycle(name, "hour", np.where(np.isnan(days), np.nan, hours) / DAY)
    return found


def cycle(name: str, part: str, turns: Array) -> list[tuple[str, str, Array]]:
    """Give the two columns of a cycle."""
    angle = 2 * np.pi * turns
    return [(f"{name}: {part}, sin", part, np.sin(angle)), (f"{name}: {part}, cos", part, np.cos(angle))]
