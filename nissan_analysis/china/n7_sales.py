"""The N7, Nissan's electric sedan for China: what it sold, and how the rest moved meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from ..charts import Chart
from ..drawing import columns, describe
from ..ledger import Ledger
from ..periods import shift_years
from ..quantity import Quantity, change, counted, facts_behind, share, total
from ..wording import phrase
from .levels import NISSAN


@dataclass(frozen=True)
class N7:
    """What the N7 sold, and how the rest of Nissan's sales moved meanwhile."""

    months: list[tuple[str, Quantity]]
    sold: Quantity
    part: Quantity
    gained: Quantity | None  #: change of all sales on the same months a year before
    rest: Quantity | None  #: the same without the N7
    rest_change: Quantity | None
    price: Quantity | None
    first: str
    last: str

    @property
    def count(self) -> Quantity:
        return counted(len(self.months), "months", self.sold.facts, "counted")

    @property
    def rest_loss(self) -> Quantity | None:
        return -self.rest if self.rest is not None else None

    @property
    def rest_drop(self) -> Quantity | None:
        return -self.rest_change if self.rest_change is not None else None


def n7(ledger: Ledger) -> N7 | None:
    """None before the first monthly figure."""
    points = list(ledger.series("sales", "n7", "ME"))
    if not points:
        return None
    span = (points[0].period[0].replace(day=1), points[-1].period[1])
    whole = ledger.find("sales", NISSAN, span)
    before = ledger.find("sales", NISSAN, shift_years(span, -1))
    if whole is None:
        return None
    sold = total(x.quantity for x in points)
    rest = whole - sold
    return N7(
        [(x.label, x.quantity) for x in points], sold, share(sold, whole),
        whole - before if before is not None else None,
        rest - before if before is not None else None,
        change(rest, before) if before is not None else None,
        ledger.find("list_price_cny", "n7", "2025-04-27", basis="from_price"),
        points[0].label, points[-1].label,
    )  # fmt: skip


def n7_chart(ledger: Ledger) -> Chart | None:
    """Monthly sales of the N7."""
    found = n7(ledger)
    if found is None or len(found.months) < 2:
        return None
    labels = [label for label, _ in found.months]
    values = [q.value for _, q in found.months]
    best = max(range(len(values)), key=values.__getitem__)
    title = phrase("The latest known month of the N7, {m}, was its best", m=labels[best])
    if best != len(values) - 1:
        title = phrase("The best of the {k:w} months known of the N7 was {m}, with {n:,}",
                       k=found.count, n=found.months[best][1], m=labels[best])  # fmt: skip

    def draw(axes: Axes) -> None:
        colours = ["accent" if i == best else "accent-soft" for i in range(len(values))]
        columns(axes, [f"{x[:3]}\n{x[-4:]}" for x in labels], values, colours, places=0)

    facts = facts_behind(q for _, q in found.months)
    data = pd.DataFrame({"month": labels, "vehicles": values})
    return Chart("china-n7", title, "Sales of the N7 in China by month, vehicles",
                 describe("Columns", "monthly N7 sales", labels, values, "vehicles", 0), data, facts, draw, height=2.3)  # fmt: skip
