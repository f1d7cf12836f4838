"""The Sakura report: figures worked out by hand, methods on worked examples, every vintage."""

from __future__ import annotations

import math
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cells import run_cells
from nissan_analysis import sakura, telling
from nissan_analysis.ledger import Ledger
from nissan_analysis.parameters import validate
from nissan_analysis.quantity import Origin, Quantity
from nissan_analysis.sakura import doubts as sakura_doubts
from nissan_analysis.sakura import figures as sakura_figures
from nissan_analysis.sakura import inhouse as sakura_inhouse
from nissan_analysis.sakura import kyushu as sakura_kyushu
from nissan_analysis.sakura import margins as sakura_margins
from nissan_analysis.sakura import market as sakura_market
from nissan_analysis.sakura import model as sakura_model
from nissan_analysis.sakura import months as sakura_months
from nissan_analysis.sakura import prices as sakura_prices
from nissan_analysis.sakura import reported as sakura_reported
from nissan_analysis.sakura import rivals as sakura_rivals
from nissan_analysis.sakura.spans import bound, either, full_years, gaps, months, span, variants
from nissan_analysis.wording import Phrase, phrase


def settings(basis: str = "calendar", first_month: str = "2022-05") -> SimpleNamespace:
    return SimpleNamespace(basis=basis, first_month=first_month)


def plain(value: float, name: str = "a", unit: str = "ratio") -> Quantity:
    return Quantity.of(value, unit, Origin((f"assumption:{name}",)))


# -- shares, by hand --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "sales", "market", "percent"),
    [
        ("2023", 37_140, 88_535, 41.95),
        ("2024", 22_926, 59_736, 38.38),
        ("FY2022", 33_097, 77_238, 42.85),
        ("FY2023", 34_081, 79_198, 43.03),
        ("FY2024", 20_832, 57_234, 36.40),
        ("2025-01/2025-06", 8_773, 27_321, 32.11),
        ("2025-04/2025-09", 6_141, 28_501, 21.55),
    ],
)
def test_share(ledger: Ledger, period: str, sales: int, market: int, percent: float) -> None:
    s = span(ledger, period)
    assert s is not None
    assert (s.sales.value, s.market.value) == (sales, market)
    assert s.share.value * 100 == pytest.approx(percent, abs=0.005)


def test_2025_under_both_sources(ledger: Ledger) -> None:
    """Jan-Sep 12,198 and a last quarter of 1,778 (Reuters) or 1,895 (Merkmal)."""
    year = span(ledger, "2025")
    assert year is not None
    sides = {q.value for _, q in variants(ledger, year.sales)}
    assert sides == {12_198 + 1_778, 12_198 + 1_895}
    assert [round(s / 60_677 * 100, 2) for s in sorted(sides)] == [23.03, 23.23]
    assert either(ledger, year.sales).text == "13,976 or 14,093"
    october = span(ledger, "2025-10")
    assert october is not None
    assert {q.value for _, q in variants(ledger, october.sales)} == {587, 704}


def test_no_variants_where_sources_agree(ledger: Ledger) -> None:
    year = span(ledger, "2023")
    assert year is not None
    assert variants(ledger, year.sales) == []
    assert either(ledger, year.sales).text == "37,140"


def test_months_and_gaps(ledger: Ledger) -> None:
    known = months(ledger, settings())
    assert len(known) == 41
    assert [m.sales.value for m in known[:3]] == [178, 1_675, 3_319]
    missing = {start.isoformat()[:7] for start, _ in gaps(ledger, settings())}
    assert missing == {"2023-09", "2023-10", "2023-12"}


def test_line_is_broken_at_gaps(ledger: Ledger) -> None:
    chart = sakura_months.monthly_chart(ledger, settings())
    assert chart is not None
    line = chart.figure().axes[0].lines[0]
    assert np.isnan(np.asarray(line.get_ydata(), dtype=float)).sum() == 2  # two runs of gaps


