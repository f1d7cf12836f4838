"""The pictures of the README, from the real reports and the real JupyterLab: ``make pictures``.

Needs Chromium (or its path in CHROMIUM), and pdftoppm of poppler-utils.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from lab import run_all, served  # noqa: E402

DAY = "31 March 2024"
REPORTS, DOCS = ROOT / "reports", ROOT / "docs"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> None:
    """Take all pictures into docs/; nothing is written unless all could be taken."""
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    missing = [
        n
        for n, found in (("Chromium", browser), ("pdftoppm", shutil.which("pdftoppm")))
        if not found
    ]
    if missing:
        sys.exit(
            f"make pictures needs {' and '.join(missing)}, not found here. Install it and try again."
        )
    taken: dict[str, bytes] = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
        page.goto((REPORTS / "index.html").as_uri())
        taken["front_door"] = page.screenshot()
        page.goto((REPORTS / "china_sales.html").as_uri())
        taken["china_report"] = page.screenshot()
        taken["tooltip"] = _tooltip(page)
        taken["live_desk"] = _desk(page)
        chromium.close()
    taken["pdf_page"] = _pdf(REPORTS / "china_sales.pdf")
    for name, picture in taken.items():
        _write(DOCS / f"{name}.png", picture)


def _tooltip(page: Any) -> bytes:
    """A number of the first chapter, reached by keyboard, with what it says of itself."""
    number = page.locator("main p a.fact").first
    number.focus()
    page.evaluate(
        "n => window.scrollTo({top: n.getBoundingClientRect().top + scrollY - 82})",
        number.element_handle(),
    )
    page.wait_for_timeout(400)
    picture: bytes = page.screenshot(clip={"x": 300, "y": 0, "width": 900, "height": 420})
    return picture


def _desk(page: Any) -> bytes:
    """The desk on China in JupyterLab, on a day in the past."""
    with tempfile.TemporaryDirectory() as home:
        notebook = ROOT / "notebooks" / "explore.ipynb"
        with served(Path(home), [notebook]) as lab:
            run_all(lab, page, notebook)
            page.keyboard.press("Control+b")  # the file browser away
            desk = page.locator(".nissan-desk").nth(1)
            desk.locator(".noUi-handle").first.focus()
            while desk.locator(".widget-readout").first.inner_text() != DAY:
                page.keyboard.press("ArrowLeft")
            node = desk.element_handle()
            page.wait_for_function(
                "([n, day]) => n.querySelector('.asof').innerText.includes(day)", arg=[node, DAY]
            )
            node.evaluate("n => n.scrollIntoView({block: 'start'})")
            page.wait_for_timeout(800)
            picture: bytes = page.screenshot()
            return picture


def _pdf(path: Path) -> bytes:
    line = ["pdftoppm", "-png", "-r", "80", "-f", "1", "-l", "1", str(path)]
    return subprocess.run(line, check=True, capture_output=True).stdout


def _write(path: Path, picture: bytes) -> None:
    """As a PNG of 256 colours: half the size, and no difference to see."""
    image = Image.open(io.BytesIO(picture)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    image.save(path, optimize=True)
    print(
        f"{path.relative_to(ROOT)}: {image.width} x {image.height}, {path.stat().st_size // 1024} kB"
    )


if __name__ == "__main__":
    main()
