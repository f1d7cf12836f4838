"""What is kept of finished reports: taken while nothing they rest on has changed, and only then."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import small_data
import tiny
from nissan_analysis import again, apart, cache, cli, kernels, making, running
from nissan_analysis.cache import Cache

SPEAK = """\
from nissan_analysis.telling import begin, finish, front, say
from nissan_analysis.wording import phrase
p, ledger = begin("china_sales", as_of=as_of, first_year=first_year)
front("A report", phrase("Cars"), phrase("What was sold."), [])
say("{n:,} cars were sold in 2023.", n=ledger.quantity("sales", "cars", "2023"))
finish()
"""
OTHER = {"entity": "vans", "value": "77"}
ENTITIES = [{}, {"entity": "vans", "label": "Vans"}]


@pytest.fixture(scope="module", autouse=True)
def _warm() -> Iterator[None]:
    with kernels.warm():
        yield


class Desk:
    """A notebook that speaks from small data, a folder of reports, and what was made how often."""

    def __init__(self, notebooks: Path, out: Path) -> None:
        self.notebooks, self.out = notebooks, out
        self.data = Path(os.environ["NISSAN_ANALYSIS_DATA"])
        self.made = 0
        self.write(SPEAK)
        self.facts([{}, OTHER])

    def write(self, source: str) -> Path:
        path = tiny.write(self.notebooks, "china_sales")
        nb = json.loads(path.read_text())
        nb["cells"] = [nb["cells"][0], {**nb["cells"][1], "source": source}]
        path.write_text(json.dumps(nb))
        return path

    def facts(self, facts: list[dict[str, Any]], **tables: Any) -> None:
        small_data.write(self.data, facts=facts, entities=ENTITIES, **tables)

    def pool(self, tasks: list[making.Task]) -> Iterator[Any]:
        for one in tasks:
            self.made += 1
            yield apart.produce(one)

    def render(self, *, fresh: bool = False, **raw: Any) -> tuple[int, dict[str, bytes]]:
        """How many reports had to be made, and the files as they then are."""
        self.made = 0
        tasks = [running.task("china_sales", raw, ("html", "facts"))]
        batch = running.render_all(tasks, self.out, self.pool, cache=Cache(fresh=fresh))
        assert batch.failures == []
        return self.made, {p.name: p.read_bytes() for p in sorted(self.out.iterdir())}

    def kept(self, **raw: Any) -> bool:
        return Cache().has(running.task("china_sales", raw, ("html", "facts")))

    def anew(self) -> dict[str, bytes]:
        made = apart.produce(running.task("china_sales", {}, ("html", "facts")))
        assert isinstance(made, making.Made)
        return {f"china_sales{making.FORMATS[name]}": c for name, c in made.files.items()}


@pytest.fixture
def small(desk: Path, tmp_path: Path) -> Desk:
    return Desk(desk, tmp_path / "out")


def test_what_is_read_decides(small: Desk) -> None:
    made, first = small.render()
    assert made == 1
    assert b"1,000" in first["china_sales.html"]
    written = {p: p.stat().st_mtime_ns for p in small.out.iterdir()}
    assert small.render() == (0, first)
    assert {p: p.stat().st_mtime_ns for p in small.out.iterdir()} == written, "written again"

    # what the report does not read
    (small.data / "README.md").write_text("A comment.")
    small.facts([{}, OTHER | {"value": "78"}])
    assert small.render() == (0, first)
    small.facts([{}, OTHER, {"metric": "capacity", "unit": "vehicles_per_year"}])
    assert small.render() == (0, first) == (0, small.anew())
    nb = json.loads((small.notebooks / "china_sales.ipynb").read_text())
    nb["cells"][1]["execution_count"] = 9
    (small.notebooks / "china_sales.ipynb").write_text(json.dumps(nb))
    assert small.render() == (0, first)

    # what it does read: the figure, its source, the date of a newer source, a word
    for facts, tables in (
        ([{"value": "1001"}, OTHER], {}),
        ([{"note": "A note."}, OTHER], {}),
        ([{}, {"value": "1400"}, OTHER], {}),
        ([{}, OTHER], {"sources": [{"publisher": "Another"}]}),
        ([{}, OTHER], {"sources": [{"published": "2024-02-01"}]}),
        ([{}, OTHER], {"metrics": [{"label": "Sold"}, *small_data.METRICS[1:]]}),
    ):
        small.facts(facts, **tables)
        assert not small.kept(), (facts, tables)
    assert small.render()[0] == 1


def test_code_notebook_parameters_and_packages(
    small: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, first = small.render()
    assert small.kept()
    assert not small.kept(first_year="2015")
    assert small.render(fresh=True) == (1, first)
    small.write(SPEAK.replace("were sold", "found a buyer"))
    made, other = small.render()
    assert made == 1
    assert b"found a buyer" in other["china_sales.html"]
    for name in ("environment_version", "package_version"):
        with monkeypatch.context() as patch:
            patch.setattr(cache, name, lambda: "another")
            assert not small.kept()
    assert small.kept()


def test_a_notebook_that_does_not_say_what_it_read(small: Desk) -> None:
    tiny.write(small.notebooks, "china_sales")
    assert small.render()[0] == 1
    assert small.kept()
    small.facts([{}, OTHER | {"value": "78"}])
    assert not small.kept()


def test_what_is_broken_is_made_again(small: Desk) -> None:
    _, first = small.render()
    (small.out / "china_sales.html").write_text("mine")
    (small.out / "china_sales.facts.json").unlink()
    assert small.render() == (0, first)
    (kept,) = Cache().place.glob("*.report")
    whole = kept.read_bytes()
    for damaged in (whole[:-9], b"", b"[]\n", b"{}\n", whole[:-1] + b"?"):
        kept.write_bytes(damaged)
        task = running.task("china_sales", {}, ("html", "facts"))
        assert not Cache().has(task) or Cache().get(task) is None
    assert small.render() == (1, first)


def test_what_moves_while_a_report_is_made_is_not_kept(small: Desk) -> None:
    task = running.task("china_sales", {})
    reads = {"data": Cache().data[:12], "notes": [], "digest": ""}
    made = making.Made("china_sales", dict.fromkeys(task.formats, b"x"), reads=reads)
    before = Cache()
    small.facts([{}])
    before.keep(task, made)
    assert not Cache().has(task)
    Cache().keep(task, made)  # the report was made of the earlier data
    assert not Cache().has(task)
    Cache().keep(task, making.Made("china_sales", made.files))
    assert Cache().has(task)


def test_faulty_data_are_told_and_nothing_is_touched(
    small: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    _, first = small.render()
    small.facts([{"value": "a lot"}])
    assert cli.run(["render", "china-sales", "--out", str(small.out)]) == 1
    assert "expected a plain number" in capsys.readouterr().err
    assert {p.name: p.read_bytes() for p in sorted(small.out.iterdir())} == first


def test_the_folder_stays_small(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Cache()
    one, two = (running.task("china_sales", {"first_year": year}) for year in (2015, 2016))
    for number, task in enumerate((one, two)):
        kept.keep(task, making.Made("china_sales", dict.fromkeys(task.formats, b"x" * 1000)))
        os.utime(kept._path(task), (number, number))
    monkeypatch.setattr(cache, "LIMIT", 5000)
    kept.prune()
    assert (kept.has(one), kept.has(two)) == (False, True)


def test_the_same_command_again(small: Desk) -> None:
    """Answered without importing what makes reports, until anything it rests on is another."""
    code = (
        "import sys; from nissan_analysis.__main__ import main; sys.argv[0] = 'nissan-analysis'\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([m for m in ('cyclopts', 'pydantic', 'rich', 'pandas') if m in sys.modules])"
    )
    line = [sys.executable, "-c", code, "render", "china-sales", "--out", str(small.out)]
    ran = partial(subprocess.run, line, capture_output=True, text=True, check=True, timeout=120)
    assert "made " in ran().stdout
    said = ran().stdout.splitlines()
    assert said == [f"1 reports in {small.out}: nothing has changed.", "[]"]
    (small.out / "china_sales.html").write_text("mine")
    assert "kept " in ran().stdout
    assert ran().stdout.splitlines()[-1] == "[]"
    small.facts([{}, OTHER | {"value": "78"}])
    said = ran().stdout.splitlines()
    assert "all unchanged" in said[0]
    assert said[-1] != "[]"
    with (small.data / "facts" / "all.csv").open(newline="") as stream:
        assert len(list(csv.reader(stream))) == 3


def test_no_note_of_a_command_that_asks_for_more(small: Desk) -> None:
    assert not again.answered(["render", "--fresh"])
    assert not again.answered(["sweep", "--resume"])
    assert not again.answered(["check"])
    assert not again.answered([])
