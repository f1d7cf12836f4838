"""Bounds travel through arithmetic, and never exclude the truth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nissan_analysis.quantity import (
    Origin,
    Quantity,
    bounds_of,
    change,
    counted,
    least_certain,
    parameter,
    share,
    total,
    worst,
)


def known(
    value: float, below: float = 0.0, above: float | None = None, name: str = "f"
) -> Quantity:
    return Quantity.of(value, "vehicles", Origin((name,), below, below if above is None else above))


@pytest.mark.parametrize(
    ("decimals", "qualifier", "unit", "expected"),
    [
        (-2, "exact", "vehicles", (50, 50)),
        (0, "exact", "vehicles", (0, 0)),
        (1, "exact", "percent", (0.05, 0.05)),
        (-3, "nearly", "vehicles", (1000, 0)),
        (-2, "about", "persons", (100, 100)),
        (-5, "over", "vehicles", (0, 100_000)),
        (-2, "up_to", "EUR_m", (100, 0)),
        (0, "exact", "JPY", (0.5, 0.5)),
    ],
)
def test_bounds_follow_the_printed_form(decimals, qualifier, unit, expected):
    assert bounds_of(decimals, qualifier, unit) == pytest.approx(expected)


@pytest.mark.parametrize(
    "unit", ["vehicles", "persons", "orders", "plants", "lines", "models", "platforms", "fiscal_year", "calendar_year"]
)  # fmt: skip
def test_things_that_are_counted_are_exact_to_the_unit(unit):
    assert bounds_of(0, "exact", unit) == (0, 0)


def test_a_bare_origin_is_a_reported_figure_without_width():
    bare = Quantity.of(7, "vehicles", Origin(("a",)))
    assert (bare.low, bare.high, bare.status, bare.qualifier) == (7, 7, "reported", "exact")
    assert (bare.label, bare.names, bare.how) == ("", {}, "computed from A")


def test_the_fall_of_2023_keeps_its_bounds_in_either_form():
    new, old = known(694_900, 50, name="a"), known(974_700, 50, name="b")
    one, two = change(new, old), (new - old) / old
    assert one.value == pytest.approx(-0.28706, abs=1e-5)
    assert (one.low, one.high) == pytest.approx((two.low, two.high))
    # Worst cases worked out by hand: 694,850 / 974,750 and 694,950 / 974,650.
    assert one.low <= 694_850 / 974_750 - 1 and one.high >= 694_950 / 974_650 - 1
    assert one.facts == ("a", "b")


def test_a_number_less_itself_is_exactly_zero():
    a = known(694_900, 50)
    assert ((a - a).low, (a - a).high) == (0, 0)


def test_percent_and_ratio_mix():
    margin = Quantity.of(50, "percent", Origin(("m",), 0.5, 0.5))
    half = known(1000) * margin
    assert half.unit == "vehicles"
    assert (half.value, half.low <= 495, half.high >= 505) == (500, True, True)


def test_units_do_not_mix():
    with pytest.raises(ValueError, match="A number in persons cannot be added to one in vehicles"):
        known(1) + Quantity.of(1, "persons", Origin(("p",)))


def test_lopsided_bounds_change_side_under_a_minus():
    over = known(50_000, 0, 10_000)
    assert ((-over).low, (-over).high) == (-60_000, -50_000)


def test_the_bounds_of_a_ratio_are_its_slopes_widened_by_the_width_of_its_inputs():
    # Slopes of a / b at 100 and 100 are 0.01 each: 0.1 + 0.1; the inputs are 10% wide each.
    a, b = known(100, 10, name="a"), known(100, 10, name="b")
    ratio = a / b
    assert (ratio.low, ratio.high) == pytest.approx((1 - 0.2 / 0.8, 1 + 0.2 / 0.8))
    # From half on the widening would explode: three times then, also about a zero.
    loose = known(100, 25, name="a") / known(100, 25, name="b")
    assert (loose.low, loose.high) == pytest.approx((1 - 0.5 * 3, 1 + 0.5 * 3))
    zero = known(0, 1, name="a") / known(100, 0, name="b")
    assert (zero.low, zero.high) == pytest.approx((-0.03, 0.03))
    # A weighted sum needs none, whatever its inputs are.
    whole = known(100, 60, name="a") * 2 - known(50, 40, name="b") / 2
    assert (whole.value, whole.low, whole.high) == (175, 35, 315)


def test_the_worst_case_is_computed_at_the_ends():
    a, b = known(100, 10, name="a"), known(100, 10, 20, name="b")
    ratio = worst(lambda x, y: x / y, a, b)
    assert (ratio.low, ratio.high) == pytest.approx((90 / 120, 110 / 90))
    assert (ratio.facts, ratio.unit) == (("a", "b"), "ratio")


def test_only_a_figure_as_printed_keeps_the_word_of_its_source():
    over = Quantity.of(50_000, "vehicles", Origin(("a",), 0, 10_000, qualifier="over"))
    assert over.qualifier == "over"
    assert (over + 1).qualifier == "over"  # still that figure and no other
    assert ((over * 2).qualifier, (-over).qualifier) == ("exact", "exact")
    assert (over + known(1)).qualifier == "exact"


def test_a_number_is_as_certain_as_the_least_certain_figure_behind_it():
    order = ["official", "reported", "assumption", "estimate", "target", "cancelled", "denied"]
    for i, weaker in enumerate(order):
        assert least_certain(order[: i + 1]) == weaker
    assert least_certain([]) == "reported"
    parts = [Quantity.of(1, "vehicles", Origin((s,), status=s)) for s in ("official", "target")]
    assert total(parts).status == "target"


def test_a_tooltip_names_three_sources_and_counts_the_rest():
    def told(*labels: str) -> str:
        figures = [
            Quantity.of(1, "vehicles", Origin((f"f{i}",), label=label))
            for i, label in enumerate(labels)
        ]
        return total(figures).label

    assert sorted(told("A", "", "A", "B").split("; ")) == ["A", "B"]
    assert sorted(told("A", "B", "C").split("; ")) == ["A", "B", "C"]
    *names, rest = told("A", "B", "C", "D", "E").split("; ")
    assert len(set(names) & set("ABCDE")) == 3 and rest == "and 2 more"


def test_names_are_those_of_the_figures_that_have_one():
    named = Quantity.of(1, "vehicles", Origin(("a",), name="Sales, 2024"))
    assert (named + known(2, name="b")).names == {"a": "Sales, 2024"}


def test_comparisons_are_of_values_in_one_unit():
    two, more = known(2, 5), known(3)
    assert two < more and not more < two and not two < 2
    assert two <= 2 and two <= more and not more <= two
    assert more > two and not two > 2
    assert two >= 2 and not two >= more
    with pytest.raises(ValueError, match="persons cannot be compared with one in vehicles"):
        _ = two < Quantity.of(3, "persons", Origin(("p",)))
    with pytest.raises(ValueError, match="persons cannot be taken from one in vehicles"):
        _ = two - Quantity.of(3, "persons", Origin(("p",)))


def test_plain_numbers_on_the_left():
    two = known(2, 1)
    assert [(q.value, q.low, q.high) for q in (1 + two, 5 - two, 3 * two)] == [
        (3, 2, 4),
        (3, 2, 4),
        (6, 3, 9),
    ]
    half = 50 / Quantity.of(50, "percent", Origin(("m",)))
    assert (half.value, half.unit) == (100, "ratio")


def test_units_of_products_and_quotients():
    cars, margin = known(200), Quantity.of(50, "percent", Origin(("m",)))
    for made, unit in [
        (cars * margin, "vehicles"),
        (margin * cars, "vehicles"),
        (cars / margin, "vehicles"),
        (cars / cars, "ratio"),
        (margin / margin, "ratio"),
        (margin.log(), "ratio"),
        (margin.ratio(), "ratio"),
        (cars.ratio(), "vehicles"),
    ]:
        assert made.unit == unit
    assert margin.log().value == pytest.approx(-0.6931472)
    assert (margin.ratio() ** 2).value == 0.25


def test_the_size_of_a_number():
    loss = known(-5, 1, 2)
    assert (abs(loss).value, abs(loss).low, abs(loss).high) == (5, 3, 6)
    assert abs(known(5)).value == 5
    nothing = Quantity.of(0, "vehicles", Origin(("a",), stated=True))
    assert abs(nothing).how == "", "zero stays the figure as printed"


def test_two_figures_overlap_when_one_number_could_be_both():
    printed, exact = known(694_900, 50), known(694_950)
    assert printed.overlaps(exact) and exact.overlaps(printed)
    assert not printed.overlaps(known(694_951)) and not known(694_849).overlaps(printed)
    # The tenth of a percent that floating point leaves out must not make a conflict.
    assert known(0.1 + 0.2).overlaps(known(0.3))


def test_what_we_count_and_set_is_tagged():
    plants = counted(2, "car_plants", ["a", "b", "a"], "counted from the list")
    assert (plants.value, plants.unit, plants.facts) == (2, "car_plants", ("a", "b"))
    assert (plants.formula, plants.label) == (
        "car plants counted over 2 figures",
        "counted from the list",
    )
    assert counted(1, "plants", ["a"]).formula == "plants counted"
    rate = parameter("discount_rate", 8, "percent")
    assert (rate.facts, rate.status) == (("parameter:discount_rate",), "assumption")
    assert (rate.label, rate.names) == (
        "set for this report",
        {"parameter:discount_rate": "parameter discount_rate"},
    )
    assert rate.how == ""


def test_a_number_cannot_lose_its_sources_in_a_format():
    with pytest.raises(TypeError, match="say it with phrase"):
        f"{known(5)}"
    assert repr(known(1000, 50)) == "Quantity(1000 vehicles, 950..1050)"
    assert float(known(5)) == 5.0
    with pytest.raises(ValueError, match="nothing to add up"):
        total([])


positive = st.floats(1, 1e6)
part = st.floats(-1, 1)


@given(positive, positive, st.floats(0, 0.2), st.floats(0, 0.2), part, part)
def test_bounds_hold_the_truth(a, b, wide_a, wide_b, at_a, at_b):
    qa, qb = known(a, a * wide_a, name="a"), known(b, b * wide_b, name="b")
    true_a, true_b = a * (1 + wide_a * at_a), b * (1 + wide_b * at_b)
    slack = 1e-6 * (a + b)
    for quantity, truth in [
        (qa + qb, true_a + true_b),
        (qa - qb, true_a - true_b),
        (change(qa, qb), true_a / true_b - 1),
        (share(qa, qa + qb), true_a / (true_a + true_b)),
        (qa * qb / qb, true_a),
    ]:
        assert quantity.low - slack <= truth <= quantity.high + slack


@given(st.lists(st.tuples(positive, st.floats(0, 5), part), min_size=1, max_size=12))
def test_a_total_holds_the_truth(items):
    quantities = [known(v, w, name=str(i)) for i, (v, w, _) in enumerate(items)]
    truth = sum(v + w * at for v, w, at in items)
    whole = total(quantities)
    assert whole.low - 1e-6 * whole.value <= truth <= whole.high + 1e-6 * whole.value
