"""Where everything comes from: hashes and public addresses in the lock, a licence for each package
and font, and a wheel, built from the sdist alone, that renders a report anywhere.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT

LOCK: list[dict[str, Any]] = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))[
    "package"
]
PACKAGES = [p for p in LOCK if "registry" in p["source"]]
FONTS = ROOT / "nissan_analysis" / "fonts"


def files(package: dict[str, Any]) -> list[dict[str, Any]]:
    return [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]


# --- the lock ------------------------------------------------------------------------------


def test_every_file_of_the_lock_has_a_hash_and_a_public_address(tally):
    assert len(PACKAGES) > 100
    for package in PACKAGES:
        assert package["source"] == {"registry": "https://pypi.org/simple"}, package["name"]
        assert files(package), f"{package['name']} has no file"
        for file in files(package):
            assert re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"]), file
            assert file["url"].startswith("https://files.pythonhosted.org/packages/"), file
            assert "?" not in file["url"] and "#" not in file["url"]
            tally("hashes in the lock held", 1)


def test_the_name_in_an_address_is_the_name_of_the_package():
    """A lock that was tampered with could name one package and fetch another."""
    for package in PACKAGES:
        name = re.sub(r"[-_.]+", "-", package["name"])
        for file in files(package):
            stem = re.sub(r"[-_.]+", "-", file["url"].rpartition("/")[2]).lower()
            version = re.sub(r"[-_.]+", "-", package["version"])
            assert stem.startswith(f"{name}-{version}"), file["url"]


def test_nothing_is_fetched_but_from_the_lock():
    """The environment of `make` is the lock, unchanged, and no other index is named anywhere."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "sync --frozen" in makefile
    for name in (
        "pyproject.toml",
        "Makefile",
        "environment.yml",
        ".ci/run",
        ".github/workflows/ci.yml",
    ):
        path = ROOT / name
        if path.is_file():
            assert not re.search(r"index[-_]url|--find-links|--trusted-host", path.read_text())


# --- licences ------------------------------------------------------------------------------


def listed() -> dict[str, tuple[str, str]]:
    """Name to version and licence, as THIRD_PARTY.md tells them."""
    text = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[([^]]+)\]\(https?://[^)]+\) \| (\S+) \| (.+) \|$", text, re.M)
    return {name: (version, licence) for name, version, licence in rows}


def test_the_licence_of_every_package_is_told():
    told = listed()
    wanted = {p["name"]: p["version"] for p in PACKAGES}
    stale = "run `make third-party` and commit THIRD_PARTY.md"
    assert {name: version for name, (version, _) in told.items()} == wanted, stale
    for name, (_, licence) in told.items():
        assert licence != "see its own files", f"{name}: add its licence to tools/third_party.py"


def test_nothing_needed_to_make_a_report_is_under_the_gpl_alone():
    for name, (_, licence) in listed().items():
        if re.search(r"\bA?GPL", licence):
            assert re.search(r"Artistic|MIT|BSD|OR ", licence), f"{name}: {licence}"


def test_the_licence_of_the_fonts_stands_beside_them():
    licence = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Inter Project Authors" in licence
    fonts = sorted(p for p in FONTS.iterdir() if p.suffix in (".ttf", ".woff2"))
    assert {p.name.partition("-")[0] for p in fonts} == {"Inter"}
    assert len(fonts) == 6


# --- the wheel and the sdist ---------------------------------------------------------------


def run(*line: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A command with nothing of this project in its environment."""
    mine = ("NISSAN_ANALYSIS_", "PYTHON", "VIRTUAL_ENV", "UV_")
    bare = {k: v for k, v in os.environ.items() if not k.startswith(mine)}
    ran = subprocess.run(
        [*map(str, line)], cwd=cwd, env=bare | more, capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built without a network from what the sdist holds."""
    folder = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "hatchling", "build", "-d", folder, "-t")
    run(*build, "sdist", cwd=ROOT)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    source = next(p for p in folder.iterdir() if p.is_dir())
    for name in (
        "tests",
        "tools",
        "uv.lock",
        "environment.yml",
        "THIRD_PARTY.md",
        "LICENSE",
        "Makefile",
    ):
        assert (source / name).exists(), f"the sdist has no {name}"
    run(*build, "wheel", cwd=source)
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_what_it_needs_and_nothing_else(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"nissan_analysis"}
    for needed in (
        "_data/datapackage.json", "_data/sources.csv", "_data/facts/china.csv", "_notebooks/briefing.ipynb",
        "fonts/Inter-Regular.ttf", "fonts/OFL.txt", "document/report.css", "document/report.typ",
    ):  # fmt: skip
        assert f"nissan_analysis/{needed}" in names
    licences = {name.rpartition("/")[2] for name in names if ".dist-info/licenses/" in name}
    assert licences == {"LICENSE", "LICENSE-CC-BY-4.0.md", "OFL.txt"}
    assert not [name for name in names if name.endswith((".pyc", ".ipynb_checkpoints"))]


@pytest.mark.slow
def test_an_installed_wheel_renders_a_report_anywhere(wheel: Path, tmp_path: Path):
    """pip install, then `nissan-analysis render`, in a fresh environment and another folder."""
    home = tmp_path / "an environment"
    uv = shutil.which("uv") or shutil.which(
        ROOT / ".uv" / "bin" / "uv"
    )  # pip, in a tenth of the time
    venv.create(home, with_pip=uv is None, symlinks=True)
    python = home / "bin" / "python"
    installer = (
        (uv, "pip", "install", "--python", python) if uv else (python, "-m", "pip", "install")
    )
    run(*installer, "--quiet", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    # Its dependencies are those already here: a path in a .pth lends them, without the editable
    # install beside them.
    site = sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)})
    (Path(site) / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    work = tmp_path / "some folder"
    work.mkdir()
    asked = "import nissan_analysis as n, sys; print(n.__file__); print(*sys.path, sep='\\n')"
    first, *path = run(python, "-c", asked, cwd=work).stdout.splitlines()
    assert Path(first).is_relative_to(home)
    assert str(ROOT) not in path, "the checkout can be imported"
    command = home / "bin" / "nissan-analysis"
    made = run(
        command, "render", "plant", "--plant", "tochigi", "--out", "here", "--fresh", cwd=work
    )
    assert "made" in made.stdout
    assert sorted(p.name for p in (work / "here").iterdir()) == ["plant.facts.json", "plant.html", "plant.pdf"]  # fmt: skip
    assert (work / "here" / "plant.pdf").read_bytes().startswith(b"%PDF-")
    assert "no fault" in run(command, "check", cwd=work).stdout
    assert [p.name for p in work.iterdir()] == ["here"], "something was left behind"
