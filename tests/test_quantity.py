"""Bounds travel through arithmetic, and never exclude the truth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nissan_analysis.quantity import Origin, Quantity, bounds_of, change, share, total


def known(
    value: float, below: float = 0.0, above: float | None = None, name: str = "f"
) -> Quantity:
    return Quantity.of(value, "vehicles", Origin((name,), below, below if above is None else above))


@pytest.mark.parametrize(
    ("value", "decimals", "qualifier", "unit", "expected"),
    [
        (694_900, -2, "exact", "vehicles", (50, 50)),
        (694_895, 0, "exact", "vehicles", (0, 0)),
        (28.7, 1, "exact", "percent", (0.05, 0.05)),
        (64_000, -3, "nearly", "vehicles", (1000, 0)),
        (3_900, -2, "about", "persons", (100, 100)),
        (200_000, -5, "over", "vehicles", (0, 100_000)),
        (600, -2, "up_to", "EUR_m", (100, 0)),
        (2_000, 0, "exact", "JPY", (0.5, 0.5)),
    ],
)
def test_bounds_follow_the_printed_form(value, decimals, qualifier, unit, expected):
    assert bounds_of(value, decimals, qualifier, unit) == pytest.approx(expected)


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
