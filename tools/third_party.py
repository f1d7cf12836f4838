"""Write THIRD_PARTY.md: the licence of everything in uv.lock.

``python tools/third_party.py`` writes the file, ``--check`` says whether it is current. What is
installed here tells its own licence; packages that only other systems or Python versions install
are listed below by hand.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "THIRD_PARTY.md"
#: Not installed on every system or Python, or silent about themselves: licence and address by hand,
#: so that the table does not depend on where it is made.
ELSEWHERE: dict[str, tuple[str, str]] = {
    "aiohappyeyeballs": ("PSF-2.0", "https://github.com/aio-libs/aiohappyeyeballs"),
    "aiohttp": ("Apache-2.0 AND MIT", "https://github.com/aio-libs/aiohttp"),
    "aiosignal": ("Apache-2.0", "https://github.com/aio-libs/aiosignal"),
    "appnope": ("BSD-2-Clause", "https://github.com/minrk/appnope"),
    "axe-playwright-python": (
        "MIT; brings axe-core, MPL-2.0",
        "https://github.com/pamelafox/axe-playwright-python",
    ),
    "colorama": ("BSD-3-Clause", "https://github.com/tartley/colorama"),
    "frozenlist": ("Apache-2.0", "https://github.com/aio-libs/frozenlist"),
    "multidict": ("Apache-2.0", "https://github.com/aio-libs/multidict"),
    "propcache": ("Apache-2.0", "https://github.com/aio-libs/propcache"),
    "pywinpty": ("MIT", "https://github.com/andfoy/pywinpty"),
    "yarl": ("Apache-2.0", "https://github.com/aio-libs/yarl"),
}
HEAD = """# Third-party software and fonts

Made by `make third-party` from the lock and from what the packages say of themselves; a test holds the
names and versions against `uv.lock`. Nothing of it is copied into this repository but the font: the
packages are installed from PyPI, each under its own licence.

- **Inter** (`nissan_analysis/fonts/`), (c) The Inter Project Authors, SIL Open Font License 1.1:
  [OFL.txt](nissan_analysis/fonts/OFL.txt) stands beside it and travels in the wheel and in the sdist.

## Needed to make reports

{needed}

## Needed to develop and test only

{dev}
"""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, dict[str, object]]:
    """The packages of uv.lock by name, this project left out."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    return {p["name"]: p for p in lock["package"] if "registry" in p["source"]}


def needed() -> set[str]:
    """What an installed nissan-analysis brings with it, at any depth."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    packages = {p["name"]: p for p in lock["package"]}
    found: set[str] = set()
    # What an extra of the project adds is needed too, by whoever asks for it.
    root = next(p for p in lock["package"] if "registry" not in p["source"])
    extras = [d for group in root.get("optional-dependencies", {}).values() for d in group]
    waiting = [d["name"] for d in [*root["dependencies"], *extras]]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            entry = packages[name]
            extra = [d for ds in entry.get("optional-dependencies", {}).values() for d in ds]
            waiting += [d["name"] for d in [*entry.get("dependencies", []), *extra]]
    return found


def licence(about: metadata.PackageMetadata) -> str:
    """The licence a package states: as an SPDX expression, by its classifiers, or in its own words."""
    expression = about.get("License-Expression")
    if expression:
        return str(expression)
    trove = [
        c.rpartition("::")[2].strip()
        for c in about.get_all("Classifier") or []
        if c.startswith("License ::") and not c.endswith(("OSI Approved", "DFSG approved"))
    ]
    words = " ".join(str(about.get("License") or "").split())
    short = words if 0 < len(words) <= 60 else ""
    return "; ".join(trove) or short or "see its own files"


def address(about: metadata.PackageMetadata) -> str:
    """Where a package lives: its repository or home page, else its page on PyPI."""
    urls = dict(u.split(", ", 1) for u in about.get_all("Project-URL") or [] if ", " in u)
    wanted = {k.lower(): v for k, v in urls.items()}
    for kind in ("source", "source code", "repository", "homepage", "home"):
        if kind in wanted:
            return wanted[kind]
    return str(about.get("Home-page") or f"https://pypi.org/project/{about['Name']}/")


def row(name: str, entry: dict[str, object]) -> str:
    if name in ELSEWHERE:
        what, where = ELSEWHERE[name]
    else:
        about = metadata.metadata(name)
        what, where = licence(about), address(about)
    return f"| [{name}]({where}) | {entry['version']} | {what.replace('|', '/')} |"


def table(names: set[str], packages: dict[str, dict[str, object]]) -> str:
    lines = ["| package | version | licence |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(row(name, packages[name]) for name in sorted(names))])


def text() -> str:
    packages, runtime = locked(), needed()
    return HEAD.format(
        needed=table(runtime & set(packages), packages),
        dev=table(set(packages) - runtime, packages),
    )


def main(arguments: list[str]) -> int:
    try:
        made = text()
    except metadata.PackageNotFoundError as error:
        print(
            f"{error.name} is in uv.lock and not installed here. If only other systems install it, "
            "add it to ELSEWHERE in tools/third_party.py; else run `make .venv` first.",
            file=sys.stderr,
        )
        return 1
    if arguments == ["--check"]:
        current = TARGET.is_file() and TARGET.read_text(encoding="utf-8") == made
        print(f"{TARGET.name} is {'current' if current else 'stale: run make third-party'}.")
        return not current
    TARGET.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
