"""Where the data and the notebooks are: in a checkout, in an installed wheel, or where told.

In order: the folder named by an environment variable, the copy inside the installed package,
the folder of the checkout this module belongs to.
"""

from __future__ import annotations

import os
from pathlib import Path

#: The reports, in reading order; each is a notebook of that name.
REPORTS: tuple[str, ...] = (
    "briefing",
    "china_sales",
    "sakura_share",
    "restructuring",
    "alliances",
)

#: Notebooks that are made once for each of many subjects, and are none of the reports.
SHEETS: tuple[str, ...] = ("plant", "series")

#: The live desk: widgets over the notebooks above; no report is made of it.
DESK = "explore"

_PACKAGE = Path(__file__).resolve().parent


class PlaceError(FileNotFoundError):
    """A folder or file the package cannot work without is not there."""

    exit_code = 1


def data_folder() -> Path:
    """The folder of the facts.

    Raises
    ------
    PlaceError
        When there is none; the message says where was looked.
    """
    return _folder("data", "NISSAN_ANALYSIS_DATA", "datapackage.json")


def notebooks_folder() -> Path:
    """The folder of the notebooks.

    Raises
    ------
    PlaceError
        When there is none; the message says where was looked.
    """
    return _folder("notebooks", "NISSAN_ANALYSIS_NOTEBOOKS", "")


def notebook(report: str) -> Path:
    """The notebook of one report.

    Raises
    ------
    PlaceError
        When the folder holds no notebook of that name.
    """
    folder = notebooks_folder()
    path = folder / f"{report}.ipynb"
    if not path.is_file():
        there = ", ".join(sorted(p.stem for p in folder.glob("*.ipynb"))) or "none"
        raise PlaceError(
            f"There is no notebook for the report '{report}': expected {path} (found there: {there}). "
            "Restore it from the repository, or point NISSAN_ANALYSIS_NOTEBOOKS to the folder that has it."
        )
    return path


def cache_folder() -> Path:
    """Where finished reports are kept: NISSAN_ANALYSIS_CACHE, else the user's cache folder."""
    told = os.environ.get("NISSAN_ANALYSIS_CACHE")
    if told:
        return Path(told).expanduser().resolve()
    from platformdirs import user_cache_path

    try:
        return user_cache_path("nissan-analysis", appauthor=False)
    except RuntimeError:
        # Who has no home has no place of their own: nothing is kept, since nothing can be below a file.
        return Path(os.devnull) / "nissan-analysis"


def is_checkout() -> bool:
    """Whether the package runs from its source tree."""
    return (_PACKAGE.parent / "pyproject.toml").is_file() and not (_PACKAGE / "_data").is_dir()


def _folder(name: str, variable: str, marker: str) -> Path:
    told = os.environ.get(variable)
    if told:
        folder = Path(told).expanduser().resolve()
        if not (folder / marker).exists():
            what = f"has no {marker}" if folder.is_dir() else "is not a folder"
            raise PlaceError(
                f"{variable} is set to {folder}, which {what}. "
                f"Set it to the project's '{name}' folder, or unset it."
            )
        return folder
    candidates = (_PACKAGE / f"_{name}", _PACKAGE.parent / name)
    for folder in candidates:
        if folder.is_dir() and (folder / marker).exists():
            return folder
    looked = " and ".join(str(folder) for folder in candidates)
    raise PlaceError(
        f"The folder '{name}' was not found; looked for {looked}. "
        f"Reinstall the package, or set {variable} to the project's '{name}' folder."
    )
