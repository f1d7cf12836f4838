"""Words carry their sources, and no digit is printed that the sources cannot support."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nissan_analysis import telling
from nissan_analysis.quantity import Origin, Quantity, change
from nissan_analysis.wording import (
    ExcessDigits,
    UntracedNumber,
    cited,
    digits,
    phrase,
    stray_digits,
)


def known(value, half=0.0, unit="vehicles", name="f", **more):
    return Quantity.of(value, unit, Origin((name,), half, half, **more))


SALES, BEFORE = known(694_900, 50, name="new"), known(974_700, 50, name="old")


@pytest.mark.parametrize(
    ("quantity", "spec", "expected"),
    [
        (SALES, ",", "694,900"),
        (change(SALES, BEFORE), ".1%", "−28.7%"),
        (abs(change(SALES, BEFORE)), ".1%", "28.7%"),
        (known(3_500_000, 50_000), ".1m", "3.5"),
        (known(7), "w", "seven"),
        (known(4), "o", "fourth"),
        (known(22), "o", "22nd"),
        (known(42.0, 0.5, "percent"), ".0%", "42%"),
        (known(0.031, 0.0001, "ratio"), "+.1%", "+3.1%"),
        (known(2028, 0, "fiscal_year"), "", "FY2028"),
        (known(-0.3, 0.05, "JPY_bn"), "~.0", "0"),
        (known(100_234, 50), "~,", "100,200"),
    ],
)
def test_numbers_print_as_asked(quantity, spec, expected):
    assert digits(quantity, spec) == expected


def test_a_digit_too_many_is_an_error_that_names_it():
    with pytest.raises(ExcessDigits, match=r"28\.706.*at most"):
        digits(abs(change(SALES, BEFORE)), ".3%")
    # 279,800 give or take 100 is printable, but 279,805 is not.
    assert digits(BEFORE - SALES, ",") == "279,800"
    with pytest.raises(ExcessDigits, match="at most 279,800"):
        digits(known(279_805, 100), ",")


def test_fitting_the_digits_stays_within_lopsided_bounds():
    # Sources disagree: 4,811 or 4,694. "5,000" would be outside of both.
    either = Quantity.of(4811, "vehicles", Origin(("f",), 117, 0))
    assert digits(either, "~,") == "4,800"


@given(st.floats(1, 1e6), st.floats(0, 1e4), st.integers(0, 3))
def test_fitted_digits_are_within_the_bounds(value, half, places):
    quantity = known(value, half, "JPY_bn")
    shown = float(digits(quantity, f"~,.{places}").replace(",", "").replace("−", "-"))
    step = max(10.0**-places, half * 10)
    assert abs(shown - value) <= step / 2 * 1.0001


def test_every_number_is_marked_with_its_facts():
    said = phrase(
        "Sales fell {fall:.1%} to **{now:,}**.", fall=abs(change(SALES, BEFORE)), now=SALES
    )
    assert said.text == "Sales fell 28.7% to 694,900."
    assert 'data-facts="new old"' in said.md
    assert 'data-low="694850" data-high="694950"' in said.md
    assert said.facts == ("new", "old")


@pytest.mark.parametrize("bare", [3, 2.5, "17 plants"])
def test_an_untraced_number_cannot_be_said(bare):
    with pytest.raises(UntracedNumber):
        phrase("It has {n}.", n=bare)


def test_digits_typed_into_a_text_are_refused():
    with pytest.raises(UntracedNumber, match="42%"):
        phrase("A share of 42% in 2023.")


def test_dates_and_names_may_be_typed():
    text = "On 15 July 2025 the N7, the bZ4X and FY2024 (2018–2025, Q3, A1) were named by 29ru.net."
    assert stray_digits(text) == []
    assert stray_digits("sold 2,024 cars, 3.5m, 60%") != []


def test_the_sources_own_word_is_part_of_the_number():
    jobs = known(3_900, 100, "persons", qualifier="about")
    with pytest.raises(ValueError, match="put q"):
        phrase("{jobs:,} jobs", jobs=jobs)
    assert phrase("{jobs:q,} jobs", jobs=jobs).text == "about 3,900 jobs"


def test_text_comes_out_as_text():
    said = phrase("{name}", name="<script>alert`x`</script> *a* [b](c)")
    assert "<script" not in said.md
    assert said.md.count("\\") >= 6


def test_numbers_cited_from_a_row_carry_that_row():
    said = cited("Plan of 13 May 2025: 20,000 jobs", "event:re-nissan")
    assert 'value="20000"' in said.md
    assert said.md.count("<data") == 1


def test_a_date_prints_in_words():
    assert phrase("{d}", d=dt.date(2025, 7, 15)).text == "15 July 2025"


def test_what_is_said_is_markdown_that_says_what_it_is(monkeypatch):
    shown = []
    monkeypatch.setattr(telling, "_report", None)
    telling.begin("briefing")
    monkeypatch.setattr(
        telling, "display", lambda data, metadata, raw: shown.append((data, metadata))
    )
    telling.say("One.\n\nTwo: {n:,}.", n=known(4))
    telling.say(None)
    telling.bullets([])
    telling.told([])
    telling.told([phrase("First:"), phrase("a"), phrase("b")])
    assert [data["text/plain"] for data, _ in shown] == ["One.", "Two: 4.", "First:", "- a\n- b"]
    data, metadata = shown[1]
    assert data["text/markdown"].startswith("Two: <data ")
    assert metadata["text/markdown"]["nissan"] == {"kind": "prose"}
    shown.clear()
    telling.claim(False, "Sales fell.")
    telling.claim(False, "Sales fell.", otherwise="Sales rose.")
    telling.claim(True, "Sales fell.", otherwise="Sales rose.")
    assert [data["text/plain"] for data, _ in shown] == ["Sales rose.", "Sales fell."]
