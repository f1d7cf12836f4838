"""The plant sheets: every plant, several days, real pages, and the batch of all of them."""

from __future__ import annotations

import io
import json
import re
from functools import partial
from pathlib import Path
from typing import Any, get_args

import nbformat
import pytest
from pypdf import PdfReader

from nissan_analysis import cli, document, pools, running, sweeping, telling
from nissan_analysis.ledger import Ledger
from nissan_analysis.parameters import AnyPlant, validate
from nissan_analysis.restructuring import after, figures, plant_keys, sheet
from nissan_analysis.restructuring import page as body
from nissan_analysis.wording import SMALL

PLANTS = get_args(AnyPlant)
LATEST = Ledger.load()


def page(monkeypatch: pytest.MonkeyPatch, **raw: Any) -> list[tuple[dict[str, Any], Any]]:
    """What the notebook of one sheet shows, without a kernel."""
    shown: list[tuple[dict[str, Any], Any]] = []
    monkeypatch.setattr(
        telling, "display", lambda data, metadata, raw: shown.append((data, metadata))
    )
    p, ledger = telling.begin("plant", **raw)
    telling.front(
        sheet.kicker(ledger, p), *sheet.finding(ledger, p), keys=plant_keys.keys(ledger, p)
    )
    for said in (after.work(ledger, p), after.unknown(ledger, p)):
        telling.say(said)
    for table in body.tables(ledger, p):
        telling.show(table)
    telling.finish()
    return shown


def words(monkeypatch: pytest.MonkeyPatch, **raw: Any) -> str:
    return "\n".join(data["text/plain"] for data, _ in page(monkeypatch, **raw))


def opening(plant: str, ledger: Ledger = LATEST, **raw: Any) -> str:
    title, standfirst = sheet.finding(ledger, validate("plant", {"plant": plant, **raw}))
    return f"{title.text}\n{standfirst.text}"


def keys_of(plant: str, ledger: Ledger = LATEST) -> dict[str, str]:
    found = plant_keys.keys(ledger, validate("plant", {"plant": plant}))
    return {k.label.text: f"{k.value.text} | {k.note.text}" for k in found}


def test_there_is_a_sheet_for_every_plant() -> None:
    assert set(PLANTS) == set(LATEST.plants)


@pytest.mark.parametrize("plant", PLANTS)
def test_every_plant(monkeypatch: pytest.MonkeyPatch, plant: str) -> None:
    shown = page(monkeypatch, plant=plant)
    said = "\n".join(data["text/plain"] for data, _ in shown)
    assert LATEST.plants[plant].label in said
    assert " None" not in said
    assert "nan" not in said.lower().split()
    every = {f.fact for f in figures.facts_of(LATEST, plant)}
    listed = shown[-1][1]["text/markdown"]["nissan"]["facts"]
    assert every <= set(listed), "a fact of the plant is missing from its sheet"


LONGEST = ("oppama", "kyushu", "sunderland", "shonan", "wuhan", "compas", "civac", "tochigi")


@pytest.mark.parametrize(
    "raw",
    [*({"plant": plant} for plant in LONGEST),
     {"plant": "oppama", "as_of": "2025-10-31"}, {"plant": "kyushu", "break_even_utilisation": 63}],
    ids=lambda raw: "-".join(map(str, raw.values())),
)  # fmt: skip
def test_the_body_takes_one_page(monkeypatch: pytest.MonkeyPatch, raw: dict[str, Any]) -> None:
    """Real pages of the longest sheets: no row, note or source line of a table is on a second one."""
    cell = nbformat.v4.new_code_cell("sheet", execution_count=1)
    for data, metadata in page(monkeypatch, **raw):
        cell.outputs.append(nbformat.v4.new_output("display_data", data, metadata=metadata))
    made = document.pdf(document.read_document(nbformat.v4.new_notebook(cells=[cell])))
    first, *rest = [p.extract_text() for p in PdfReader(io.BytesIO(made)).pages]
    assert "What was said of" in first and "is known of" in first
    for text in rest:
        assert not re.search(r"What was said|^Figure Value|^Source: |more in the facts", text, re.M)


def test_rows_that_do_not_fit_are_counted_and_kept_in_the_facts() -> None:
    p = validate("plant", {"plant": "oppama"})
    every, cut = figures.table(LATEST, p), figures.table(LATEST, p, 6)
    assert every is not None and cut is not None and cut.note is not None
    left = len(every.rows) - len(cut.rows)
    assert left > 3 and re.search(rf"{SMALL[left].capitalize()} more in the facts", cut.note.text)
    assert set(every.facts) - {"note"} <= {*cut.facts, *(f"note:{f}" for f in LATEST.facts)}
    told = sheet.events(LATEST, p, 6)
    assert told is not None and "more in the facts of this sheet." in told.text() + str(told.note)
    whole = sheet.events(LATEST, p)
    assert whole is not None and {f for f in whole.facts if f[:6] == "event:"} <= set(told.facts)