def test_the_twin_is_never_in_the_figure(ledger: Ledger) -> None:
    """Both twins had sold 46,893 by May 2023; the Sakura alone 38,240."""
    twins = ledger.find("sales", "sakura_and_ek_x_ev", "2022-05/2023-05")
    assert twins is not None and twins.value == 46_893
    assert ledger.quantity("sales", "sakura", "2022-05/2023-05").value == 38_240


def test_fall(ledger: Ledger) -> None:
    """37,140 to 14,093 of 88,535 to 60,677: 23,047 of 27,858 is 82.7%."""
    f = sakura_market.fall(ledger, settings())
    assert f is not None
    assert f.own_part.value == pytest.approx(23_047 / 27_858)
    assert "in 2024 it fell 38% while all others fell 28%" in f.verdict.text
    assert "in 2025 it fell 39% while all others rose 27%" in f.verdict.text


def test_split_by_hand(ledger: Ledger) -> None:
    """2024: 37,140 to 22,926 of a market of 88,535 to 59,736; L = 14,214 / ln(37,140 / 22,926)."""
    f = sakura_market.fall(ledger, settings())
    assert f is not None
    first, second = f.splits
    weight = 14_214 / math.log(37_140 / 22_926)
    assert first.market.value == pytest.approx(weight * math.log(59_736 / 88_535))
    others = (59_736 - 22_926) / (88_535 - 37_140)
    assert first.others.value == pytest.approx(weight * math.log(others))
    for one in (first, second, f.whole):
        assert one.market.value + one.share.value == pytest.approx(one.change.value)
        assert one.others.value + one.own.value == pytest.approx(one.change.value)
    assert f.whole.change.value == 14_093 - 37_140
    table = sakura_market.split_table(f)
    assert table is not None and table.rows[-1][0].text == "2023 to 2025"


def test_a_missing_fall_is_not_split() -> None:
    assert sakura_market.split_table(None) is None
    assert sakura_market.fall(Ledger.load("2024-03-31"), settings()) is None


def test_quarters(ledger: Ledger) -> None:
    table = sakura.quarters_table(ledger)
    assert table is not None
    cells = {row[0].text: [c.text for c in row[1:]] for row in table.rows}
    # July to September and October to December 2023 lack months; 2025 ends on two readings
    assert cells["July–September"][1] == cells["October–December"][1] == "–"
    assert cells["October–December"][3] == "10.4% or 11.1%"  # 1,778 or 1,895 of 17,058
    assert cells["April–June"][0].endswith("part")
    assert sakura.quarters_table(Ledger.load("2019-01-01")) is None


def test_price_and_subsidy_are_marked_on_their_days(ledger: Ledger) -> None:
    marks = {day.isoformat(): (label, said.text) for day, label, said, _ in sakura_months._rises(ledger, months(ledger, settings()))}  # fmt: skip
    assert set(marks) == {"2024-06-04", "2025-04-01"}
    assert "50,600 yen" in marks["2024-06-04"][1] and "30,000 yen" in marks["2025-04-01"][1]


def test_the_reading_that_is_not_drawn_is_named(ledger: Ledger) -> None:
    chart = sakura_market.market_chart(ledger, settings())
    assert chart is not None and chart.note is not None and "13,976" in chart.note.text
    early = sakura_market.market_chart(Ledger.load("2025-06-30"), settings())
    assert early is not None and early.note is None


# -- confusions -------------------------------------------------------------------------------


def test_total_since_launch(ledger: Ledger) -> None:
    t = sakura_figures.launch_total(ledger)
    assert t is not None and t.exact is not None
    assert t.rounded.qualifier == "nearly"
    assert t.exact.value == 63_950 == 21_887 + 37_140 + 2_314 + 2_609
    assert t.wrong.value == pytest.approx(63_950 / 88_535)


def test_nissans_own_base(ledger: Ledger) -> None:
    """34,083 at 41% (40.5 to 41.5) is 82,128 to 84,156 cars, above 79,198."""
    b = sakura_figures.nissan_base(ledger)
    assert b is not None
    assert (b.low.value, b.high.value) == (82_100, 84_200)
    assert b.low.value > b.registered.value == 79_198


