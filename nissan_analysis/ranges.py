"""The values of a parameter from a few words: ``*``, ``oppama,wuhan``, ``2024-01-31..2025-12-31/month``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from .periods import month_end
from .wanted import choices, wanted

#: Steps through the calendar, in months; a week and a day are counted in days.
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_DAYS = {"day": 1, "week": 7}
MOST = 10_000


def values_of(schema: dict[str, Any], text: str) -> list[str]:
    """The values that `text` stands for, in order, as one would type them.

    Raises
    ------
    ValueError
        With what is expected, as the end of a sentence.
    """
    text = text.strip()
    if text == "*":
        options = choices(schema)
        if not options:
            raise ValueError("* needs a parameter with a list of choices; give a range or values")
        return options
    first, dots, rest = text.partition("..")
    if not dots:
        values = [value.strip() for value in text.split(",")]
        if not all(values):
            raise ValueError(f"a value is empty; expected {wanted(schema)}")
        return values
    last, _, step = rest.partition("/")
    return _range(first.strip(), last.strip(), step.strip())


def _range(first: str, last: str, step: str) -> list[str]:
    values: list[str] = []
    for value in _steps(first, last, step):
        values.append(value)
        if len(values) > MOST:
            raise ValueError(f"the range has more than {MOST:,} values")
    if not values:
        raise ValueError(f"{first} is later than {last}, so the range is empty")
    return values


def _steps(first: str, last: str, step: str) -> Iterator[str]:
    if re.fullmatch(r"\d{4}-\d\d(-\d\d)?", first) and len(first) == len(last):
        months, days = _MONTHS.get(step or "month", 0), _DAYS.get(step, 0)
        if not months and (not days or len(first) == 7):
            some = ", ".join([*_MONTHS, *(_DAYS if len(first) == 10 else ())])
            raise ValueError(f"'{step}' is no step of dates; expected one of {some}")
        return _dates(first, last, months, days)
    try:
        start, end, by = Decimal(first), Decimal(last), Decimal(step or 1)
        if not all(number.is_finite() for number in (start, end, by)) or by <= 0:
            raise InvalidOperation
    except InvalidOperation:
        raise ValueError(
            "expected first..last/step, such as 2024-01-31..2025-12-31/month or 60..90/5"
        ) from None
    count = int((end - start) // by) + 1 if start <= end else 0
    return (f"{start + by * n:f}" for n in range(count))


def _dates(first: str, last: str, months: int, days: int) -> Iterator[str]:
    """From a month's last day every step is a month's last day; else the same day where there is one."""
    start, end = (date.fromisoformat(f"{day}-01"[:10]) for day in (first, last))
    to_the_end = len(first) == 10 and start == month_end(start.year, start.month)
    day, count = start, 0
    while day <= end:
        yield day.isoformat()[: len(first)]
        count += 1
        if days:
            day = start + timedelta(days * count)
            continue
        year, month = divmod(start.year * 12 + start.month - 1 + months * count, 12)
        end_of_it = month_end(year, month + 1)
        day = end_of_it if to_the_end else end_of_it.replace(day=min(start.day, end_of_it.day))
