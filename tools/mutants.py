"""Small faults put into the code, one at a time: does a test notice?

``python tools/mutants.py [GROUP ...] [--sample 150] [--seed 1] [--minutes 12] [--jobs 2]``

A first run of a group's tests notes which test reaches which line. Then a random sample (the same
for the same seed) of all small changes is tried: each is compiled into a fork of this process,
which runs the tests that reach its line, the quickest first, until one fails. No file is changed.
What no test noticed is printed with its line: kill it with a better test, or know why not.

Kernels and commands that a test starts import the code as it stands, so the tests named here are
those that call the code themselves. (mutmut changes no property, which is where bounds are computed,
and cosmic-ray starts Python anew for each change.)
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from itertools import islice
from pathlib import Path
from types import CodeType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "nissan_analysis"
#: What to change, and the tests that should notice.
GROUPS: dict[str, tuple[list[str], list[str]]] = {
    "ledger": (["ledger", "points", "conflicts", "vintage"], ["ledger", "checks"]),
    "quantity": (["quantity", "formula"], ["quantity", "formula", "wording"]),
    "writers": (
        [f"document.{name}" for name in ("to_html", "html_parts", "to_pdf", "typst_parts", "to_json", "markdown")],
        ["writers", "document", "document_pdf"],
    ),
}  # fmt: skip
_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the `number`-th of its module."""

    module: str
    number: int
    first: int  #: lines that a test has to reach
    last: int
    said: str


def changes(tree: ast.Module) -> Iterator[tuple[ast.stmt, ast.AST, ast.AST]]:
    """Every change as statement, node in it and what stands for that, in the order of the file."""
    for statement in _statements(tree):
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring
        for node in (statement, *_parts(statement)):
            for new in _instead(node):
                yield statement, node, new


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        if not isinstance(child, ast.expr):
            yield from _statements(child)


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """What a statement is made of, its inner statements and its annotations aside."""
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns", "decorator_list"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not isinstance(child, ast.stmt):
                    yield child
                    yield from _parts(child)


