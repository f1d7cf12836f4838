"""The project itself: floors of the package, the lock, the environments, and what is shipped."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT

PACKAGE = ROOT / "nissan_analysis"

#: From the ground up. A module imports from floors below, or beside it where nothing turns in a circle.
FLOORS: list[set[str]] = [
    {"files", "manifest", "places", "style", "wanted"},
    {
        "again",
        "cells",
        "checks",
        "conflicts",
        "derive",
        "divisia",
        "faults",
        "fingerprint",
        "formula",
        "ledger",
        "periods",
        "points",
        "provenance",
        "quantity",
        "reads",
        "rows",
        "vintage",
        "wording",
    },
    {"alliances", "charts", "china", "drawing", "restructuring", "sakura", "tables"},
    {"asking", "briefing", "disputes", "outlook", "parameters", "series", "telling"},
    {"document"},
    {
        "apart",
        "auditing",
        "cache",
        "canonical",
        "cluster",
        "comparing",
        "comparing_page",
        "editions",
        "executing",
        "forking",
        "incell",
        "kernels",
        "making",
        "pools",
        "printed",
        "provisioner",
        "ranges",
        "running",
        "series_page",
        "sweeping",
    },
    {"__main__", "cli", "desk", "live", "progress", "searching", "showing", "staleness"},
]
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def floor(name: str) -> int:
    """The floor of a room; `china_peers` stands where `china` does."""
    found = FLOOR.get(name, FLOOR.get(name.split("_")[0]))
    assert found is not None, f"{name} stands on no floor yet: give it one in FLOORS"
    return found


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only a type checker sees."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            yield node
            yield from _walk(node)


def imports(path: Path) -> set[str]:
    """The rooms that a module imports from, at its top or inside a function."""
    inside = path.relative_to(ROOT).with_suffix("").parts[:-1]  # the package it is in
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in _walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = list(inside[: len(inside) - node.level + 1]) if node.level else []
            start = ".".join(base + ([node.module] if node.module else []))
            names = [f"{start}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("nissan_analysis.")}
    return found - {room(path)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_from_below_only(path: Path) -> None:
    name = room(path)
    for other in imports(path):
        assert floor(other) <= floor(name), f"{name} imports from {other}, which is above it"
        if name == "document":
            assert other == "style", "document/ knows nothing about the rest of the package"


def test_no_circles() -> None:
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        graph.setdefault(room(path), set()).update(imports(path))

    def walk(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " imports ".join([*above, name])
        for other in graph.get(name, ()):
            walk(other, (*above, name))

    for name in graph:
        walk(name, ())


def test_only_the_ledger_reads_the_data() -> None:
    users = {room(p) for p in MODULES if "data_folder" in p.read_text(encoding="utf-8")}
    assert users <= {
        "places",
        "ledger",
        "rows",
        "fingerprint",
        "executing",
    }  # the last names it to the kernel


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_lock_names_public_addresses_only() -> None:
    text = (ROOT / "uv.lock").read_text(encoding="utf-8")
    hosts = set(re.findall(r"[a-z+]+://([^/\"]+)", text))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}
    lock = tomllib.loads(text)
    registries = {tuple(sorted(package["source"].items())) for package in lock["package"]}
    assert registries == {(("registry", "https://pypi.org/simple"),), (("editable", "."),)}
    assert lock["requires-python"].replace(" ", "") == project()["project"]["requires-python"]


def _split(requirement: str) -> tuple[str, str]:
    match = re.match(r"([A-Za-z0-9_.-]+)\s*(.*)", requirement)
    assert match
    name = match[1].lower().replace("_", "-")
    # the parts without what only their whole packages add
    return re.sub(r"^(matplotlib|seaborn)-base$|^(nbconvert)-core$", r"\1\2", name), match[2]


def test_the_conda_environment_asks_for_the_same_ranges() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    pip = next(line for line in environment["dependencies"] if isinstance(line, dict))["pip"]
    assert conda[:2] == ["python=3.12", "pip"]  # so that repo2docker reads it
    assert pip[-1] == "-e ."
    ours = dict(map(_split, [*conda[2:], *pip[:-1]]))
    wanted = project()["project"]
    assert ours == dict(
        map(_split, [*wanted["dependencies"], *wanted["optional-dependencies"]["desk"]])
    )


def test_binder_finds_the_environment() -> None:
    """repo2docker reads environment.yml at the root, unless a folder for Binder hides it."""
    assert not [name for name in ("binder", ".binder", "Dockerfile") if (ROOT / name).exists()]
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    wanted = [line for line in environment["dependencies"] if isinstance(line, str)]
    assert any(line.startswith("jupyterlab") for line in wanted)
    assert any(line.startswith("ipywidgets") for line in wanted)
    (start,) = set(re.findall(r"urlpath=lab/tree/(\S+?\.ipynb)", _read("README.md")))
    assert (ROOT / start).is_file()


def test_the_devcontainer_makes_the_same_environment() -> None:
    container = json.loads(_read(".devcontainer/devcontainer.json"))
    environment = yaml.safe_load(_read("environment.yml"))
    made = container["onCreateCommand"].split()
    assert made[:4] == ["conda", "env", "create", "--file"]
    assert (ROOT / made[4]).is_file()
    name = environment["name"]
    assert f"--name {name} nissan-analysis lab" in container["postAttachCommand"]
    (port,) = container["forwardPorts"]
    assert f"--port={port}" in container["postAttachCommand"]
    settings = container["customizations"]["vscode"]["settings"]
    assert settings["python.defaultInterpreterPath"].endswith(f"/envs/{name}/bin/python")


def test_the_pictures_of_the_readme_are_those_that_are_taken() -> None:
    shown = set(re.findall(r"\]\(docs/(\w+)\.png\)", _read("README.md")))
    taken = set(re.findall(r'taken\["(\w+)"\]', _read("docs/take_pictures.py")))
    assert shown == taken == {path.stem for path in (ROOT / "docs").glob("*.png")}


def test_the_lock_is_inside_the_ranges() -> None:
    from packaging.specifiers import SpecifierSet

    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    versions: dict[str, list[str]] = {}
    for package in lock["package"]:
        versions.setdefault(package["name"], []).append(package["version"])
    for name, wanted in map(_split, project()["project"]["dependencies"]):
        assert all(version in SpecifierSet(wanted) for version in versions[name]), name


def test_one_version_everywhere() -> None:
    version = project()["project"]["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == version
    assert re.search(
        r"^## \[(Unreleased|" + re.escape(version) + r")\]", _read("CHANGELOG.md"), re.M
    )


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def shipped() -> list[Path]:
    """The files of the project, as git has them, or without git all but what is built."""
    try:
        line = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    except (OSError, subprocess.CalledProcessError):
        return [p for p in ROOT.rglob("*") if p.is_file() and ".venv" not in p.parts]


def test_no_path_of_a_machine_in_any_file() -> None:
    private = re.compile(rb"file:///\w|(?<![\w.:/<-])/(?:home|root|Users|work|mnt)/\w[\w.-]*/")
    for path in shipped():
        if path.suffix in {".ttf", ".woff2", ".png", ".lock"} or path == Path(__file__):
            continue
        found = private.search(path.read_bytes())
        assert not found, f"{path.relative_to(ROOT)} holds {found[0]!r}"


def test_every_test_file_says_what_it_proves() -> None:
    told = _read("tests/README.md")
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path.name
        assert f"| `{path.name}` |" in told, f"run `make test-table`: {path.name} is not listed"
