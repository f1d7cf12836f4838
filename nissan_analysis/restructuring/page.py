"""The tables of a plant sheet, cut so that its body takes one page whatever the plant and the date."""

from __future__ import annotations

import math
from typing import Any

from ..ledger import Ledger
from ..tables import Table
from . import figures, plant_keys, sheet
from .after import unknown, work

#: Lines of a table that a page holds, and what a table takes beside its rows.
PAGE = 57.5
TABLE = 6.0


def tables(ledger: Ledger, p: Any) -> list[Table | None]:
    """Events and figures of the plant, as many as fit below its opening, by an estimate in lines."""
    title, said = sheet.finding(ledger, p)
    used = 2.6 * math.ceil(len(title.text) / 38) + 1.75 * math.ceil(len(said.text) / 82)
    keys = plant_keys.keys(ledger, p)
    across = 4 if len(keys) == 4 else 3
    for row in range(0, len(keys), across):
        some = keys[row : row + across]
        used += 3.4 + max(math.ceil(len(k.note.text) * across / 96) for k in some)
        used += any(len(k.value.text) * across > 48 for k in some)
    for told in (work(ledger, p), unknown(ledger, p)):
        used += 1.5 * math.ceil(len(told.text) / 98) + 0.6 if told is not None else 0.0
    room = PAGE - used - TABLE
    events = sheet.events(ledger, p, 0.6 * (room - TABLE))
    if events is not None:
        room -= TABLE + sum(
            figures.row_lines((r[1].text, 36), (r[3].text, 36)) for r in events.rows
        )
    return [events, figures.table(ledger, p, room)]