def _instead(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Expr():
            yield ast.Pass()
        case ast.If(test, body, orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Return(ast.AST() as value) if not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.AugAssign(target, op, value) if type(op) in _SWAPS:
            yield ast.AugAssign(target, _SWAPS[type(op)](), value)
        case ast.Continue():
            yield ast.Break()
        case ast.Compare(left, [op], right) if type(op) in _SWAPS:
            yield ast.Compare(left, [_SWAPS[type(op)]()], right)
        case ast.BinOp(left, op, right) if type(op) in _SWAPS:
            yield ast.BinOp(left, _SWAPS[type(op)](), right)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(_SWAPS[type(op)](), values)
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield operand
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.comprehension(target, iter_, [first, *rest], asynchronous):
            ifs = [ast.UnaryOp(ast.Not(), first), *rest]
            yield ast.comprehension(target, iter_, ifs, asynchronous)
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(str() as value):
            yield ast.Constant("" if value else "XX")


def file_of(module: str) -> Path:
    return ROOT / PACKAGE / f"{module.replace('.', '/')}.py"


def mutants(module: str) -> list[Mutant]:
    """All changes of a module."""
    found = []
    tree = ast.parse(file_of(module).read_text("utf-8"))
    for number, (statement, node, new) in enumerate(changes(tree)):
        first = last = getattr(node, "lineno", statement.lineno)
        said = f"{module}:{first}: {_line(node)} -> {_line(new)}"
        if isinstance(statement, ast.Expr | ast.Assign | ast.Return | ast.AnnAssign):
            first, last = statement.lineno, statement.end_lineno or statement.lineno
        found.append(Mutant(module, number, first, last, said))
    return found


def _line(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node)).partition("\n")[0][:100]


def mutated(mutant: Mutant) -> CodeType:
    """The module with its change, compiled."""
    path = file_of(mutant.module)
    tree = ast.parse(path.read_text("utf-8"))
    _, old, new = next(islice(changes(tree), mutant.number, None))

    class Change(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            return ast.copy_location(new, node) if node is old else self.generic_visit(node)

    return compile(ast.fix_missing_locations(Change().visit(tree)), str(path), "exec")


class Finder:
    """Imports one module with its change, and leaves the others to Python."""

    def __init__(self, mutant: Mutant) -> None:
        self.name, self.code = f"{PACKAGE}.{mutant.module}", mutated(mutant)
        self.path = str(file_of(mutant.module))

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        finder = self

        class Loader(SourceFileLoader):
            def get_code(self, fullname: str) -> CodeType:
                return finder.code

        return spec_from_file_location(name, self.path, loader=Loader(name, self.path))


def tested(tests: list[str], *plugins: object) -> int:
    """The exit code of pytest in this process; zero when nothing was noticed."""
    import pytest

    options = [
        "-x",
        "-q",
        "-p",
        "no:nbval",
        "-p",
        "no:cacheprovider",
        "-o",
        "addopts=",
        "-m",
        "not browser and not slow",
    ]
    with contextlib.suppress(SystemExit):
        return int(pytest.main([*options, *tests], plugins=list(plugins)))
    return 1


class Reach:
    """Which test reaches which line of the modules, and how long it takes."""

    def __init__(self, modules: list[str]) -> None:
        import coverage

        self.cover = coverage.Coverage(
            data_file=None, config_file=False, include=[str(file_of(m)) for m in modules]
        )
        self.cover.start()
        self.seconds: dict[str, float] = {}

    def pytest_runtest_setup(self, item: Any) -> None:
        self.cover.switch_context(item.nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration

    def found(self, modules: list[str]) -> dict[str, Any]:
        self.cover.stop()
        data = self.cover.get_data()
        lines = {m: {str(line): names for line, names in data.contexts_by_lineno(str(file_of(m))).items()} for m in modules}  # fmt: skip
        return {"lines": lines, "seconds": self.seconds}


def forked(work: Any) -> int:
    """A process that does something quietly, and ends with its answer."""
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        code = work()
    finally:
        os._exit(code)


def reach(modules: list[str], tests: list[str]) -> dict[str, Any]:
    """Runs a group's tests with the code as it stands.

    Raises
    ------
    SystemExit
        When one fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "reach.json"

        def work() -> int:
            told = Reach(modules)
            code = tested(tests, told)
            answer.write_text(json.dumps(told.found(modules)), "utf-8")
            return code

        _, status = os.waitpid(forked(work), 0)
        if status:
            sys.exit(f"The tests fail without any change: {' '.join(tests)}")
        found: dict[str, Any] = json.loads(answer.read_text("utf-8"))
        return found


def reaching(mutant: Mutant, known: dict[str, Any]) -> list[str]:
    """The tests to run for a change: the quickest first, all for what runs at the import."""
    lines, seconds = known["lines"][mutant.module], known["seconds"]
    names = {n for line in range(mutant.first, mutant.last + 1) for n in lines.get(str(line), [])}
    if "" in names:
        names = set(seconds)
    return sorted(names, key=lambda name: seconds.get(name, 0.0))


def tried(sample: list[Mutant], known: dict[str, Any], jobs: int, until: float) -> dict[str, list[Mutant]]:  # fmt: skip
    """The mutants by what became of them."""
    ended: dict[str, list[Mutant]] = {
        "killed": [],
        "timeout": [],
        "survived": [],
        "not reached": [],
    }
    waiting, running = list(reversed(sample)), dict[int, tuple[Mutant, float]]()
    while waiting or running:
        while waiting and len(running) < jobs and time.monotonic() < until:
            one = waiting.pop()
            tests = reaching(one, known)
            if not tests:
                ended["not reached"].append(one)
                continue
            patience = 20 + 5 * sum(known["seconds"].get(t, 0.0) for t in tests)
            pid = forked(lambda one=one, tests=tests: _noticed(one, tests))
            running[pid] = one, time.monotonic() + patience
        if not running:
            break
        for pid, (one, limit) in list(running.items()):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done or time.monotonic() > limit:
                if not done:
                    os.killpg(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                del running[pid]
                ended["timeout" if not done else "killed" if status else "survived"].append(one)
        time.sleep(0.02)
    return ended


def _noticed(mutant: Mutant, tests: list[str]) -> int:
    sys.meta_path.insert(0, Finder(mutant))  # type: ignore[arg-type]
    return tested(tests)


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("groups", nargs="*", default=list(GROUPS), help=", ".join(GROUPS))
    asked.add_argument("--sample", type=int, default=150, help="changes to try in each group")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--minutes", type=float, default=12, help="for each group, at most")
    asked.add_argument("--jobs", type=int, default=2)
    told = asked.parse_args()
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    os.chdir(ROOT)
    for name in (
        "hypothesis",
        "matplotlib.pyplot",
        "nbconvert",
        "pandas",
        "pydantic",
        "pypdf",
        "pytest",
        "typst",
    ):
        import_module(name)  # once, for all forks

    for name in told.groups:
        modules, names = GROUPS[name]
        until = time.monotonic() + 60 * told.minutes
        known = reach(modules, [f"tests/test_{one}.py" for one in names])
        every = [one for module in modules for one in mutants(module)]
        sample = random.Random(told.seed).sample(every, min(told.sample, len(every)))
        ended = tried(sample, known, told.jobs, until)
        count = Counter({what: len(ones) for what, ones in ended.items()})
        print(
            f"{name}: {len(every)} changes, {sum(count.values())} tried: {dict(count)}", flush=True
        )
        for what in ("not reached", "survived"):
            for one in sorted(ended[what], key=lambda m: (m.module, m.first)):
                print(f"  {what}: {one.said}", flush=True)


if __name__ == "__main__":
    main()
