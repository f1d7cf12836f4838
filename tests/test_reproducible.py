"""The same bytes from two fresh clones: other zones, users, hash seeds, languages, one core and two; and
they are those of the committed manifest.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT
from nissan_analysis import manifest
from nissan_analysis.places import REPORTS

pytestmark = pytest.mark.slow

#: What the two have in common is the commit.
ONE = {"TZ": "Etc/GMT+12", "PYTHONHASHSEED": "0", "LC_ALL": "C", "USER": "one", "LOGNAME": "one"}
TWO = {"TZ": "Etc/GMT-14", "PYTHONHASHSEED": "random", "USER": "two", "MPLBACKEND": "pdf"}


def rendered(clone: Path, core: bool, **more: str) -> Path:
    """The folder of all reports, made in a clone of the repository by its own code alone."""
    subprocess.run(["git", "clone", "--quiet", "--shared", str(ROOT), str(clone)], check=True)
    shutil.rmtree(clone / "reports")
    home = clone.with_name(f"home of {clone.name}")
    home.mkdir()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("NISSAN_ANALYSIS_", "XDG_"))}
    env |= {"HOME": str(home), "PYTHONPATH": str(clone), **more}
    one = {min(os.sched_getaffinity(0))} if core else os.sched_getaffinity(0)
    ran = subprocess.run(
        [sys.executable, "-m", "nissan_analysis", "render"],
        cwd=clone,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        preexec_fn=lambda: os.sched_setaffinity(0, one),
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    return clone / "reports"


@pytest.fixture(scope="module")
def clones(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if sys.platform != "linux" or not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("a clone needs git, and a checkout")
    folder = tmp_path_factory.mktemp("clones")
    return (
        rendered(folder / "one", core=True, **ONE),
        rendered(folder / "another one", core=False, **TWO),
    )


def test_two_clones_give_the_same_bytes(
    clones: tuple[Path, Path], tally: Callable[[str, int], None]
) -> None:
    one, two = ({path.name: path.read_bytes() for path in c.iterdir()} for c in clones)
    endings = (".html", ".pdf", ".facts.json")
    assert set(one) == {f"{r}{e}" for r in REPORTS for e in endings} | {"index.html", manifest.NAME}
    assert set(one) == set(two)
    assert [name for name in one if one[name] != two[name]] == []
    tally("files made twice with the same bytes", len(one))


def test_the_manifest_is_what_sha256sum_checks(clones: tuple[Path, Path]) -> None:
    folder, _ = clones
    told = manifest.read((folder / manifest.NAME).read_bytes())
    assert list(told) == sorted(p.name for p in folder.iterdir() if p.name != manifest.NAME)
    if shutil.which("sha256sum"):
        line = ["sha256sum", "--check", "--strict", "--quiet", manifest.NAME]
        assert subprocess.run(line, cwd=folder, check=False).returncode == 0


def test_the_committed_manifest_is_of_these_bytes(clones: tuple[Path, Path]) -> None:
    """What is committed is what this commit makes, on any machine with the packages of the lock."""
    line = ["git", "show", f"HEAD:reports/{manifest.NAME}"]
    committed = subprocess.run(line, cwd=ROOT, capture_output=True, check=False).stdout
    made = (clones[0] / manifest.NAME).read_bytes()
    stale = [n for n, d in manifest.read(made).items() if manifest.read(committed).get(n) != d]
    assert stale == [], "run `make notebooks reports` and commit what changes"
    assert made == committed


def test_the_manifest_is_kept_true(tmp_path: Path) -> None:
    """Lines of files that are gone leave it; a damaged line is no line."""
    (tmp_path / "b.html").write_bytes(b"b")
    (tmp_path / "a.html").write_bytes(b"a")
    digests = {name: hashlib.sha256(name.encode()).hexdigest() for name in "abc"}
    old = f"{digests['b']}  b.html\n{digests['c']}  gone.html\nnonsense\n{digests['a']} a.html\n"
    new = manifest.renewed(old.encode(), tmp_path, {"a.html": digests["a"]})
    assert new.decode() == f"{digests['a']}  a.html\n{digests['b']}  b.html\n"
