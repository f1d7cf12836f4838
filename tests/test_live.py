"""The live desk: what it tells at every position, its controls, and its states with and without widgets."""

from __future__ import annotations

import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pytest

from conftest import ROOT
from nissan_analysis import live, parameters, series, telling
from nissan_analysis.ledger import Ledger
from nissan_analysis.live import DESKS, page
from nissan_analysis.live.board import _stem, board, chosen
from nissan_analysis.live.controls import controls, nice_step, vintages

DAYS = ("2016-01-31", "2022-06-30", "2024-03-31", "2025-07-10")


@pytest.mark.parametrize("name", DESKS)
def test_every_end_of_every_slider(name: str) -> None:
    """Each control at each end, one after another; the writer checks every number for its source."""
    desk, ledger = DESKS[name], Ledger.load()
    schema = parameters.MODELS[desk.report].model_json_schema()["properties"]
    for control in controls(desk, ledger)[1:]:
        option = next(
            (o for o in schema[control.name].get("anyOf", []) if "minimum" in o),
            schema[control.name],
        )
        ends = option.get("enum") or [option[k] for k in ("minimum", "maximum") if k in option]
        for end in ends:
            parameters.validate(desk.report, {control.name: end, **desk.fixed})
            assert 'class="asof"' in page(desk, {control.name: end})
    for day in DAYS:
        told = page(desk, {"as_of": day})
        later = re.findall(r'<time datetime="(\d{4}-\d\d-\d\d)">', told.partition("Sources:")[2])
        assert all(published <= day for published in later), "a source of the future"


def test_a_set_break_even_is_not_the_press() -> None:
    for name in ("exports", "oppama"):
        told = page(DESKS[name], {"break_even_utilisation": 63})
        assert "63%" in told
        assert not re.search(r"63%</data></a>[^.]*rule of thumb", told)
        assert "set for this report" in told or "set at" in told


def test_the_sliders_move_the_answer() -> None:
    low, high = (page(DESKS["kyushu"], {"saving_per_car": yen}) for yen in (50_000, 200_000))
    assert low != high
    assert "Parameter" not in page(DESKS["kyushu"], {})


@pytest.mark.parametrize("name", DESKS)
def test_controls_are_the_model(name: str) -> None:
    """Ranges, choices and defaults of the controls are those of the pydantic model."""
    desk, ledger = DESKS[name], Ledger.load()
    made = controls(desk, ledger)
    model = parameters.MODELS[desk.report]
    assert [control.name for control in made] == ["as_of", *desk.controls]
    given = {k: v for k, v in chosen(made).items() if v is not None}
    assert parameters.validate(desk.report, {**given, **desk.fixed}) == model(**desk.fixed)
    schema: dict[str, Any] = model.model_json_schema()["properties"]
    for control in made[1:]:
        for option in schema[control.name].get("anyOf", []):
            if "minimum" in option:
                assert (control.widget.min, control.widget.max) == (
                    option["minimum"],
                    option["maximum"],
                )
                before = control.widget.value
                control.widget.value = before + control.widget.step
                assert control.widget.value != before
                assert control.value() is not None, "a moved slider is no assumption of ours"


def test_entities_follow_the_metric() -> None:
    made = {c.name: c for c in controls(DESKS["series"], Ledger.load())}
    made["metric"].widget.value = "operating_margin"
    assert made["entities"].value()
    assert set(made["entities"].value()) <= set(series.entities(Ledger.load(), "operating_margin"))


def test_vintages_begin_and_end_where_they_should() -> None:
    ledger = Ledger.load()
    days = vintages(ledger, ["sakura"])
    assert days == sorted(set(days))
    assert days[-1] < ledger.as_of
    assert all(re.search(r"\b(28|29|30|31)$", day.isoformat()) for day in days)


@pytest.mark.parametrize(
    ("span", "whole", "step"),
    [(50, True, 1), (500_000, True, 5_000), (30, False, 0.5), (1_000, True, 10)],
)
def test_steps_are_round(span: float, whole: bool, step: float) -> None:
    assert nice_step(span, whole) == pytest.approx(step)