@pytest.mark.parametrize("day", ["2016-01-01", "2019-01-01", "2024-03-31", "2025-07-20"])
@pytest.mark.parametrize("plant", ["oppama", "wuhan", "samut_prakan_1", "egypt"])
def test_earlier_days(monkeypatch: pytest.MonkeyPatch, plant: str, day: str) -> None:
    ledger = Ledger.load(day)
    shown = page(monkeypatch, plant=plant, as_of=day)
    for data, _ in shown:
        markup = data.get("text/markdown", "") + data.get("text/html", "")
        for fact in " ".join(re.findall(r'data-facts="([^"]+)"', markup)).split():
            kind, _, name = fact.partition(":")
            if kind == "plant":
                assert ledger.plants[name].sources, "vouches for a number without a source yet"
            elif not name:
                assert fact in ledger.facts
    said = "\n".join(data["text/plain"] for data, _ in shown)
    if day < "2025":
        assert not re.search(r"Re:Nissan|Foxconn|denied|March 2028", said)


def test_a_plant_nobody_has_written_of_yet() -> None:
    early = Ledger.load("2019-01-01")
    for plant, name in (("oppama", "Oppama"), ("samut_prakan_1", "Samut Prakan I")):
        p = validate("plant", {"plant": plant})
        title, _ = sheet.finding(early, p)
        assert title.text == f"{name}: nothing is on record on 1 January 2019"
        assert plant_keys.keys(early, p) == []
        assert (sheet.events(early, p), figures.table(early, p), after.unknown(early, p)) == (
            None,
            None,
            None,
        )


def test_fates_read_as_what_they_are() -> None:
    assert "The date announced, FY2027 (to March 2028), is still ahead." in opening("oppama")
    assert "The press reported it and the owners denied it" in opening("wuhan")
    assert "The date announced, March 2026, has passed" in opening("civac")
    assert "The final closure was not found." in opening("civac")
    assert "No end of the whole plant is announced" in opening("tochigi")
    assert opening("chennai").startswith("Chennai: Renault bought Nissan's 51%")
    assert "was run by Dongfeng Nissan" in opening("changzhou")
    assert keys_of("rosslyn")["Sale agreed for"] == "mid-2026 | Passed; not confirmed"
    assert keys_of("wuhan")["End as reported"].endswith(
        "Denied by the owners; passed; not confirmed"
    )
    # An announced plan is told as one, and so is what a paper of October 2025 expected.
    assert opening("kyushu").startswith("Kyushu: is to take over Oppama's models (announced)")
    assert opening("shonan").startswith(
        "Shonan: car production for Nissan is to end in fiscal 2026 ("
    )
    assert "were to end from November 2025, as reported in October; not" in opening("compas")
    assert not any(
        "models ended" in p.fate or p.fate.startswith("Goes on") for p in LATEST.plants.values()
    )


def test_a_peer_and_a_cancelled_project_are_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def kicker(plant: str) -> str:
        return sheet.kicker(LATEST, validate("plant", {"plant": plant}))

    assert kicker("yancheng") == "Plant sheet: a peer, not Nissan"
    assert "A peer, not Nissan." in opening("yancheng")
    assert kicker("kitakyushu_battery") == "Plant sheet: a cancelled project"
    said = words(monkeypatch, plant="kitakyushu_battery")
    assert "Investment, cancelled" in said
    assert "Battery cells, not vehicles." in said
    assert kicker("oppama") == "Plant sheet"


def test_use_by_hand() -> None:
    # 282,000 / 600,000 = 47%; 80% of 600,000 = 480,000; 60% of it = 360,000
    assert keys_of("sunderland")["Used"] == "47% | 2024; break-even put at 80%"
    assert "80%, the press's rule for breaking even, would be 480,000" in opening("sunderland")
    own = opening("sunderland", break_even_utilisation=60)
    assert "60%, the break-even set for this sheet, would be 360,000" in own
    assert "up to 20%, below 80%" in opening("shonan")
    assert "Used" not in keys_of("chennai")  # its output is of one brand, its capacity of all


