"""Fixtures: the browser, and a desk of small made-up notebooks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import small_data
from nissan_analysis.ledger import Ledger

# The same examples in every run, so that a failure is a change; NISSAN_ANALYSIS_EXAMPLES=5000
# tries others, and more of them.
_EXAMPLES = os.environ.get("NISSAN_ANALYSIS_EXAMPLES")
settings.register_profile(
    "house",
    derandomize=not _EXAMPLES,
    max_examples=int(_EXAMPLES or 100),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("house")


def few(count: int) -> settings:
    """For what is slow: at most `count` examples, unless more were asked for."""
    return settings(max_examples=int(_EXAMPLES or count))


ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "test-screenshots"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; without one the test is skipped, or fails where CI is set."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, _NAMES)), None)
    if found:
        return found
    message = f"No Chromium was found (looked for {', '.join(_NAMES)}, and in CHROMIUM)."
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """A headless browser for the length of the test run."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page of its own; a screenshot is kept when the test fails."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    failed = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed:
        SCREENSHOTS.mkdir(exist_ok=True)
        name = "".join(c if c.isalnum() else "-" for c in request.node.name)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")
    context.close()


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Finished reports of one test are none of another."""
    monkeypatch.setenv("NISSAN_ANALYSIS_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    """Everything in the real data."""
    return Ledger.load()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of notebooks in use instead of the real ones, to be filled with `tiny.write`."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    data = small_data.write(tmp_path / "data")
    (data / "datapackage.json").write_text("{}")
    monkeypatch.setenv("NISSAN_ANALYSIS_NOTEBOOKS", str(folder))
    monkeypatch.setenv("NISSAN_ANALYSIS_DATA", str(data))
    return folder
