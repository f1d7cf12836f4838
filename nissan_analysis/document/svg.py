"""Pictures made safe to put inside a page: an allow-list of SVG, and nothing that loads or runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

from .text import clean

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"

_ELEMENT_NAMES = """
    svg g defs path rect circle ellipse line polyline polygon text tspan use clipPath mask
    pattern marker linearGradient radialGradient stop image
"""
_ATTRIBUTE_NAMES = """
    id class d x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy width height viewBox points
    transform rotate style fill fill-opacity fill-rule stroke stroke-width stroke-dasharray
    stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity
    opacity color clip-path clip-rule clipPathUnits mask maskUnits maskContentUnits
    patternUnits patternContentUnits patternTransform gradientUnits gradientTransform
    spreadMethod offset stop-color stop-opacity marker-start marker-mid marker-end
    markerWidth markerHeight refX refY orient markerUnits font-family font-size font-style
    font-weight text-anchor textLength lengthAdjust dominant-baseline preserveAspectRatio
    letter-spacing overflow display visibility
"""
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_URL = re.compile(r"url\(\s*(['\"]?)#([^'\")\s]+)\1\s*\)")
_HOSTILE = re.compile(
    r"url\s*\(|@|\\|expression|javascript:|/\*|image\s*\(|image-set", re.IGNORECASE
)
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=\s]+")
_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
_SIZE = re.compile(r"font-size:\s*([\d.]+)px")
_PAINT = ("fill", "stroke", "stop-color", "color")


class SvgError(ValueError):
    """A picture that is not well-formed SVG, or declares entities."""


def sanitised(svg: str, prefix: str) -> str:
    """The picture with only drawing elements left, its ids made unique by `prefix`.

    Dropped: scripts, style sheets, event handlers, foreign objects, every address that is not a
    fragment of the picture itself (or an embedded bitmap). Two pictures in one page cannot
    reach each other's clip paths.

    Raises
    ------
    SvgError
        When the text is not XML, its root is not ``<svg>`` or it declares entities.
    """
    if "<!ENTITY" in svg.upper():
        raise SvgError("the SVG declares entities")
    try:
        # Expat refuses characters that XML has not; they could only be noise in a label.
        root = ET.fromstring(
            re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "", svg)
        )
    except ET.ParseError as error:
        raise SvgError(f"the SVG is not well-formed XML: {error}") from error
    if _local(root.tag) != "svg":
        raise SvgError("the picture's root element is not <svg>")
    safe = _copied(root, prefix)
    if safe is None:
        raise SvgError("the picture is empty")
    _fit(safe)
    safe.set("xmlns", SVG)
    # What matplotlib says in a style sheet for all elements, which we drop with every other one.
    safe.set("stroke-linejoin", "round")
    safe.set("stroke-linecap", "butt")
    return ET.tostring(safe, encoding="unicode")


def _local(tag: object) -> str:
    """The element's name if it is an SVG one, otherwise an empty string."""
    name = tag if isinstance(tag, str) else ""
    if name.startswith("{"):
        space, _, name = name[1:].partition("}")
        return name if space == SVG else ""
    return name


def _copied(element: ET.Element, prefix: str) -> ET.Element | None:
    name = _local(element.tag)
    if name not in _ELEMENTS:
        return None
    attributes: dict[str, str] = {}
    for key, value in element.attrib.items():
        kept = _attribute(name, key, value, prefix)
        if kept:
            attributes[kept[0]] = kept[1]
    if name == "image" and "href" not in attributes:
        return None
    copy = ET.Element(name, attributes)
    copy.text = clean(element.text) if element.text else None
    for child in element:
        kept_child = _copied(child, prefix)
        if kept_child is not None:
            copy.append(kept_child)
            kept_child.tail = clean(child.tail) if child.tail else None
        elif child.tail and child.tail.strip() and name in ("text", "tspan"):
            if len(copy):
                copy[-1].tail = (copy[-1].tail or "") + clean(child.tail)
            else:
                copy.text = (copy.text or "") + clean(child.tail)
    return copy


