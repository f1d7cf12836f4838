"""A synthetic executed notebook that holds every kind of output, for the tests of document/.

The figures are invented; only their shapes are those of a real report.
"""

from __future__ import annotations

import io
from typing import Any

import matplotlib
import nbformat
from matplotlib import font_manager
from matplotlib.figure import Figure

from nissan_analysis.style import FONT_FOLDER, LIGHT

Node = nbformat.NotebookNode

PUBLISHERS = [
    "Company newsroom",
    "Reuters",
    "Industry association",
    "The Daily Business",
    "Just Auto",
]


def fact(
    text: str,
    value: float,
    low: float,
    high: float,
    ids: str,
    unit: str = "vehicles",
    status: str = "official",
) -> str:
    """The markup of one number, as the notebooks write it."""
    return (
        f'<data class="fact" value="{value:g}" data-low="{low:g}" data-high="{high:g}" data-facts="{ids}" '
        f'data-status="{status}" data-unit="{unit}" title="{low:g} to {high:g} {unit}">{text}</data>'
    )


def chart_svg(kind: str = "line", width: float = 7.2, height: float = 3.6) -> str:
    """A chart as matplotlib draws it in a batch run: labels as text, in Inter."""
    for path in FONT_FOLDER.glob("*.ttf"):
        font_manager.fontManager.addfont(str(path))
    settings = {
        "svg.fonttype": "none",
        "svg.hashsalt": "fixed",
        "font.family": "Inter",
        "font.size": 10,
    }
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(LIGHT["rule"])
        axes.grid(axis="y", color=LIGHT["grid"])
        axes.set_axisbelow(True)
        axes.tick_params(colors=LIGHT["muted"], length=0)
        years = list(range(2015, 2026))
        values = [1250, 1355, 1520, 1564, 1547, 1457, 1381, 1045, 794, 697, 653]
        if kind == "line":
            axes.plot(years, values, color=LIGHT["accent"], lw=2.2, marker="o", ms=4)
            axes.plot(years, [v * 0.55 + 300 for v in values], color=LIGHT["slate"], lw=1.6)
            axes.annotate(
                "Peak 2018", (2018, 1564), xytext=(2019, 1610), color=LIGHT["ink"], fontweight=600
            )
            axes.text(2025, 700, "Group", color=LIGHT["accent"], ha="right")
        elif kind == "bar":
            axes.bar(years, values, color=[LIGHT["pale"]] * 10 + [LIGHT["accent"]])
        else:
            names = ["Sunderland", "Oppama", "Aguascalientes", "Smyrna", "Zhengzhou"]
            axes.barh(names, [500, 240, 600, 640, 160], color=LIGHT["blue"])
            axes.grid(visible=False)
        axes.set_ylim(0, 1800) if kind != "barh" else None
        target = io.StringIO()
        figure.savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()


def output(mime: str, data: str, spec: dict[str, Any]) -> Node:
    return nbformat.v4.new_output(
        "display_data", data={mime: data}, metadata={mime: {"nissan": spec}}
    )


def code(outputs: list[Node], count: int | None = 1, source: str = "say(...)") -> Node:
    return nbformat.v4.new_code_cell(source, execution_count=count, outputs=outputs)


def markdown(text: str) -> Node:
    return nbformat.v4.new_markdown_cell(text)


def front(**changes: Any) -> Node:
    number = fact("653,000", 653000, 652500, 653500, "sales-2025")
    fall = fact("58.2%", -0.5825, -0.583, -0.582, "sales-2025 sales-2018", "ratio", "reported")
    spec: dict[str, Any] = {
        "kind": "front",
        "report": "synthetic",
        "kicker": "China",
        "title": f"Eight years of falling sales have taken {fall} off the peak, and the new models have not yet turned the curve",
        "standfirst": "What the monthly figures say about where the volume went, how much of it "
        f"is gone for good, and what the plan needs to be true. Sales stood at {number} vehicles in 2025.",
        "as_of": "2026-08-31",
        "latest_source": "2026-05-28",
        "keys": [
            {"label": "Vehicles sold in 2025", "value": number, "note": "retail, all brands"},
            {
                "label": "Below the 2018 peak",
                "value": fall,
                "note": f"from {fact('1.56', 1564000, 1563500, 1564500, 'sales-2018')} million",
            },
            {
                "label": "Years of decline in a row",
                "value": fact("seven", 7, 7, 7, "sales-2025 sales-2018", "years"),
                "note": "",
            },
            {
                "label": "Capacity use",
                "value": fact(
                    "41%", 0.412, 0.38, 0.45, "sales-2025 assumption:capacity", "ratio", "estimate"
                ),
                "note": "on our assumption of capacity",
            },
            {
                "label": "Share of the market",
                "value": fact("2.4%", 0.024, 0.0235, 0.0245, "market-2025 sales-2025", "ratio"),
                "note": f"{fact('5.8%', 0.058, 0.0575, 0.0585, 'sales-2018', 'ratio')} in 2018",
            },
            {
                "label": "New model N7, first month",
                "value": fact("3,100", 3100, 3050, 3150, "n7-may", status="reported"),
                "note": "deliveries in May 2025",
            },
        ],
    }
    return output("text/markdown", "# title", spec | changes)