def test_running_total(ledger: Ledger) -> None:
    total = sakura_figures.cumulative(ledger, 2025)
    assert total is not None
    assert {q.value for _, q in variants(ledger, total)} == {95_929, 96_046}
    table = sakura_figures.cumulative_table(ledger)
    assert table is not None
    assert {"63,950", "100,000", "46,893"} <= {row[2].text for row in table.rows}


def test_bounds_are_rounded_outwards() -> None:
    q = Quantity.of(17_000, "orders", Origin(("x",), 1_000, 1_000))
    assert (bound(q, "low", 1_000).value, bound(q, "high", 1_000).value) == (16_000, 18_000)
    assert bound(q, "low", 3_000).value == 15_000


def test_backlog(ledger: Ledger) -> None:
    """33,000 ordered and 14,822 registered by October 2022; then 26,654 registered."""
    b = sakura_rivals.backlog(ledger)
    assert b is not None
    assert (b.registered_before.value, b.registered.value) == (14_822, 3_497 + 3_568 + 19_589)
    assert (b.waiting.value, b.taken_at_most.value, b.old_at_least.value) == (17_000, 18_000, 8_600)


def test_the_target_at_launch_stands_beside_the_best_year(ledger: Ledger) -> None:
    """37,140 / 50,000 is 74%; FY2023 had 34,081."""
    told = sakura_market.launch_target(ledger)
    assert told is not None and "target" in told.statuses
    assert "target at launch was 50,000 Sakuras a year" in told.text
    assert "the best, 2023, had 37,140, 74% of it" in told.text
    early = sakura_market.launch_target(Ledger.load("2023-06-30"))  # 2022 and FY2022 are part-years
    assert early is not None and early.text.endswith("No full year was known by 30 June 2023.")


@pytest.mark.parametrize(
    ("as_of", "note"),
    [
        ("2024-03-07", None),
        ("2024-03-08", "reported for FY2028"),
        ("2024-03-31", "reported for FY2028, denied by both companies in March 2024"),
        ("latest", "reported for FY2028, denied by both companies in March 2024"),
    ],
)
def test_a_plan_that_was_denied_is_no_headline_number(as_of: str, note: str | None) -> None:
    found = sakura_reported.state_key(Ledger.load(as_of))
    assert (found and found.note.text) == note
    assert found is None or found.value.text == "Not confirmed"


def test_price_after_subsidy(ledger: Ledger) -> None:
    n = sakura_prices.net_price(ledger)
    assert n is not None
    assert n.net_then.value == 2_399_100 - 550_000
    assert n.net_now.value == 2_599_300 - 574_000
    table = sakura_prices.subsidy_table(ledger)
    assert table is not None
    caps = {row[0].text: row[1].text for row in table.rows}
    assert caps["FY2023"] == "–"
    assert table.note is not None and "FY2023" in table.note.text


def test_the_newest_months_lead_only_where_no_sakura_of_them_is_known(ledger: Ledger) -> None:
    """At the end of 2025 months of the Sakura were known, and a ceiling was told all the same."""
    p = validate("sakura_share", {})
    assert (
        "electric cars sold 3.0 times as many as in January–August 2025"
        in sakura.finding(ledger, p)[1].text
    )
    assert [k.value.text for k in sakura.keys(ledger, p)][
        -2
    ] == "12%"  # at the pace of 2025, at most
    then = Ledger.load("2025-12-31")
    assert sakura_rivals.outlook(then) is None
    assert "at most" not in sakura.finding(then, p)[1].text


def test_ceiling_of_2026(ledger: Ledger) -> None:
    """69,441 larger EVs in January to August; 14,093 x 8/12 beside them is 11.9%."""
    o = sakura_rivals.outlook(ledger)
    assert o is not None
    assert o.registered.value == 69_441
    pace = {y: s.value for y, _, s in o.ceilings}
    part = 14_093 * 8 / 12
    assert pace["2025"] == pytest.approx(part / (69_441 + part))
    peak = 37_140 / 88_535
    assert o.needed.value / (o.needed.value + 69_441) == pytest.approx(peak)


# -- in house ---------------------------------------------------------------------------------