def _attribute(element: str, key: str, value: str, prefix: str) -> tuple[str, str] | None:
    if key in ("href", f"{{{XLINK}}}href"):
        if value.startswith("#"):
            return "href", f"#{prefix}-{value[1:]}"
        if element == "image" and _DATA_IMAGE.fullmatch(value):
            return "href", value
        return None
    if key not in _ATTRIBUTES or key == "class":
        return None
    if key == "id":
        return key, f"{prefix}-{value}"
    if key == "style":
        parts = (part.strip() for part in value.split(";"))
        return key, "; ".join(_local_urls(p, prefix) for p in parts if p and not _is_hostile(p))
    return None if _is_hostile(value) else (key, _local_urls(value, prefix))


def _is_hostile(value: str) -> bool:
    return bool(_HOSTILE.search(_URL.sub("", value)))


def _local_urls(value: str, prefix: str) -> str:
    return _URL.sub(lambda match: f"url(#{prefix}-{match[2]})", value)


def _fit(root: ET.Element) -> None:
    """Make sure of a viewBox, so that the picture can be scaled."""
    if "viewBox" not in root.attrib:
        width, height = _points(root.get("width", "")), _points(root.get("height", ""))
        if width and height:
            root.set("viewBox", f"0 0 {width:g} {height:g}")


def _points(length: str) -> float:
    match = re.fullmatch(r"\s*([\d.]+)(pt|px)?\s*", length)
    return float(match[1]) if match else 0.0


def natural_width(svg: str) -> float:
    """The width of the picture's own coordinate system (points); 0 when unknown."""
    match = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) [\d.]+"', svg)
    return float(match[1]) if match else 0.0


def least_width(svg: str, pixels: float) -> float:
    """How wide the picture must be for its smallest letter to be `pixels` high; 0 when unknown."""
    sizes = [float(s) for s in re.findall(r"font(?:-size)?:[^;\"]*?([\d.]+)px", svg)]
    return natural_width(svg) * pixels / min(sizes) if sizes and min(sizes) > 0 else 0.0


def for_html(svg: str, label: str, names: dict[str, str]) -> str:
    """The picture as a labelled image whose colours are CSS variables; `--grow` enlarges its letters.

    `names` maps a lower-case light hex colour to the name of its variable. Paints left at
    SVG's default black follow the text colour.
    """
    root = ET.fromstring(svg)
    for element in root.iter():
        _variables(element, names)
        element.tag = _local(element.tag)
    for key in ("width", "height"):
        root.attrib.pop(key, None)
    root.set("xmlns", SVG)
    root.set("role", "img")
    root.set("aria-label", label)
    root.set("fill", "currentColor")
    return ET.tostring(root, encoding="unicode")


def _variables(element: ET.Element, names: dict[str, str]) -> None:
    def swap(match: re.Match[str]) -> str:
        name = names.get(match[0].lower())
        return f"var(--c-{name}, {match[0].lower()})" if name else match[0]

    styles = [element.get("style", "").strip().rstrip(";")]
    for key in _PAINT:
        value = element.get(key, "")
        if _HEX.fullmatch(value) and value.lower() in names:
            # var() belongs into style: not every reader takes it in a presentation attribute.
            styles.insert(0, f"{key}: {value}")
            del element.attrib[key]
    joined = "; ".join(part for part in styles if part)
    if joined:
        joined = _SIZE.sub(r"font-size: calc(\1px * var(--grow, 1))", joined)
        element.set("style", _HEX.sub(swap, joined))


def with_texts(svg: str, change: Callable[[str], str]) -> str:
    """The picture with every label passed through `change`."""
    root = ET.fromstring(svg)
    for element in root.iter():
        element.tag = _local(element.tag)
        if element.tag in ("text", "tspan"):
            element.text = change(element.text) if element.text else element.text
        if element.tail and element.tail.strip():
            element.tail = change(element.tail)
    root.set("xmlns", SVG)
    return ET.tostring(root, encoding="unicode")
