"""A desk with its controls: the widgets, the page under them, and the button that saves a report."""

from __future__ import annotations

import asyncio
import hashlib
import html
import json
import re
import threading
from collections.abc import Callable
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import ipywidgets as w
from IPython import get_ipython

from .. import parameters, pools, running
from ..document.to_html import stylesheet_parts
from ..ledger import Ledger
from .controls import Control, controls
from .parts import DRAWING, Desk, page

#: Where saved reports go, below the folder of the notebook.
FOLDER = "desk-reports"
_IDS = re.compile(r'((?:id|aria-labelledby|aria-describedby)="|href="#|url\(#)')
_WAIT = 0.02  # seconds; touches that come while a page is drawn are answered by one page


def board(desk: Desk) -> w.VBox:
    """The desk as one widget: controls, the button, and the page, which follows every control."""
    ledger = Ledger.load()
    view = w.HTML()
    view.add_class("desk-page")
    made = controls(desk, ledger)
    prefix = "d" + hashlib.sha256(repr(desk).encode()).hexdigest()[:6]

    def draw() -> None:
        with DRAWING:  # so that the page that comes last is of the values that came last
            try:
                told = page(desk, chosen(made))
            except Exception as error:  # a control must answer, whatever went wrong
                told = f'<p role="alert">{html.escape(str(error) or repr(error))}</p>'
            own = _IDS.sub(lambda found: f"{found[1]}{prefix}-", told)
            view.value = f'<div class="view">{own}</div>'

    later = _Later(draw)
    for control in made:
        control.watch(later)
    draw()
    rows = [control.row for control in made]
    top = w.VBox([*rows, _saving(desk, lambda: chosen(made))])
    top.add_class("desk-controls")
    whole = w.VBox([w.HTML(_style()), top, view])
    whole.add_class("nissan-desk")
    return whole


def chosen(made: list[Control]) -> dict[str, Any]:
    """The parameters that the controls are set to, in JSON types; None for an assumption of ours."""
    return {control.name: control.value() for control in made}


class _Later:
    """Calls `draw` once, soon, however often it is called itself meanwhile."""

    def __init__(self, draw: Callable[[], None]) -> None:
        self.draw = draw
        self.waiting = False

    def __call__(self, change: object = None) -> None:
        if not hasattr(get_ipython(), "kernel"):  # nobody answers later
            self.draw()
        elif not self.waiting:
            self.waiting = True
            asyncio.get_running_loop().call_later(_WAIT, self._now)

    def _now(self) -> None:
        self.waiting = False
        self.draw()


def _saving(desk: Desk, values: Callable[[], dict[str, Any]]) -> w.HBox:
    """The button, and beside it what became of it."""
    button = w.Button(description="Save as report", icon="file-text")
    button.tooltip = f"Render the report {desk.report} with these parameters, as HTML and PDF"
    said = w.Output()

    def say(markdown: str) -> None:
        data = {"text/markdown": markdown, "text/plain": markdown}
        said.outputs = ({"output_type": "display_data", "data": data, "metadata": {}},)

    def work(raw: dict[str, Any], out: Path) -> None:
        try:
            say(save(desk, raw, out))
        except Exception as error:  # in a thread nobody else would tell of it
            say(f"Not saved. {error}")
        finally:
            button.disabled = False

    def clicked(_: object) -> None:
        button.disabled = True
        say("Rendering the whole report with these parameters; this takes some seconds.")
        threading.Thread(target=work, args=(values(), Path.cwd() / FOLDER), daemon=True).start()

    button.on_click(clicked)
    row = w.HBox([button, said])
    row.add_class("desk-save")
    return row


def save(desk: Desk, raw: dict[str, Any], out: Path) -> str:
    """Render the report of `desk` to HTML and PDF in `out`; what to say of it, as Markdown.

    Raises
    ------
    ParameterError
    RenderError
        With the reason, when no report could be made.
    """
    given = {**desk.fixed, **{name: value for name, value in raw.items() if value is not None}}
    task = running.task(desk.report, given, ("html", "pdf"), name=_stem(desk.report, given))
    batch = running.render_all([task], out, pools.local(1))
    if batch.failures:
        raise running.RenderError(batch.failures[0])
    names = [path.name for path in batch.results[0].files.values()]
    links = " and ".join(f"[{name}]({out.name}/{name})" for name in names)
    return f"Saved in the folder `{out.name}`: {links}"


def _stem(report: str, given: dict[str, Any]) -> str:
    """A file name that tells the report and its day, and keeps other choices apart."""
    model = parameters.validate(report, given)
    day = model.as_of if isinstance(model.as_of, date) else "latest"
    values = parameters.as_json(model)
    rest = {
        k: v
        for k, v in values.items()
        if k != "as_of" and v != parameters.as_json(type(model)())[k]
    }
    mark = hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:6]
    return f"{report}-{day}" + (f"-{mark}" if rest else "")


@cache
def _style() -> str:
    """The report's style sheet, for this desk alone, with the colours of JupyterLab's theme."""
    faces, light, dark, rules = stylesheet_parts()
    own = files(__package__).joinpath("desk.css").read_text(encoding="utf-8")
    return (
        f"<style>{faces}\n.nissan-desk{{{light}}}\n[data-jp-theme-light=false] .nissan-desk{{{dark}}}\n"
        f".nissan-desk .view{{\n{rules}\n}}\n{own}</style>"
    )
