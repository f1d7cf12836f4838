"""Text to the JSON type that a parameter's schema asks for, and what that schema asks, in words."""

from __future__ import annotations

import re
from typing import Any

_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


def from_text(given: Any, schema: dict[str, Any]) -> Any:
    """`given` as the type of `schema` where it is text that plainly says one, else unchanged.

    ``010``, ``1e3`` and ``1,000`` are not plain: they stay text, and validation refuses them.
    A list is written with commas; the empty text and ``none`` are the empty list.
    """
    if not isinstance(given, str):
        return given
    kinds = _kinds(schema)
    if "array" in kinds:
        return [] if given.strip() in ("", "none") else [item.strip() for item in given.split(",")]
    if "integer" in kinds and _WHOLE.fullmatch(given):
        return int(given)
    if "number" in kinds and _NUMBER.fullmatch(given):
        return float(given)
    if "boolean" in kinds and given in ("true", "false"):
        return given == "true"
    return given


def wanted(schema: dict[str, Any]) -> str:
    """What a schema asks for, as the end of a sentence that begins with "expected"."""
    options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    return ", or ".join(_one(option) for option in options)


def choices(schema: dict[str, Any]) -> list[str]:
    """The values a parameter is limited to, or an empty list."""
    items: list[str] = schema.get("enum") or schema.get("items", {}).get("enum", [])
    return items


def _kinds(schema: dict[str, Any]) -> set[str]:
    return {str(option.get("type")) for option in schema.get("anyOf", [schema])}


def _one(schema: dict[str, Any]) -> str:
    if "const" in schema:
        return f"'{schema['const']}'"
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    match schema.get("type"):
        case "array":
            known = schema["items"].get("enum")
            which = f"any of {', '.join(known)}" if known else "names"
            most = f", at most {schema['maxItems']}" if "maxItems" in schema else ""
            return f"{which}, with commas between{most} (or none)"
        case "integer":
            return "a whole number" + _range(schema)
        case "number":
            return "a number" + _range(schema)
        case "boolean":
            return "true or false"
    if schema.get("format") == "date":
        return "a date such as 2024-03-31"
    if schema.get("pattern", "").startswith(r"^20\d\d-"):
        return "a month such as 2022-05"
    return "text"


def _range(schema: dict[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return (
            f" from {low:,} to {high:,}".replace(",", "")
            if high < 3000
            else f" from {low:,} to {high:,}"
        )
    if low is not None:
        return f" of {low:,} or more"
    return f" of {high:,} or less" if high is not None else ""
