"""Comparing editions: what is paired with what, what moved, and because of which facts."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from nissan_analysis import cli, comparing_page, editions, series_page
from nissan_analysis.comparing import CompareError, compare
from nissan_analysis.parameters import ParameterError

SOURCES = [
    {"key": "s1", "publisher": "Maker", "published": "2024-01-10"},
    {"key": "s2", "publisher": "Paper", "published": "2025-01-09"},
]


def number(
    text: str, value: float, facts: list[str], name: str = "n", **more: Any
) -> dict[str, Any]:
    unit = more.pop("unit", "vehicles")
    told = {"text": text, "value": value, "unit": unit, "facts": facts, "name": name, "how": ""}
    return told | {"key": f"{text}/{name}"} | more


def edition(as_of: str, passages: list[tuple[Any, ...]], **more: Any) -> dict[str, Any]:
    """An edition of (part, kind, label, text, numbers) rows; a fact's value is in its name's end."""
    numbers: list[dict[str, Any]] = []
    told = []
    for part, kind, label, text, own in passages:
        places = list(range(len(numbers), len(numbers) + len(own)))
        numbers += own
        told.append(
            {
                "part": part,
                "where": part,
                "kind": kind,
                "label": label,
                "text": text,
                "numbers": places,
            }
        )
    for place, one in enumerate(numbers):
        one["key"] = f"{place}"
    facts = {
        f: {"label": f.split("-")[0], "period": f.split("-")[1], "value": more.get("values", {}).get(f, 1),
            "unit": "vehicles", "source": "s2" if f.endswith("2024") else "s1"}
        for n in numbers for f in n["facts"]
    }  # fmt: skip
    return {
        "report": "tiny", "title": "t", "as_of": as_of, "passages": told, "numbers": numbers, "facts": facts,
        "sources": SOURCES, "charts": more.get("charts", []), "foot": {"data": str(more.get("values"))},
    }  # fmt: skip


def sales(year: int, text: str, value: float) -> tuple[Any, ...]:
    said = f"Sales were {text} in {year}."
    return ("sales", "text", "", said, [number(text, value, [f"sales-{year}"])])


def test_a_sentence_that_moved_place_is_paired_by_what_it_says():
    plan = ("sales", "text", "", "A plan was announced.", [])
    then = edition("2024-03-31", [sales(2023, "793", 793), plan])
    now = edition("2025-03-31", [plan, sales(2024, "697", 697)])
    (one,) = compare(then, now).differences
    assert (one.kind, one.then, one.now) == (
        "changed",
        "Sales were 793 in 2023.",
        "Sales were 697 in 2024.",
    )
    (moved,) = one.numbers
    assert (moved.then, moved.now, moved.difference) == ("793", "697", "−96 vehicles")
    assert [c.kind for c in one.causes] == ["new", "gone"]
    assert one.causes[0].words == "sales, 2024: 1 vehicles (Paper, 2025-01-09)"


def test_what_has_no_partner_is_new_or_gone():
    then = edition("2024-03-31", [("a", "text", "", "The plant will stay open.", [])])
    now = edition("2025-03-31", [("a", "text", "", "Twenty thousand jobs are to go.", [])])
    found = compare(then, now)
    assert [(d.kind, d.then or d.now) for d in found.differences] == [
        ("new", "Twenty thousand jobs are to go."),
        ("gone", "The plant will stay open."),
    ]
    assert found.counts["new"] == found.counts["gone"] == 1


def test_rows_are_paired_by_their_label_and_not_by_their_place():
    def row(label: str, text: str, value: float) -> tuple[Any, ...]:
        return ("t", "row", label, f"{label} | {text}", [number(text, value, [f"{label}-2023"])])

    then = edition("2024-03-31", [row("Oppama", "10", 10), row("Kyushu", "20", 20)])
    now = edition("2025-03-31", [row("Kyushu", "25", 25), row("Oppama", "10", 10)])
    (one,) = compare(then, now).differences
    assert one.then.startswith("Kyushu")
    assert one.numbers[0].difference == "+5 vehicles"


def test_numbers_about_different_things_are_not_paired():
    then = edition(
        "2024-03-31",
        [
            (
                "title",
                "title",
                "",
                "42% of EVs",
                [number("42%", 0.42, ["evs-2023"], "x", unit="ratio")],
            )
        ],
    )
    now = edition(
        "2025-03-31",
        [
            (
                "title",
                "title",
                "",
                "Sales down 12%",
                [number("12%", 0.12, ["sales-2024"], "x", unit="ratio")],
            )
        ],
    )
    (one,) = compare(then, now).differences
    assert one.numbers == ()


def test_the_same_fact_with_another_value_is_the_cause():
    then = edition("2024-03-31", [sales(2023, "793", 793)], values={"sales-2023": 793})
    now = edition("2024-03-31", [sales(2023, "790", 790)], values={"sales-2023": 790})
    found = compare(then, now)
    assert found.then != found.now, "editions of one day are told apart by their data"
    assert found.facts == {"new": 0, "gone": 0, "changed": 1}
    assert (
        found.differences[0].causes[0].words
        == "sales, 2023: 793, now 790 vehicles (Maker, 2024-01-10)"
    )


def test_a_fall_that_became_a_rise_is_called_so():
    then = edition(
        "2024-03-31",
        [
            (
                "a",
                "text",
                "",
                "It fell 3%.",
                [number("3%", 0.03, ["s-2023"], how="fall from A to B", unit="ratio")],
            )
        ],
    )
    now = edition(
        "2025-03-31",
        [
            (
                "a",
                "text",
                "",
                "It rose 2%.",
                [number("2%", 0.02, ["s-2024"], how="change from A to B", unit="ratio")],
            )
        ],
    )
    (one,) = compare(then, now).differences
    assert one.numbers[0].difference == "a fall became a rise"


def test_charts_are_compared_by_their_data():
    def chart(*rows: list[str]) -> dict[str, Any]:
        return {"part": "c", "title": "Sales", "alt": f"{rows}", "rows": list(rows)}

    then = edition("2024-03-31", [], charts=[chart(["2022", "1"], ["2023", "2"])])
    now = edition("2025-03-31", [], charts=[chart(["2023", "3"], ["2024", "4"])])
    (moved,) = compare(then, now).charts
    assert (moved.new, moved.gone, moved.changed) == (("2024",), ("2022",), ("2023",))
    assert comparing_page.chart_rows(moved) == "new 2024; gone 2022; changed 2023"


def test_equal_editions_differ_in_nothing():
    one = edition("2024-03-31", [sales(2023, "793", 793)])
    found = compare(one, one)
    assert (found.differences, found.charts, found.same) == ((), (), 1)


def test_hostile_text_comes_out_as_text():
    then = edition("2024-03-31", [("a", "text", "", "A <script>alert(1)</script> b", [])])
    now = edition("2025-03-31", [("a", "text", "", "A <script>alert(2)</script> b", [])])
    page = comparing_page.page([compare(then, now)])
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_what_cannot_be_compared_is_refused(tmp_path):
    one = edition("2024-03-31", [])
    with pytest.raises(CompareError, match="two reports, tiny and other"):
        compare(one, one | {"report": "other"})
    with pytest.raises(CompareError, match="older version"):
        compare({k: v for k, v in one.items() if k != "passages"}, one)
    with pytest.raises(CompareError, match="not of one kind"):
        editions.compared("2024-03-31", str(tmp_path), ["briefing"])
    with pytest.raises(CompareError, match="neither a date"):
        editions.compared("yesterday", "today", ["briefing"])


def test_of_two_folders_what_both_hold_is_compared_and_the_rest_is_listed(tmp_path, capsys):
    """It refused as a whole when one folder lacked a report."""
    one = edition("2024-03-31", [sales(2023, "793", 793)])
    held = {
        "old": ("tiny", "gone"),
        "new": ("tiny", "added", "more"),
        "far": ("elsewhere",),
        "bare": (),
    }
    for folder, names in held.items():
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / f"{name}.facts.json").write_text(json.dumps(one))
    old, new, far, bare = (str(tmp_path / folder) for folder in held)
    assert editions.lone(old, new) == (["gone"], ["added", "more"])
    assert editions.lone("2024-03-31", "2025-03-31") == ([], [])
    page = tmp_path / "page.html"
    assert cli.run(["compare", old, new, "--out", str(page)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("tiny: 31 March 2024") and said.count("passages changed") == 1
    assert f"Only in {old}, not compared: gone.\nOnly in {new}, not compared: added, more." in said
    assert f"Only in {new}, not compared: added, more." in page.read_text(encoding="utf-8")
    assert cli.run(["compare", old, new, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [c["report"] for c in told["compared"]] == ["tiny"]
    assert (told["only_then"], told["only_now"]) == (["gone"], ["added", "more"])
    assert cli.run(["compare", old, old]) == 0
    assert "Only in" not in capsys.readouterr().out
    for other, words in ((far, "elsewhere"), (bare, "no facts.json")):
        assert cli.run(["compare", old, other]) == 2
        assert f"({words}) hold no report of the same name" in " ".join(
            capsys.readouterr().err.split()
        )


def test_the_last_days_of_months():
    days = editions.days_of("2023-12", "2024-03", "month")
    assert [str(d) for d in days] == ["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"]
    assert [str(d) for d in editions.days_of("2023-03", "2023-12", "quarter")][-1] == "2023-12-31"
    with pytest.raises(ParameterError, match="every: got 'week'"):
        editions.days_of("2023-12", "2024-03", "week")
    with pytest.raises(ParameterError, match="is after"):
        editions.days_of("2024-12", "2024-03", "month")


@pytest.mark.slow
def test_the_briefing_tells_what_happened_between_two_days(tmp_path, capsys):
    arguments = ["compare", "2024-03-31", "2025-06-30", "--out", str(tmp_path / "moved.html")]
    assert cli.run(arguments) == 0
    text = capsys.readouterr().out
    assert text.startswith("briefing: 31 March 2024 → 30 June 2025")
    story = text.split("WHERE DOES NISSAN STAND?")[0]
    assert "+ Nissan: sales in China down 12% from 2023 to 2024" in story
    assert "793,768 → 696,631 (−97,137 vehicles)" in story
    assert (
        "new: Sales, Nissan in China, 2024: 696,631 vehicles (nippon.com (Jiji), 2025-01-09)"
        in story
    )
    assert "42% → 12%" not in text, "the Sakura's share is not the fall in China"
    assert "+ Job cuts, target | – | 20,000 (FY2024–FY2027)" in text
    page = (tmp_path / "moved.html").read_text(encoding="utf-8")
    assert re.search("<del>[^<]*793,768", page)
    assert re.search("<ins>[^<]*696,631", page)


@pytest.mark.slow
def test_a_series_of_editions_and_its_page(tmp_path, capsys):
    arguments = [
        "vintages",
        "alliances",
        "--since",
        "2025-01",
        "--until",
        "2025-04",
        "--every",
        "quarter",
    ]
    assert cli.run([*arguments, "--out", str(tmp_path), "--formats", "facts"]) == 0
    made = [json.loads(p.read_text()) for p in sorted(tmp_path.glob("*.facts.json"))]
    assert [e["as_of"] for e in made] == ["2025-01-31", "2025-04-30"]
    page = (tmp_path / "alliances-vintages.html").read_text(encoding="utf-8")
    assert "2 editions, as known between 31 January 2025 and 30 April 2025" in page
    assert "alliances-2025-01-31.html" not in page, "no such page was asked for"
    assert "alliances-2025-01-31.html" in series_page.page(made, "{report}-{day}.html")
    cut = series_page.stretches(made)
    assert len(cut) == 2, "the end of the talks with Honda moved the headline"
    assert any("Honda" in cause.words for cause in cut[1].causes)
