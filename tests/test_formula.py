"""Formulas: the arithmetic computes the number again, and the words say it."""

from __future__ import annotations

import pytest

from nissan_analysis.formula import NoFormula, evaluate, letter
from nissan_analysis.quantity import Origin, Quantity, change, counted, share, total, worst


def known(name: str, value: float, unit: str = "vehicles", below: float = 0.0) -> Quantity:
    return Quantity.of(
        value, unit, Origin((name,), below, below, name=f"Sales {name}", stated=True)
    )


A, B, C = known("a", 1200), known("b", 1000), known("c", 300)
P = known("p", 40, "percent")
FALL = -change(A, B)

CASES = [
    (A, "", "f0"),
    (change(A, B), "change from B to A", "f0 / f1 - 1"),
    (-change(B, A), "fall from A to B", "-(f1 / f0 - 1)"),
    (abs(change(B, A)), "fall from A to B", "-(f1 / f0 - 1)"),
    (share(C, A + B), "C as a share of (A + B)", "f2 / (f0 + f1)"),
    ((A - B) / C, "(A − B) ÷ C", "(f0 - f1) / f2"),
    (A - (B - C), "A − (B − C)", "f0 - (f1 - f2)"),
    (total([A, -B]), "A − B", "f0 - f1"),
    (A * P, "A × B", "f0 * f1 / 100"),
    (P.ratio(), "", "f0 / 100"),
    ((A / 12).named("a month on average"), "a month on average (A ÷ 12)", "f0 / 12"),
    ((A / B) ** 0.5, "(A ÷ B) to the power of 0.5", "(f0 / f1) ** 0.5"),
    (worst(lambda x, y: x / y, A, B), "A ÷ B", "f0 / f1"),
    (2 / P, "2 ÷ A", "2 / (f0 / 100)"),
    (A * (B + C).log(), "A × (the logarithm of (B + C))", "f0 * log(f1 + f2)"),
    (A - B + C, "A − B + C", "f0 - f1 + f2"),
    (A + -B, "A − B", "f0 - f1"),
    (A / (B / C), "A ÷ (B ÷ C)", "f0 / (f1 / f2)"),
    (A / B / C, "A ÷ B ÷ C", "f0 / f1 / f2"),
    (-(A + B), "−(A + B)", "-(f0 + f1)"),
    (-(A / B), "−A ÷ B", "-f0 / f1"),
    ((A + B) ** 2, "(A + B) to the power of 2", "(f0 + f1) ** 2"),
    ((A / B) * (C / A), "A ÷ B × C ÷ A", "f0 / f1 * f2 / f0"),
    (-share(C, A), "B as a share of A", "-f1 / f0"),
    (-FALL, "change from B to A", "-(-(f0 / f1 - 1))"),
    ((A + B).named("both together"), "both together (A + B)", "f0 + f1"),
    (A.named("as printed"), "as printed", "f0"),
    (P.ratio().named("the rate"), "the rate", "f0 / 100"),
    (A * 2 - 5, "A × 2 − 5", "f0 * 2 - 5"),
    ((P * 2).ratio(), "A × 2", "f0 * 2 / 100"),
    ((P + P).ratio(), "A + A", "(f0 + f0) / 100"),
    (Quantity(A.number + B.number, "vehicles"), "computed from 2 figures", ""),
]


@pytest.mark.parametrize(("quantity", "words", "formula"), CASES, ids=[c[2] for c in CASES])
def test_words_and_arithmetic_of_a_computation(quantity, words, formula):
    assert quantity.how == words
    assert quantity.arithmetic == formula
    if not formula:  # made in a way that nobody wrote down
        return
    values = {"a": 1200, "b": 1000, "c": 300, "p": 40}
    again = evaluate(formula, [values[f] for f in quantity.facts])
    assert again == pytest.approx(quantity.value, rel=1e-12)


def test_a_long_sum_is_called_a_sum():
    months = [known(f"m{i:02}", 100 + i) for i in range(12)]
    whole = total(months)
    assert whole.how == "sum of 12 figures"
    assert evaluate(whole.arithmetic, [q.value for q in months]) == whole.value


def test_more_than_four_added_figures_are_counted():
    months = [known(f"m{i}", 100 + i) for i in range(5)]
    assert total(months[:4]).how == "A + B + C + D"
    assert total(months).how == "sum of 5 figures"
    assert (total(months) - known("n", 7)).how == "sum of 5 figures − F"


def test_figures_beyond_z_are_numbered():
    assert [letter(i) for i in (0, 25, 26, 51, 52)] == ["A", "Z", "A2", "Z2", "A3"]


def test_a_formula_too_long_to_read_says_how_many_figures_it_rests_on():
    months = [known(f"m{i:02}", 100 + i) for i in range(30)]
    product = months[0]
    for month in months[1:]:
        product = product * month
    assert product.how == "computed from 30 figures"
    assert product.named("all at once").how == "all at once"
    assert product.arithmetic.startswith("f0 * f1 * f2")
    for _ in range(9):
        product = product * product
    assert product.arithmetic == "", "longer than anybody will compute again"


def test_the_arithmetic_that_is_understood():
    assert evaluate("round(f0, 1) + log(f1)", [1.26, 1.0]) == 1.3
    assert evaluate("-f0 ** 2 / 4 - f1", [4.0, 1.0]) == -5.0
    with pytest.raises(NoFormula, match="'f0 if f0 else 1' has no value: .* is not arithmetic"):
        evaluate("f0 if f0 else 1", [1.0])


def test_what_was_rounded_or_counted_says_so_and_claims_no_formula():
    rounded = (A / B).given_as(1, Origin(("a", "b")))
    assert (rounded.how, rounded.arithmetic) == ("(A ÷ B), rounded", "")
    three = counted(3, "plants", ["a", "b", "c"])
    assert (three.how, three.arithmetic) == ("plants counted over 3 figures", "")


@pytest.mark.parametrize(
    "hostile",
    ["__import__('os')", "f0.real", "f0 if f0 else 1", "[f0]", "f9", "1 / (f0 - f0)", "round(f0, f0, f0)",
     "f0 ** 'x'", "(lambda: 1)()", "f0 ="],
)  # fmt: skip
def test_nothing_but_arithmetic_is_computed(hostile):
    with pytest.raises(NoFormula):
        evaluate(hostile, [1.0])