def prose(text: str) -> Node:
    return output("text/markdown", text, {"kind": "prose"})


def chart(identity: str = "annual", svg: str | None = None, **changes: Any) -> Node:
    spec: dict[str, Any] = {
        "kind": "chart",
        "id": identity,
        "title": "Sales have fallen every year since 2018, and the fall was steepest when the market was growing fastest",
        "subtitle": "Retail sales, thousand vehicles a year",
        "alt": "Line chart, 2015 to 2025: sales rise to 1,564 thousand in 2018 and fall to 653 thousand in 2025.",
        "note": "Light commercial vehicles are included.",
        "source": f"Company newsroom, Reuters; last figure {fact('653', 653, 652.5, 653.5, 'sales-2025')} thousand",
        "width": "full",
        "data": {
            "columns": ["Year", "Sales, thousand", "Basis"],
            "rows": [
                [2015 + i, v, '=HYPERLINK("x")' if i == 0 else "retail"]
                for i, v in enumerate(
                    [1250, 1355, 1520, 1564, 1547, 1457, 1381, 1045, 794, 697, 653]
                )
            ],
        },
    }
    return output("image/svg+xml", svg if svg is not None else chart_svg(), spec | changes)


def table(identity: str = "plants", rows: int = 6, wide: bool = False, **changes: Any) -> Node:
    columns = [
        {"label": "Plant", "align": "left"},
        {"label": "Capacity", "align": "right"},
        {"label": "Output 2024", "align": "right"},
        {"label": "Use", "align": "right"},
    ]
    names = [
        "Sunderland",
        "Oppama",
        "Aguascalientes",
        "Smyrna",
        "Zhengzhou",
        "Kyushu",
        "Tochigi",
        "Resende",
    ]
    body = [
        [
            names[i % 8] + (f" line {i // 8 + 1}" if i >= 8 else ""),
            fact("600,000", 6e5, 5.5e5, 6.5e5, "assumption:capacity", status="estimate"),
            fact(
                f"{282_000 - 7000 * i:,}",
                282000 - 7000 * i,
                281500 - 7000 * i,
                282500 - 7000 * i,
                "sales-2025",
            ),
            fact("47%", 0.47, 0.43, 0.51, "assumption:capacity sales-2025", "ratio", "estimate"),
        ]
        for i in range(rows)
    ]
    if wide:
        columns += [
            {"label": label, "align": "left"}
            for label in ("Announced", "What was said", "What became of it", "Status")
        ]
        body = [
            [
                *row,
                "15 July 2025",
                "Vehicle assembly to end and be moved to another plant of the group",
                "Agreed with the unions; talks on the site go on",
                "**announced**",
            ]
            for row in body
        ]
    spec: dict[str, Any] = {
        "kind": "table", "id": identity, "title": "Two plants in three run at less than half of what they could build",
        "columns": columns, "rows": body, "row_headers": True, "note": "Use is output over assumed capacity.",
        "source": "Company newsroom; our assumptions", "wide": wide,
    }  # fmt: skip
    return output("text/html", "<table></table>", spec | changes)