def test_a_control_answers_by_itself() -> None:
    whole = board(DESKS["oppama"])
    _, top, view = whole.children
    before = view.value
    top.children[1].value = 90
    assert view.value != before
    top.children[0].children[0].index = 0
    assert live.parts.NOTHING in view.value or "As known on" in view.value
    ids = re.findall(r'\bid="([^"]+)"', view.value)
    assert len(ids) == len(set(ids))


def test_ids_of_two_desks_differ() -> None:
    pages = [board(DESKS[name]).children[2].value for name in ("exports", "china")]
    first, second = (set(re.findall(r'\bid="([^"]+)"', told)) for told in pages)
    assert first
    assert not first & second


def test_a_saved_report_tells_its_choices_apart() -> None:
    """Another choice is another file; the same choice, however it was made, is the same."""
    plain = _stem("china_sales", {})
    assert plain == "china_sales-latest"
    assert _stem("china_sales", {"capacity": "1.5m"}) == plain
    names = {_stem("china_sales", {"as_of": "2024-03-31", "export_volume": n}) for n in (1, 2)}
    assert len(names) == 2
    assert all(name.startswith("china_sales-2024-03-31-") for name in names)


def test_without_ipywidgets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(live.VARIABLE, raising=False)
    monkeypatch.setattr(live, "find_spec", lambda name: None)
    live.desk("oppama")
    out = capsys.readouterr().out
    assert "needs ipywidgets" in out.replace("need ipywidgets", "needs ipywidgets")
    assert "pip install ipywidgets" in out


def test_two_threads_do_not_mix() -> None:
    """JupyterLab sends a widget's messages to threads of their own (subshells of the kernel)."""
    asked = [{"as_of": day} for day in DAYS]
    alone = [page(DESKS["china"], given) for given in asked]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda given: page(DESKS["china"], given), asked * 3)) == alone * 3


def test_an_unknown_desk() -> None:
    with pytest.raises(live.DeskError, match="there are: series, china"):
        live.desk("chnia")


def test_the_page_leaves_a_report_that_had_begun() -> None:
    with telling.collected():
        telling.begin("briefing")
        page(DESKS["oppama"], {})
        assert telling._current().name == "briefing"


@pytest.mark.slow
def test_the_notebook_has_its_widgets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Executed by nbclient as by a person: no error, and every desk with the state of its widgets."""
    from nbclient import NotebookClient

    monkeypatch.delenv(live.VARIABLE, raising=False)
    nb = nbformat.read(ROOT / "notebooks" / "explore.ipynb", as_version=4)
    NotebookClient(
        nb, timeout=180, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    desks = [c for c in nb.cells if c.cell_type == "code" and c.source.startswith("desk(")]
    assert len(desks) == len(DESKS)
    mime = "application/vnd.jupyter.widget-view+json"
    state = nb.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    for cell in desks:
        (output,) = cell.outputs
        assert output.data[mime]["model_id"] in state
    kinds = {one["model_name"] for one in state.values()}
    assert {
        "SelectionSliderModel",
        "IntSliderModel",
        "FloatSliderModel",
        "PlayModel",
        "ButtonModel",
    } <= kinds


def test_the_stored_notebook_is_readable_at_rest() -> None:
    nb = nbformat.read(ROOT / "notebooks" / "explore.ipynb", as_version=4)
    for cell in (c for c in nb.cells if c.source.startswith("desk(")):
        kinds = set(itertools.chain.from_iterable(o.data for o in cell.outputs))
        assert {"text/markdown", "image/png", "text/plain"} <= kinds
        assert not any("widget" in kind for kind in kinds)


def test_every_metric_can_be_told() -> None:
    """One entity of each metric, by months and with what was planned and denied."""
    ledger = Ledger.load()
    for metric in series.metrics(ledger):
        for entity in itertools.islice(series.entities(ledger, metric), 1):
            p = parameters.validate(
                "series", {"metric": metric, "entities": [entity], "freq": "monthly"}
            )
            assert series.finding(ledger, p)[0].text
            for made in (series.chart, series.table, series.plans, series.disagreements):
                made(ledger, p)


def test_wrong_names_are_one_message() -> None:
    p = parameters.validate("series", {"metric": "salse", "entities": ["nissan_chna"]})
    with pytest.raises(parameters.ParameterError) as caught:
        series.chosen(Ledger.load(), p)
    assert "Did you mean 'sales'?" in str(caught.value)
    assert "Did you mean 'nissan_china'?" in str(caught.value)