def by_spreadsheet(
    saving: float, volume: float, investment: float, years: int, rate: float, growth: float, ramp: float
) -> float:  # fmt: skip
    """A year a row, as one would in a spreadsheet."""
    worth = -investment
    for t in range(1, years + 1):
        cars = volume * t / ramp if t < ramp else volume * (1 + growth / 100) ** (t - ramp)
        worth += saving * cars / 1e9 / (1 + rate / 100) ** t
    return worth


@pytest.mark.parametrize(
    "case",
    [
        (100_000, 30_000, 50, 7, 8, 0, 2),
        (250_000, 14_000, 8, 5, 5, -10, 1),
        (50_000, 100_000, 150, 10, 12, 10, 4),
    ],
)
def test_net_value_against_a_spreadsheet(case: tuple[float, ...]) -> None:
    saving, volume, investment, years, rate, growth, ramp = case
    made = sakura_model.net_value(saving, volume, investment, years, rate, growth, ramp)
    wanted = by_spreadsheet(saving, volume, investment, int(years), rate, growth, ramp)
    assert float(made) == pytest.approx(wanted)


def test_one_year_without_discount() -> None:
    """10,000 cars x 100,000 yen is a billion; it pays an investment of a billion exactly."""
    assert float(sakura_model.net_value(100_000, 10_000, 1, 1, 0, 0, 1)) == pytest.approx(0)


def test_break_even(ledger: Ledger) -> None:
    m = sakura_model.model(ledger)
    assert m is not None
    volume = m.break_even_volume
    assert volume is not None
    assert float(sakura_model.net_value(**(m.centre | {"volume": volume.value}))) == pytest.approx(
        0, abs=1e-9
    )
    saving = m.break_even_saving(m.inputs["volume"])
    assert saving is not None
    assert float(sakura_model.net_value(**(m.centre | {"saving": saving.value}))) == pytest.approx(
        0, abs=1e-9
    )
    assert sakura_inhouse.verdict(m).text.startswith("No source gives the Sakura's unit margin")


def test_result_names_every_assumption(ledger: Ledger) -> None:
    m = sakura_model.model(ledger)
    assert m is not None
    assert {f"assumption:{key}" for key, _ in sakura_model.INPUTS.values()} <= set(m.value.facts)


def test_draws_are_the_same_twice_and_hold_the_quantiles(ledger: Ledger) -> None:
    m = sakura_model.model(ledger)
    first, second = sakura_model.simulate(m), sakura_model.simulate(m)
    assert first is not None
    assert second is not None
    assert np.array_equal(first.values, second.values)
    assert first.low.value < first.median.value < first.high.value
    assert np.mean(first.values < first.median.value) == pytest.approx(0.5, abs=1e-3)
    assert sakura_inhouse.draws_chart(m) is not None
    assert sakura_inhouse.draws_said(m) is not None


def test_tornado_says_what_alone_can_make_it_pay(ledger: Ledger) -> None:
    """Only 8bn instead of 50bn lifts the centre of -36bn over zero: the savings are worth 14bn."""
    chart = sakura_inhouse.tornado(sakura_model.model(ledger))
    assert chart is not None and chart.note is not None
    assert "only the investment, by itself, takes the result across zero" in chart.note.text
    crossing = chart.data[(chart.data.npv_at_low > 0) | (chart.data.npv_at_high > 0)]
    assert list(crossing.assumption) == ["Investment"]


def test_tornado_moves_one_assumption_at_a_time(ledger: Ledger) -> None:
    m = sakura_model.model(ledger)
    assert m is not None
    for name, low, high, at_low, at_high in sakura_model.swings(m):
        assert at_low == pytest.approx(float(sakura_model.net_value(**(m.centre | {name: low}))))
        assert at_high == pytest.approx(float(sakura_model.net_value(**(m.centre | {name: high}))))


def test_timeline_says_what_became_of_each(ledger: Ledger) -> None:
    table = sakura_reported.timeline_table(ledger)
    assert table is not None
    rows = {row[1].text: (row[2].text, row[3].text) for row in table.rows}
    assert any(
        "deny" in title and status.startswith("denied") for title, (status, _) in rows.items()
    )
    assert any("153.3" in title and "ancelled" in end for title, (_, end) in rows.items())


