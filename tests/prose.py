"""What a page says in prose, and the digits in it that no source vouches for."""

from __future__ import annotations

from html.parser import HTMLParser

from nissan_analysis.wording import stray_digits

#: Numbers with their sources, dates, pictures, and the words that the page adds around a report.
NOT_PROSE = frozenset(
    ["data", "time", "svg", "head", "nav", "table", "details", "footer", "code", "pre"]
)
#: Parts by id or class: the lists at the end, the numbers of charts and tables, the day on the cover.
NOT_PROSE_PARTS = frozenset(["assumptions", "sources", "tag", "asof", "source"])
BLOCKS = frozenset(
    [
        "p",
        "li",
        "span",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "div",
        "section",
        "figure",
        "figcaption",
    ]
)
VOID = frozenset(["br", "hr", "img", "link", "meta", "wbr"])


class _Prose(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self.text.append("\n" if tag in ("br", "hr") else "")
            return
        named = dict(attrs)
        names = {*(named.get("class") or "").split(), named.get("aria-labelledby") or ""}
        left_out = tag in NOT_PROSE or bool(names & NOT_PROSE_PARTS)
        # What is left out still stands between its neighbours: "7" and "2" must not become a year.
        self.text.append("\n" if tag in BLOCKS else " " if left_out else "")
        self.open.append((tag, left_out))

    def handle_endtag(self, tag: str) -> None:
        while self.open and tag not in VOID:
            last, _ = self.open.pop()
            if last == tag:
                break
        self.text.append("\n" if tag in BLOCKS else "")

    def handle_data(self, data: str) -> None:
        if not any(left_out for _, left_out in self.open):
            self.text.append(data)


def prose(html: str) -> str:
    """The words of a page, without its numbers with sources, tables, lists and pictures."""
    return "".join(_Prose(html).text)


def prose_digits(html: str) -> list[str]:
    """Digits in the prose of a page that are no part of a date or a name and lead to no source."""
    return [digit for line in prose(html).splitlines() for digit in stray_digits(line)]