def test_reprints_retellings_and_other_definitions_are_no_further_publishers() -> None:
    """Two of the five that print Kyushu's capacity retell Reuters; of COMPAS one says over, one up to."""
    kyushu = keys_of("kyushu")["Capacity a year"]
    assert kyushu.startswith("500,000 | 2024 to August 2025, three publishers")
    assert "October 2025, one publisher; over 230,000" in keys_of("compas")["Capacity a year"]
    assert "Three shifts, April 2025, one publisher" in keys_of("smyrna")["Capacity a year"]


def test_figures_say_what_they_are() -> None:
    staff = (
        "1,300 | With development staff, March 2025, about 600 of them temporary; Reuters: 1,200"
    )
    assert keys_of("shonan")["Employees"] == staff
    assert "plan or state then, before later changes" in keys_of("huadu")["Capacity a year"]
    assert keys_of("wuhan")["Used"].endswith("; Yicai Global: up to 10%, estimate, April 2025")
    assert "what Smyrna leaves" in keys_of("canton")["Used"]
    table = figures.table(LATEST, validate("plant", {"plant": "canton"}))
    assert table is not None and table.note is not None
    assert "others give this figure for all US plants" in table.note.text


def test_a_rate_without_a_year_is_never_told_as_a_years_output() -> None:
    """Two reports of April 2025 give Wuhan about 10,000 a year; the only year printed is 2023."""
    assert not LATEST.rows("production", "wuhan", "*")[1:]
    said = opening("wuhan")
    assert "Nissan built 11,200 vehicles there in 2023: 4% of 300,000 or 7% of 150,000, as" in said
    assert "give about 10,000 vehicles a year, one of them since 2022, and name no single" in said
    assert "10,000 vehicles in" not in said
    assert keys_of("wuhan")["Vehicles built"] == "11,200 | 2023, one publisher"
    table = figures.table(LATEST, validate("plant", {"plant": "wuhan"}))
    assert table is not None
    assert re.search(r"year not named +about 10,000 +April 2025", table.text())
    for fact in LATEST.facts.values():  # and so for every plant
        told = " ".join(fact.note.lower().split())
        assert fact.metric != "production" or not re.search(
            r"\brate\b|not name|not stated", told
        ), fact


def test_a_share_of_the_countrys_output_by_hand() -> None:
    # 100,000 of 656,990 is 15.2%; "about" leaves 90,000 to 110,000: 13.7% to 16.7%
    assert keys_of("oppama")["Of Nissan's output in Japan"] == "14% to 17% | 2024"
    # 314,500 of 524,919 is 59.9%; a source prints 11% for CIVAC; Sunderland is all of its country
    assert keys_of("smyrna")["Of Nissan's output in the United States"] == "60% | 2024"
    assert keys_of("civac")["Of Nissan's output in Mexico"] == "11% | As printed, July 2025"
    for plant in ("sunderland", "compas", "yancheng", "chennai"):
        assert not [label for label in keys_of(plant) if label.startswith("Of Nissan")]


def test_how_many_print_a_figure_and_what_is_missing() -> None:
    found = keys_of("oppama")
    assert next(iter(found)) == "Capacity a year"
    assert found["Capacity a year"] == "240,000 | August 2025, four publishers"
    assert found["Vehicles built"] == "about 100,000 | 2024, one publisher"
    assert found["End announced"] == (
        "FY2027 | To March 2028; announced on 15 July 2025; still ahead"
    )
    # Counted in October 2024; the articles of 2025 repeat it.
    assert found["Employees"] == "about 3,900 | Whole site, October 2024"
    missing = after.unknown(LATEST, validate("plant", {"plant": "oppama"}))
    assert missing is not None and "its output of any year but 2024." in missing.text
    table = figures.table(LATEST, validate("plant", {"plant": "oppama"}))
    assert table is not None and table.rows[0][0].text == "Production capacity"
    assert re.search(r"about 3,900 +October 2024 +Reuters \+ one", table.text()), (
        "not the worst source"
    )


def test_disagreements_are_shown() -> None:
    table = figures.table(LATEST, validate("plant", {"plant": "wuhan"}))
    assert table is not None and table.note is not None
    assert "Production capacity, disputed" in table.text()
    assert "Disputed: 150,000 expandable to 300,000 against a plain 300,000" in table.note.text
    assert keys_of("wuhan")["Capacity a year"] == (
        "300,000 | April 2025, three publishers; disputed: 150,000 in August 2025"
    )
    table = figures.table(LATEST, validate("plant", {"plant": "civac"}))
    assert table is not None and table.note is not None
    assert re.search(r"Jobs affected, not used +about 3,500", table.text())
    assert "Not used: most sources give 2,400" in table.note.text