def test_margins(ledger: Ledger) -> None:
    """58.0 / 12,007.9 is 0.48%; Nissan was lowest in FY2021-FY2024, Honda in FY2025."""
    m = sakura_margins.margins(ledger)
    assert m is not None
    assert m.years == (2021, 2022, 2023, 2024, 2025)
    assert m.values["nissan"][-1].ratio().value == pytest.approx(58.0 / 12_007.9)
    assert m.lowest == {"nissan": [2021, 2022, 2023, 2024], "toyota": [], "honda": [2025]}


def test_kyushu_open_figures_are_both_shown(ledger: Ledger) -> None:
    table = sakura_kyushu.use_table(ledger)
    assert table is not None
    rows = {row[1].text: (row[3].text, row[4].text) for row in table.rows}
    assert rows["330,000"] == ("64% to 68%", "about 70%")  # 325,000 / 505,000 to 335,000 / 495,000
    assert rows["350,000"] == ("68% to 72%", "–")
    load = sakura_kyushu.load_table(ledger)
    assert load is not None
    # (325 + 90) / 505 and (355 + 110) / 495 thousand
    assert [row[1].text for row in load.rows][:2] == ["64% to 72%", "82% to 94%"]
    assert (
        "about 60% in late 2025; with Oppama's cars that makes about 80%"
        in sakura_kyushu.room_said(ledger).text
    )


def test_break_even_at_the_known_investment(ledger: Ledger) -> None:
    """105,400 cars at 50bn yen are 16,900 at 8bn; the savings of 14bn less 8bn are 6bn."""
    said = sakura_inhouse.verdict(sakura_model.model(ledger)).text
    assert "about 8 billion yen" in said and "about 17,000 cars" in said and "JPY +6bn" in said


# -- every vintage ----------------------------------------------------------------------------

CASES = [
    ("2019-01-01", "calendar", "2022-05"),
    ("2022-06-30", "fiscal", "2022-05"),
    ("2022-12-31", "calendar", "2022-05"),
    ("2023-06-30", "fiscal", "2022-05"),
    ("2024-01-12", "calendar", "2023-06"),
    ("2024-03-08", "calendar", "2022-05"),
    ("2024-03-31", "fiscal", "2030-01"),
    ("2025-01-31", "calendar", "2022-05"),
    ("2025-06-30", "fiscal", "2022-05"),
    ("2025-11-30", "calendar", "2024-01"),
    ("latest", "fiscal", "2022-05"),
    ("latest", "calendar", "2025-06"),
]


def everything(ledger: Ledger, p: SimpleNamespace) -> list[object]:
    """All that the notebook shows, in its order, without the notebook."""
    m = sakura_model.model(ledger)
    return [
        *sakura.finding(ledger, p),
        *(phrase("{a}: {b}, {c}", a=k.label, b=k.value, c=k.note) for k in sakura.keys(ledger, p)),
        sakura.share_chart(ledger, p), sakura.share_table(ledger, p), sakura.quarters_table(ledger),
        sakura_market.split_table(sakura_market.fall(ledger, p)), sakura_market.launch_target(ledger),
        sakura_months.monthly_chart(ledger, p), sakura_market.market_chart(ledger, p),
        sakura_rivals.rivals_table(ledger), sakura_rivals.rivals_said(ledger),
        sakura_prices.price_table(ledger), sakura_prices.subsidy_table(ledger),
        sakura_figures.printed_table(ledger), sakura_figures.printed_said(ledger),
        sakura_figures.cumulative_table(ledger), sakura_figures.cumulative_said(ledger),
        sakura_rivals.registered_chart(ledger), sakura_rivals.outlook_said(ledger),
        sakura_reported.state(ledger), sakura_reported.timeline_table(ledger),
        sakura_kyushu.mizushima(ledger), sakura_inhouse.verdict(m),
        sakura_inhouse.volumes_table(m), sakura_inhouse.tornado(m), sakura_kyushu.use_table(ledger),
        sakura_kyushu.load_table(ledger), sakura_kyushu.room_said(ledger),
        sakura_margins.margins_said(ledger), sakura_margins.margin_chart(ledger),
        sakura_doubts.disagreements_table(ledger), sakura_doubts.missing_said(ledger, p),
        *sakura_doubts.weak_points(ledger, p),
    ]  # fmt: skip


