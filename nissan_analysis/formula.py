"""How a number was made: as arithmetic that a machine can repeat, and in words for a reader.

Every operation on quantities leaves a `Step`. The facts of the result are called by their place
in its sorted list of facts: ``f0``, ``f1`` in the arithmetic, A, B in the words. So a printed
number can be computed again from its own page and the ledger (`evaluate`), and its tooltip can
say "change from A to B" and list what A and B are.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

LONGEST = 2000  #: characters of arithmetic; a longer one is not written down
READABLE = 90  #: characters of words; a longer formula is called by what it rests on
_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_RANKS = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "**": _POWER}
_SIGNS = {"-": "−", "*": "×", "/": "÷", "**": "to the power of"}


class Leaf(Protocol):
    """What a step may rest on: a fact as printed (`stated`), or a figure made of several."""

    @property
    def facts(self) -> tuple[str, ...]: ...
    @property
    def stated(self) -> bool: ...


class NoFormula(ValueError):
    """The arithmetic of a number is not known, or is too long to be written down."""


@dataclass(frozen=True, eq=False)
class Step:
    """An operation on parts: a sign of `_RANKS`, ``neg``, ``log``, ``round`` (to so many places) or
    ``ratio`` (a percentage as a ratio); ``given`` stands for one that no arithmetic repeats; in
    ``named`` the first part is the computation, and `words` say it of the parts: ``{0}`` is the first.
    """

    sign: str
    parts: tuple[Part, ...]
    words: str = ""


Part = Step | Leaf | float

#: A number that came about in a way nobody wrote down.
UNKNOWN = Step("given", ())


def arithmetic(part: Part, facts: Sequence[str]) -> str:
    """The formula over ``f0``, ``f1``, ... (places in `facts`).

    Raises
    ------
    NoFormula
    """
    places = {name: f"f{i}" for i, name in enumerate(facts)}
    return _written(part, places, _plain)[0]


def in_words(part: Part, facts: Sequence[str], name: str = "") -> str:
    """The formula for a reader, over A, B, ... (places in `facts`); `name` is what the analysis
    calls it. Empty for a fact as printed."""
    if not isinstance(part, Step):
        return name or ("" if getattr(part, "stated", True) else _resting_on(facts))
    letters = {fact: letter(i) for i, fact in enumerate(facts)}
    try:
        text = _written(part, letters, _worded)[0]
    except NoFormula:
        text = ""
    if len(text) > READABLE:
        text = ""
    if text == "A":  # a percentage told as a ratio is the fact as printed
        return name
    if name:
        return f"{name} ({text})" if text and text != name else name
    return text or _resting_on(facts)


def _resting_on(facts: Sequence[str]) -> str:
    return f"computed from {len(facts)} figures" if len(facts) > 1 else "computed from A"


def letter(place: int) -> str:
    """The name of the fact at a place: A to Z, then A2 to Z2."""
    return chr(ord("A") + place % 26) + (str(place // 26 + 1) if place >= 26 else "")


def _leaf(leaf: Leaf, names: Mapping[str, str]) -> str:
    if not leaf.stated or len(leaf.facts) != 1 or leaf.facts[0] not in names:
        raise NoFormula("It rests on a figure that was rounded or modelled on the way.")
    return names[leaf.facts[0]]


Writer = Callable[[Step, list[tuple[str, int]]], tuple[str, int]]


def _written(part: Part, names: Mapping[str, str], how: Writer) -> tuple[str, int]:
    """A part as text, and how tightly it binds."""
    if isinstance(part, Step):
        if not part.parts:
            raise NoFormula("Nobody wrote down how it was made.")
        if how is _worded:
            plus, minus = _terms(part)
            if len(plus) > 4 and not minus and all(not isinstance(t, Step) for t in plus):
                return f"sum of {len(plus)} figures", _SUM
        done = [_written(p, names, how) for p in part.parts]
        text, rank = how(part, done)
        if len(text) > LONGEST:
            raise NoFormula("It is too long to be written down.")
        return text, rank
    if isinstance(part, int | float):
        return f"{part:.12g}", _ATOM if part >= 0 else _SUM
    return _leaf(part, names), _ATOM


def _terms(part: Part) -> tuple[list[Part], list[Part]]:
    """What a sum adds and what it takes away."""
    if isinstance(part, Step) and not part.words:
        if part.sign in ("+", "-"):
            (a, b), (c, d) = _terms(part.parts[0]), _terms(part.parts[1])
            return (a + c, b + d) if part.sign == "+" else (a + d, b + c)
        if part.sign == "neg":
            plus, minus = _terms(part.parts[0])
            return minus, plus
    return [part], []


def _infix(sign: str, done: list[tuple[str, int]], shown: str) -> tuple[str, int]:
    rank = _RANKS[sign]
    (left, binds), (right, right_binds) = done
    if sign == "+" and right[0] in "-−":
        return f"{left} {right[0]} {right[1:]}", rank
    left = left if (binds >= rank and sign != "**") or binds == _ATOM else f"({left})"
    loose = right_binds < rank or (right_binds == rank and sign in ("-", "/", "**"))
    return f"{left} {shown} {f'({right})' if loose else right}", rank


def _plain(step: Step, done: list[tuple[str, int]]) -> tuple[str, int]:
    text, rank = done[0]
    match step.sign:
        case "neg":
            return (f"-{text}" if rank >= _PRODUCT else f"-({text})"), _SUM
        case "named":
            return text, rank
        case "given":
            raise NoFormula("It was rounded or modelled on the way.")
        case "log":
            return f"log({text})", _ATOM
        case "round":
            return f"round({text}, {done[1][0]})", _ATOM
        case "ratio":
            return (f"{text} / 100" if rank >= _PRODUCT else f"({text}) / 100"), _PRODUCT
        case _:
            return _infix(step.sign, done, step.sign)


def _worded(step: Step, done: list[tuple[str, int]]) -> tuple[str, int]:
    text, rank = done[0]
    if step.words:
        named = [f"({t})" if r < _ATOM else t for t, r in done]
        return step.words.format(*named), _SUM
    match step.sign:
        case "neg" if text.startswith("change from "):
            return f"fall{text.removeprefix('change')}", _SUM
        case "neg" if text.startswith("fall from "):
            return f"change{text.removeprefix('fall')}", _SUM
        case "neg" if isinstance(step.parts[0], Step) and step.parts[0].words:
            return text, _SUM
        case "neg":
            return (f"−{text}" if rank >= _PRODUCT else f"−({text})"), _SUM
        case "log":
            return f"the logarithm of {f'({text})' if rank < _ATOM else text}", _SUM
        case "round":
            return f"{text}, rounded", _SUM
        case "ratio":
            return text, rank  # the unit says what it is
        case _:
            return _infix(step.sign, done, _SIGNS.get(step.sign, step.sign))


# -- computing it again ------------------------------------------------------------------------

_DO: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.USub: operator.neg,
}  # fmt: skip
_CALLS: dict[str, Callable[..., float]] = {
    "log": math.log,
    "round": lambda value, places: round(value, int(places)),
}


def evaluate(formula: str, values: Sequence[float]) -> float:
    """The value of an arithmetic formula over ``f0``, ``f1``, ...; nothing else is understood.

    Raises
    ------
    NoFormula
        When it is no such formula, or has no value.
    """
    try:
        found = _value(ast.parse(formula, mode="eval").body, values)
        return float(found)
    except (SyntaxError, KeyError, IndexError, TypeError, ArithmeticError, ValueError) as error:
        raise NoFormula(f"{formula!r} has no value: {error}") from error


def _value(node: ast.AST, values: Sequence[float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if re.fullmatch(r"f\d+", name):
            return values[int(name[1:])]
        case ast.BinOp(left, op, right):
            return float(_DO[type(op)](_value(left, values), _value(right, values)))
        case ast.UnaryOp(op, operand):
            return float(_DO[type(op)](_value(operand, values)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _CALLS[name](*(_value(arg, values) for arg in args))
        case _:
            raise ValueError(f"{ast.unparse(node)} is not arithmetic")
