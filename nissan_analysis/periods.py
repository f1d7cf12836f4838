"""Periods: their names, their dates, and calendars.

A period is a pair of dates, both included. A figure at a point in time has equal dates.
Fiscal years run from April to March and are named after the year they begin in (FY2024 =
April 2024 to March 2025), as Nissan does.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re

from .wording import MONTHS, long_date, long_month

Period = tuple[dt.date, dt.date]

_FORMS = "2023, FY2023, 2023-11, 2023-01/2023-11, 2023Q1, 2023H1, FY2023Q1, FY2023H1, 2025-07-15"
_PATTERN = re.compile(
    r"(?P<fy>FY)?(?P<year>\d{4})(?:(?P<part>[QH])(?P<n>[1-4]))?"
    r"|(?P<m1>\d{4}-\d{2})(?:/(?P<m2>\d{4}-\d{2}))?"
    r"|(?P<day>\d{4}-\d{2}-\d{2})"
)


def month_end(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def months_from(start: dt.date, count: int) -> Period:
    """The period of `count` months whose first day is the first of `start`'s month."""
    last = start.year * 12 + start.month - 1 + count - 1
    return start.replace(day=1), month_end(last // 12, last % 12 + 1)


def parse_period(text: str | Period) -> Period:
    """Dates of a period written as one of: 2023, FY2023, 2023-11, 2023-01/2023-11, 2023Q1, ...

    Raises
    ------
    ValueError
        When the text is none of these forms.
    """
    if isinstance(text, tuple):
        return text
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a period; expected one of {_FORMS}.")
    if match["day"]:
        day = dt.date.fromisoformat(text)
        return day, day
    if match["m1"]:
        first, last = match["m1"], match["m2"] or match["m1"]
        start = dt.date.fromisoformat(first + "-01")
        return start, month_end(int(last[:4]), int(last[5:]))
    start = dt.date(int(match["year"]), 4 if match["fy"] else 1, 1)
    if not match["part"]:
        return months_from(start, 12)
    length = 3 if match["part"] == "Q" else 6
    offset = start.month - 1 + length * (int(match["n"]) - 1)
    return months_from(dt.date(start.year + offset // 12, offset % 12 + 1, 1), length)


def label_period(start: dt.date, end: dt.date) -> str:
    """A period as the pages print it: 2023, FY2023, November 2023, January–November 2023."""
    if start == end:
        return long_date(start)
    whole_months = start.day == 1 and end == month_end(end.year, end.month)
    if not whole_months:
        return f"{long_date(start)} to {long_date(end)}"
    count = (end.year - start.year) * 12 + end.month - start.month + 1
    if count == 12 and start.month == 1:
        return str(start.year)
    if count == 12 and start.month == 4:
        return f"FY{start.year}"
    if count > 12 and count % 12 == 0 and start.month in (1, 4):
        years = "" if start.month == 1 else "FY"
        return f"{years}{start.year}–{years}{start.year + count // 12 - 1}"
    if count == 1:
        return long_month(start)
    if start.year == end.year:
        return f"{MONTHS[start.month - 1]}–{MONTHS[end.month - 1]} {end.year}"
    return f"{long_month(start)} to {long_month(end)}"


def windows(freq: str, start: dt.date, end: dt.date) -> list[Period]:
    """All whole periods of a frequency (ME, QE, HE, YE, FY) that touch start..end."""
    length = {"ME": 1, "QE": 3, "HE": 6, "YE": 12, "FY": 12}[freq]
    first = dt.date(start.year - 1, 4 if freq == "FY" else 1, 1)
    found = []
    while first <= end:
        window = months_from(first, length)
        if window[1] >= start:
            found.append(window)
        first = window[1] + dt.timedelta(days=1)
    return found


def shift_years(period: Period, years: int) -> Period:
    """The same period some years later (negative: earlier); month ends stay month ends."""
    start, end = period
    if start.day == 1 and end == month_end(end.year, end.month):
        return start.replace(year=start.year + years), month_end(end.year + years, end.month)
    moved = tuple(
        d.replace(year=d.year + years, day=min(d.day, month_end(d.year + years, d.month).day))
        for d in period
    )
    return moved[0], moved[1]