@pytest.mark.parametrize(("as_of", "basis", "first"), CASES)
def test_every_vintage(as_of: str, basis: str, first: str) -> None:
    ledger = Ledger.load(as_of)
    said = []
    for item in everything(ledger, settings(basis, first)):
        if isinstance(item, Phrase):
            telling._check_status(item)
            said.append(item.text)
            for fact in item.facts:
                if ":" not in fact:
                    assert ledger.sources[ledger.facts[fact].source].published <= ledger.as_of
        elif item is not None:
            item.text() if hasattr(item, "rows") else item.figure()  # type: ignore[attr-defined]
            said.append(item.title.text)  # type: ignore[attr-defined]
    text = " ".join(said)
    assert "  " not in text and " ." not in text and "{" not in text
    if ledger.as_of.isoformat() < "2024-03-08":
        assert not re.search(r"FY2028|Reuters reported", text)
    if ledger.as_of.isoformat() < "2025-05-09":
        assert "cancelled" not in text


def test_title_follows_the_data() -> None:
    early, later = Ledger.load("2024-03-31"), Ledger.load("2025-06-30")
    assert "was 42%" in sakura.finding(early, settings())[0].text
    assert "fell from 42% in 2023 to 38% in 2024" in sakura.finding(later, settings())[0].text
    assert "not known yet" in sakura.finding(Ledger.load("2019-01-01"), settings())[0].text
    assert [y.label for y in full_years(later, settings("fiscal"))] == ["FY2023", "FY2024"]


@pytest.mark.parametrize(
    "given",
    [
        {"saving": 0.0, "volume": 0.0, "investment": 0.0, "rate": 0.0},
        {"saving": 1e6, "volume": 5e5, "investment": 1e3, "rate": 30.0},
        {"saving": 0.0},
        {"volume": 0.0},
        {"investment": 0.0},
    ],
)
def test_extreme_scenarios(ledger: Ledger, given: dict[str, float]) -> None:
    units = {
        "saving": "JPY",
        "volume": "vehicles_per_year",
        "investment": "JPY_bn",
        "rate": "percent",
    }
    m = sakura_model.model(ledger, **{k: plain(v, k, units[k]) for k, v in given.items()})
    assert m is not None
    chart = sakura_inhouse.tornado(m)
    assert chart is not None
    chart.figure()
    assert sakura_inhouse.volumes_table(m) is not None
    text = sakura_inhouse.verdict(m).text
    assert ("break even" in text) == (m.centre["saving"] > 0 and m.centre["investment"] > 0)


NOTEBOOK_CASES: list[dict[str, Any]] = [
    {},
    {"as_of": "2009-01-01"},
    {"as_of": "2022-06-30", "basis": "fiscal"},
    {"as_of": "2024-03-31", "basis": "fiscal", "first_month": "2030-01"},
    {"as_of": "2025-01-31", "saving_per_car": 0},
    {"as_of": "2025-11-30", "first_month": "2024-01", "discount_rate": 0.0},
    {"saving_per_car": 0, "kyushu_volume": 0, "investment": 0, "discount_rate": 0.0},
    {"saving_per_car": 1_000_000, "kyushu_volume": 500_000, "investment": 1_000, "discount_rate": 30.0},
    {"basis": "fiscal", "first_month": "2025-06", "investment": 0},
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", NOTEBOOK_CASES, ids=lambda c: "-".join(map(str, c.values())) or "default")  # fmt: skip
def test_the_notebook_speaks_for_every_case(
    case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = run_cells("sakura_share", case, monkeypatch)
    assert len(shown) > 10
    if str(case.get("as_of", "latest")) < "2024-12-31":  # no year after 2023 was known yet
        assert not any("fall since" in text for text in shown)
