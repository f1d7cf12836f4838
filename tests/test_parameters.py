"""Parameters: what is accepted, what is refused and in which words, and the notebooks' cells."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from pathlib import Path
from typing import Any, get_args

import pytest
from nbclient import NotebookClient

from conftest import ROOT
from nissan_analysis import parameters as p
from nissan_analysis.asking import main as write_cells
from nissan_analysis.asking import parameters_source
from nissan_analysis.executing import parameters_cell, read
from nissan_analysis.places import REPORTS, SHEETS

NOTEBOOKS = sorted(
    path for path in (ROOT / "notebooks").glob("*.ipynb") if path.stem in (*REPORTS, *SHEETS)
)


@pytest.mark.parametrize(
    ("report", "raw", "name", "value"),
    [
        ("china_sales", {}, "as_of", "latest"),
        ("china-sales", {"as_of": "2024-03-31"}, "as_of", dt.date(2024, 3, 31)),
        ("china_sales", {"as_of": dt.date(2024, 3, 31)}, "as_of", dt.date(2024, 3, 31)),
        ("china_sales", {"first_year": "2015"}, "first_year", 2015),
        ("china_sales", {"first_year": 2015}, "first_year", 2015),
        ("china_sales", {"peers": "byd,toyota_china"}, "peers", ("byd", "toyota_china")),
        ("china_sales", {"peers": ["byd"]}, "peers", ("byd",)),
        ("china_sales", {"peers": "none"}, "peers", ()),
        ("china_sales", {"peers": []}, "peers", ()),
        ("briefing", {"since": None}, "since", None),
        ("briefing", {"since": "2024-01-01"}, "since", dt.date(2024, 1, 1)),
    ],
)
def test_accepted(report: str, raw: dict[str, Any], name: str, value: Any) -> None:
    assert getattr(p.validate(report, raw), name) == value


@pytest.mark.parametrize(
    ("report", "raw", "words"),
    [
        (
            "china_sales",
            {"first_year": "010"},
            "first_year: got '010'; expected a whole number from 2010 to 2024.",
        ),
        ("china_sales", {"first_year": "true"}, "first_year: got 'true'; expected a whole number"),
        ("china_sales", {"first_year": True}, "first_year: got True; expected a whole number"),
        ("china_sales", {"first_year": 2012.5}, "first_year: got 2012.5; expected a whole number"),
        ("china_sales", {"first_year": 2012.0}, "first_year: got 2012.0; expected a whole number"),
        (
            "china_sales",
            {"first_year": "2,012"},
            "first_year: got '2,012'; expected a whole number",
        ),
        ("china_sales", {"first_year": "2e3"}, "first_year: got '2e3'; expected a whole number"),
        ("china_sales", {"first_year": "٢٠١٢"}, "expected a whole number"),
        ("china_sales", {"first_year": ""}, "first_year: got ''; expected a whole number"),
        ("china_sales", {"first_year": None}, "first_year: got None; expected a whole number"),
        (
            "china_sales",
            {"first_year": 2009},
            "first_year: got 2009; expected a whole number from 2010 to 2024.",
        ),
        (
            "china_sales",
            {"first_year": float("nan")},
            "first_year: got nan; expected a whole number",
        ),
        (
            "china_sales",
            {"first_yaer": "2012"},
            "first_yaer: no such parameter. Did you mean 'first_year'?",
        ),
        ("china_sales", {"plant": "oppama"}, "plant: no such parameter."),
        ("china_sales", {"as_of": "31.3.2024"}, "expected a date such as 2024-03-31, or 'latest'."),
        (
            "china_sales",
            {"as_of": "2024-02-30"},
            "expected a date such as 2024-03-31, or 'latest'.",
        ),
        ("china_sales", {"as_of": "20240331"}, "expected a date such as 2024-03-31, or 'latest'."),
        (
            "china_sales",
            {"as_of": "1700000000"},
            "expected a date such as 2024-03-31, or 'latest'.",
        ),
        ("china_sales", {"as_of": 5}, "as_of: got 5; expected a date"),
        ("china_sales", {"peers": "toyota"}, "Did you mean 'toyota_china'?"),
        ("china_sales", {"peers": "byd,byd"}, "'byd' is given more than once"),
        (
            "sakura_share",
            {"basis": "calender"},
            "expected one of calendar, fiscal. Did you mean 'calendar'?",
        ),
        ("sakura_share", {"first_month": "2022-13"}, "expected a month such as 2022-05."),
        ("briefing", {"as_of": "2024-01-01", "since": "2024-02-01"}, "must be earlier than as_of"),
        ("china-sale", {}, "There is no report of this name. Did you mean 'china_sales'?"),
    ],
)
def test_refused(report: str, raw: dict[str, Any], words: str) -> None:
    with pytest.raises(p.ParameterError) as caught:
        p.validate(report, raw)
    assert words in str(caught.value)
    assert "nothing was run" in str(caught.value)
    assert caught.value.exit_code == 2


def test_all_faults_at_once() -> None:
    with pytest.raises(p.ParameterError) as caught:
        p.validate("china_sales", {"first_year": "010", "peers": "bid", "a": 1, "as_of": "soon"})
    assert len(caught.value.faults) == 4


def test_same_values_from_text_and_from_a_cell() -> None:
    for report, model in p.MODELS.items():
        assert p.validate(report, p.as_json(model())) == model()


def test_defaults_are_valid() -> None:
    for report in p.MODELS:
        p.validate(report, {})
    assert tuple(p.MODELS) == (*REPORTS, *SHEETS)


def test_assumptions_exist() -> None:
    with (ROOT / "data" / "assumptions.csv").open(encoding="utf-8", newline="") as stream:
        known = {row["key"] for row in csv.DictReader(stream)}
    for model in p.MODELS.values():
        for name, schema in model.model_json_schema()["properties"].items():
            assert schema.get("assumption", next(iter(known))) in known, (model.__name__, name)


def test_plants_exist() -> None:
    with (ROOT / "data" / "plants.csv").open(encoding="utf-8", newline="") as stream:
        known = {row["plant"] for row in csv.DictReader(stream)}
    assert set(get_args(p.AnyPlant)) == known


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_parameters_cell_tells_type_range_and_meaning(path: Any) -> None:
    (cell,) = (c for c in read(path).cells if "parameters" in c.metadata.get("tags", []))
    assert cell.source == parameters_source(path.stem), "run python -m nissan_analysis.asking"
    for name, field in p.MODELS[path.stem].model_fields.items():
        words = " ".join(cell.source.replace("#", "").split())
        assert field.description, f"{name} has no description"
        assert field.description in words


def test_a_wrong_value_is_one_message_in_a_notebook() -> None:
    """In a real kernel: the faults, what is expected and what to do, and no line of our code."""
    nb = read(ROOT / "notebooks" / "china_sales.ipynb")
    nb.cells = [c for c in nb.cells if c.cell_type == "code"][:2]
    nb.cells[0].source += '\ncapacity = "2m"\nfirst_year = 1999'
    NotebookClient(nb, timeout=120, kernel_name="python3", allow_errors=True).execute()
    (output,) = nb.cells[1].outputs
    shown = "\n".join(output.traceback)
    assert "2 faults in what was asked for, so nothing was run" in shown
    assert "first_year: got 1999; expected a whole number from 2010 to 2024." in shown
    assert "Change it in the parameters cell at the top" in shown
    assert ".py" not in shown
    assert "-->" not in shown


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_parameters_cell_is_the_model(path: Any) -> None:
    cell = parameters_cell(read(path))
    model = p.as_json(p.MODELS[path.stem]())
    assert {k: list(v) if isinstance(v, tuple) else v for k, v in cell.items()} == model
    assert list(cell) == list(model), "the parameters are in another order than in the model"


def test_writing_the_cells_from_the_models_changes_what_differs_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in NOTEBOOKS:
        shutil.copy(path, tmp_path)
    monkeypatch.setenv("NISSAN_ANALYSIS_NOTEBOOKS", str(tmp_path))
    other = tmp_path / NOTEBOOKS[0].name
    other.write_text(other.read_text("utf-8").replace("as_of = ", "as_off = "), "utf-8")
    write_cells()
    for path in NOTEBOOKS:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