def sources(**changes: Any) -> Node:
    def record(label: str, value: float, source: str, **more: Any) -> dict[str, Any]:
        return {"label": label, "value": value, "low": value, "high": value, "unit": "vehicles", "period": "2025", "status": "official", "basis": "retail", "qualifier": "exact", "source": source, "locator": "table 2", "note": ""} | more  # fmt: skip

    spec: dict[str, Any] = {
        "kind": "sources",
        "facts": {
            "sales-2025": record("Retail sales, China", 653000, "newsroom-2026"),
            "sales-2018": record("Retail sales, China", 1564000, "reuters-2019", period="2018"),
            "market-2025": record("Passenger car market, China", 27e6, "caam-2026"),
            "n7-may": record("Deliveries of the N7", 3100, "daily-2025", period="May 2025", status="reported"),
        },
        "sources": [
            {"key": "newsroom-2026", "number": 1, "publisher": "Company newsroom", "title": "Production, sales and exports for December 2025 and calendar year 2025", "url": "https://example.com/newsroom/2026?a=1&b=2", "published": "2026-01-28", "published_basis": "stated", "kind": "company", "quality": "primary", "facts": ["sales-2025"]},
            {"key": "reuters-2019", "number": 2, "publisher": "Reuters", "title": "China sales rose in 2018 in a falling market", "url": "https://example.com/reuters/2019", "published": "2019-01-08", "published_basis": "stated", "kind": "news", "quality": "good", "facts": ["sales-2018"]},
            {"key": "caam-2026", "number": 3, "publisher": "Industry association", "title": "Sales of passenger cars in 2025", "url": "", "published": "2026-01", "published_basis": "month", "kind": "association", "quality": "primary", "facts": ["market-2025"]},
            {"key": "daily-2025", "number": 4, "publisher": "The Daily Business", "title": "First deliveries of the N7", "url": "javascript:alert(1)", "published": "2025-06-05", "published_basis": "inferred", "kind": "news", "quality": "weak: names no source of its own", "facts": ["n7-may"]},
        ],
        "assumptions": [
            {"key": "capacity", "statement": "Each line can build 600,000 vehicles a year in two shifts", "value": 600000, "low": 550000, "high": 650000, "unit": "vehicles_per_year", "quality": "red", "impact": "amber", "reason": "No capacity has been published since 2019; taken from the last one."},
            {"key": "decay", "statement": "Half of a new model's early orders are repeated in a steady month", "value": 0.5, "low": 0.35, "high": 0.65, "unit": "ratio", "quality": "amber", "impact": "green", "reason": "Between the two last launches."},
        ],
        "foot": {"package": "0.1.0", "data": "0a1b2c3d4e5f", "code": "5f4e3d2c1b0a", "as_of": "2026-08-31", "versions": {"pandas": "3.0.1", "matplotlib": "3.11.0"}, "parameters": {"as_of": "2026-08-31", "peak_year": 2018}},
        "weak_points": [f"The first month of the N7 ({fact('3,100', 3100, 3050, 3150, 'n7-may', status='reported')}) comes from one newspaper, whose date is inferred.", "Capacity is assumed, *not* read."],
    }  # fmt: skip
    return output("text/markdown", "## Sources", spec | changes)


LONG = (
    "The company sold {a} vehicles in 2025, {b} below the peak of 2018. The market as a whole grew in the same years, to {c}, so that "
    "the fall is not one of demand. What left was the compact saloon and the mid-size crossover: the buyers of both moved to plug-in "
    "cars of domestic brands, which the joint venture did not offer before <time datetime=\"2025-04-27\">27 April 2025</time>. "
    "A reader who wants to check this can follow each number to its source; where two sources disagree, both are shown."
)  # fmt: skip


def paragraph() -> str:
    return LONG.format(
        a=fact("653,000", 653000, 652500, 653500, "sales-2025"),
        b="**"
        + fact("58.2%", -0.5825, -0.583, -0.582, "sales-2018 sales-2025", "ratio", "reported")
        + "**",
        c=fact("27 million", 27e6, 26.5e6, 27.5e6, "market-2025"),
    )


def notebook(*extra: Node) -> Node:
    """A realistic report: three charts, three tables, lists, long titles."""
    cells = [
        code([front()]),
        markdown("A paragraph before the first heading, with *emphasis*, `code` and a [link](https://example.com/x)."),
        markdown("## How far have sales fallen, and when did the fall begin?"),
        code([prose(paragraph() + "\n\n" + paragraph())]),
        code([chart()]),
        code([prose(paragraph())]),
        markdown("### Month by month\n\n1. First the level;\n2. then the season;\n   - of the market\n   - of the brand\n3. then the trend."),
        code([chart("monthly", chart_svg("bar", 3.5, 2.9), width="half", title="Deliveries fell in ten months of twelve"), chart("plants", chart_svg("barh", 3.5, 2.9), width="half", title="Five plants, one of them full")]),
        code([prose(paragraph() + "\n\n> A remark that somebody made, set as a quotation.\n\n" + paragraph())]),
        markdown("## Which plants are in doubt?"),
        code([prose(paragraph()), table()]),
        code([prose(paragraph()), chart("again", title="The same again, at full width")]),
        markdown("## What does the plan need to be true?\n\nAll of the following."),
        code([prose(paragraph()), table("wide", 9, wide=True, title="What was announced for each plant, and what became of it")]),
        code([table("long", 40, title="Every line of every plant, to show a table that takes more than a page")]),
        code([prose("\n\n".join([paragraph()] * 3))]),
        *extra,
        markdown("## Sources"),
        code([sources()]),
    ]  # fmt: skip
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index}"
    return nbformat.v4.new_notebook(cells=cells)