def test_a_derived_output_is_not_called_unknown() -> None:
    """Canton's follows from the country's and Smyrna's: 524,919 less 314,500."""
    said = after.unknown(LATEST, validate("plant", {"plant": "canton"}))
    assert said is None or "output" not in said.text
    assert "210,400 vehicles, by what the country's other plant leaves" in opening("canton")
    assert "about 70,000 vehicles (an estimate) in 2024" in opening("compas")


def test_an_answer_is_not_shown_without_its_report() -> None:
    """The exit first; the answer on Foxconn only where the report has room as well."""
    told = sheet.events(LATEST, validate("plant", {"plant": "oppama"}), 6)
    assert told is not None and "Oppama to stop building cars" in told.text()
    assert "does not rest on its information" not in told.text()


def test_who_receives_the_work() -> None:
    def said(plant: str) -> str:
        found = after.work(LATEST, validate("plant", {"plant": plant}))
        return found.text if found else ""

    assert "is to go to Aguascalientes A1, which is to take over the pick-ups of CIVAC" in said(
        "civac"
    )
    assert "The work is to go to Kyushu." in said("oppama")
    assert "is to receive work of CIVAC" in said("aguascalientes_a1")
    assert "the press names Aguascalientes" in said("santa_isabel")
    assert said("smyrna") == ""


def test_a_report_that_was_answered_is_told_with_the_answer() -> None:
    then = opening("oppama", Ledger.load("2025-07-10"))
    assert then.startswith("Oppama. Reported, and not confirmed: talks with Foxconn on building")


def test_wrong_plants(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(sweeping.SweepError, match="Did you mean 'tochigi'"):
        sweeping.swept(["plant"], ["plant=tochigy"], {})
    assert cli.run(["plants", "tochigy", "--out", str(tmp_path / "out")]) == 2
    assert "plant: got 'tochigy'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_tasks_of_the_batch() -> None:
    every, index = sweeping.swept(["plant"], ["plant=*"], {"as_of": "2025-09-30"})
    assert index.title == "Nissan: the plants, one page each"
    assert [t.stem for t in every] == [f"plant-{key}" for key in PLANTS]
    assert {t.parameters["as_of"] for t in every} == {"2025-09-30"}
    assert running.task("plant", {}).stem == "plant"


@pytest.mark.slow
def test_one_sheet_twice(tmp_path: Path) -> None:
    one = running.render("plant", {"plant": "rosslyn"}, tmp_path / "one")
    two = running.render("plant", {"plant": "rosslyn"}, tmp_path / "two")
    assert sorted(path.name for path in one.files.values()) == [
        "plant.facts.json",
        "plant.html",
        "plant.pdf",
    ]
    for kind, path in one.files.items():
        assert path.read_bytes() == two.files[kind].read_bytes()
    first = PdfReader(one.files["pdf"]).pages[0].extract_text()
    assert "What is known of Rosslyn in figures" in " ".join(first.split()), "the body has one page"


@pytest.mark.slow
def test_the_batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    plants = ("civac", "yancheng", "kitakyushu-battery")
    line = ["plants", *plants, "--as-of", "2026-01-31", "--out", str(out), "--jobs", "2"]
    assert cli.run(line) == 0
    stems = [f"plant-{plant.replace('-', '_')}" for plant in plants]
    wanted = {f"{stem}{ending}" for stem in stems for ending in (".html", ".pdf", ".facts.json")}
    assert {path.name for path in out.iterdir()} == wanted | {"index.html"}
    index = (out / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'href="([^"#:]+)"', index)) == wanted
    assert "A peer, not Nissan" in index
    told = json.loads((out / "plant-civac.facts.json").read_text(encoding="utf-8"))
    assert told["foot"]["parameters"]["plant"] == "civac"
    assert told["foot"]["as_of"] == "2026-01-31"


@pytest.mark.slow
def test_one_failing_sheet_stops_no_other(tmp_path: Path) -> None:
    (good, other), index = sweeping.swept(["plant"], ["plant=dalian,huadu"], {})
    bad = running.Task("plant", {**other.parameters, "as_of": "soon"}, name=other.name)
    batch = running.render_all([bad, good], tmp_path, partial(pools.processes, jobs=2), index=index)
    assert [result.report for result in batch.results] == ["plant-dalian"]
    assert len(batch.failures) == 1
    assert batch.failures[0].startswith("plant-huadu: ")
    assert batch.index
    page = batch.index.read_text(encoding="utf-8")
    assert "<strong>Not made:</strong> plant-huadu." in page
    assert "plant-dalian.html" in page
