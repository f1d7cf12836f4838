"""What a row of `data/` said on an earlier day: outcomes and fates that were not yet known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Seen = Callable[[str], bool]  # whether a source was out


def event_at(event: Any, seen: Seen) -> Any:
    """An event without what became of it, where that was not known yet."""
    if not event.outcome_source or seen(event.outcome_source):
        return event
    blank: dict[str, Any] = {"outcome": "", "outcome_status": "open"}
    blank |= {"outcome_date": None, "outcome_source": ""}
    return event.model_copy(update=blank)


def plant_at(plant: Any, seen: Seen) -> Any:
    """A plant without its fate, where a source of that was not out yet."""
    known = [s for s in plant.sources.split() if seen(s)]
    if len(known) == len(plant.sources.split()):
        return plant
    blank: dict[str, Any] = {"fate": "", "status": "not known at this date"}
    blank |= {"end_date": None, "end_precision": "", "one_of_seven": "unclear"}
    return plant.model_copy(update=blank | {"sources": " ".join(known)})
