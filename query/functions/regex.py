"""Regular expressions: the part of RE2's language that cannot fail, read before any text is.

What is accepted compiles in RE2, matches in time linear in the text, and means the same in Python
on ASCII texts. Syntax: https://github.com/google/re2/wiki/Syntax.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from query.functions.building import refuse

__all__ = [
    "Regex",
    "check_replacement",
    "flags_of",
    "parse_options",
    "parse_regex",
    "replaced",
    "translated",
]

MAX_PATTERN_CHARS = 200
MAX_REPEAT = 100
"""Largest count in braces, and largest product of nested ones; RE2 refuses beyond 1,000."""

_BRACES: Final = re.compile(r"\{(\d{1,3})(,(\d{1,3})?)?\}", re.ASCII)
_CLASSES: Final = {"d": "0-9", "w": "A-Za-z0-9_", "s": "\\t\\n\\f\\r "}
_CONTROLS: Final = {"n": "\\n", "t": "\\t", "r": "\\r"}
_SPECIAL: Final = frozenset("\\.+*?()|[]{}^$")


@dataclass(slots=True)
class Regex:
    """A pattern that was read.

    Attributes:
        pattern: As written.
        python: The same for Python's ``re`` with the ASCII flag.
        groups: Number of capturing groups.
        choices: Number of alternations and of repetitions whose count is open: a matcher that
            backtracks may try that many powers of the text's length.
        repeats_group: Whether a group is repeated, where backtracking has no such bound.
    """

    pattern: str
    python: str = ""
    groups: int = 0
    choices: int = 0
    repeats_group: bool = False
    _place: int = field(default=0, init=False)

    def alternatives(self, depth: int) -> tuple[str, int]:
        """Read up to the end or a closing parenthesis; return it and its largest repetition."""
        parts, most = "", 1
        while self._place < len(self.pattern) and self._peek() != ")":
            if self._peek() == "|":
                parts += self._next()
                self.choices += 1
                continue
            atom, inner, repeatable = self._atom(depth)
            repeat, times = self._repeat() if repeatable else ("", 1)
            self.choices += bool(repeat)
            self.repeats_group |= bool(repeat) and atom.startswith("(") and repeat != "?"
            if inner * times > MAX_REPEAT:
                raise _unreadable("nested repetitions multiply to more than 100")
            parts += atom + repeat
            most = max(most, inner * times)
        return parts, most

    def at_end(self) -> bool:
        """Say whether everything was read."""
        return self._place == len(self.pattern)

    def _peek(self) -> str:
        return self.pattern[self._place : self._place + 1]

    def _next(self) -> str:
        found = self._peek()
        self._place += 1
        return found

    def _atom(self, depth: int) -> tuple[str, int, bool]:
        """Read one thing that may be repeated: its text, its repetition, whether it may be."""
        one = self._next()
        if one == "(":
            text, most = self._group(depth)
            return text, most, True
        if one == "[":
            return self._class(), 1, True
        if one == "\\":
            return self._escaped()
        if one in "^$":
            return {"^": "\\A", "$": "\\Z"}[one], 1, False
        if one in _SPECIAL - {"."}:
            raise _unreadable(f"a {one} stands where it means nothing")
        return (one if one == "." else re.escape(one)), 1, True

    def _group(self, depth: int) -> tuple[str, int]:
        if depth > 10:  # noqa: PLR2004  far more than anybody writes
            raise _unreadable("parentheses are nested more than 10 deep")
        opening = "("
        if self._peek() == "?":
            if self.pattern[self._place : self._place + 2] != "?:":
                raise _unreadable("only the groups (…) and (?:…) are known")
            self._place += 2
            opening = "(?:"
        else:
            self.groups += 1
        inner, most = self.alternatives(depth + 1)
        if self._next() != ")":
            raise _unreadable("a parenthesis is not closed")
        return f"{opening}{inner})", most

    def _escaped(self) -> tuple[str, int, bool]:
        one = self._next()
        if one in _CLASSES:
            return f"[{_CLASSES[one]}]", 1, True
        if one.lower() in _CLASSES:
            return f"[^{_CLASSES[one.lower()]}]", 1, True
        if one in _CONTROLS:
            return _CONTROLS[one], 1, True
        if one in {"b", "B"}:
            # nowhere in an empty text does a word end, to RE2; to Python it depends on its version
            return {"b": "\\b", "B": "(?!\\b)"}[one], 1, False
        if one.isascii() and one and not one.isalnum():
            return re.escape(one), 1, True
        raise _unreadable("a backslash stands before something that it does not change")

    def _class(self) -> str:
        opening = "[^" if self._peek() == "^" else "["
        self._place += len(opening) - 1
        parts = ""
        while self._peek() not in ("]", ""):
            low = self._member()
            if self._peek() == "-" and self.pattern[self._place + 1 : self._place + 2] != "]":
                self._place += 1
                high = self._member()
                if len(low) > 1 or len(high) > 1 or low > high:
                    raise _unreadable("a range in brackets is not from low to high")
                parts += f"{re.escape(low)}-{re.escape(high)}"
            else:
                parts += low if len(low) > 1 else re.escape(low)
        if self._next() != "]" or not parts:
            raise _unreadable("brackets are empty or not closed")
        return f"{opening}{parts}]"

    def _member(self) -> str:
        one = self._next()
        if one == "\\":
            one = self._next()
            if one in _CLASSES:
                return _CLASSES[one]
            if one in _CONTROLS:
                return _CONTROLS[one]
            if one.isascii() and one and not one.isalnum():
                return one
        if one in ("", "[") or (one.isalnum() and self.pattern[self._place - 2] == "\\"):
            raise _unreadable("brackets hold something that is not known there")
        return one

    def _repeat(self) -> tuple[str, int]:
        """Read a repetition; return it and how often the engine writes its atom out."""
        one, times = self._peek(), 1
        if one == "{":
            found = _BRACES.match(self.pattern, self._place)
            if found is None:
                raise _unreadable("a { stands where it means nothing")
            low = int(found[1])
            high = int(found[3]) if found[3] else low
            if high > MAX_REPEAT or (found[3] and high < low):
                raise _unreadable("a repetition is above 100 or not from low to high")
            self._place = found.end()
            repeat, times = found[0], max(high, 1)
        elif one and one in "*+?":
            self._place += 1
            repeat = one
        else:
            return "", 1
        if self._peek() == "?":
            repeat += self._next()
        if self._peek() and self._peek() in "*+?{":
            raise _unreadable("a repetition is repeated")
        return repeat, times


def parse_regex(pattern: str) -> Regex:
    """Read a pattern.

    Raises:
        UnsupportedQueryError: If it is not in the supported part of RE2's language.
    """
    if len(pattern) > MAX_PATTERN_CHARS:
        raise _unreadable("it has more than 200 characters")
    regex = Regex(pattern)
    regex.python, _ = regex.alternatives(0)
    if not regex.at_end():
        raise _unreadable("a parenthesis is closed that was not opened")
    return regex


def parse_options(options: str, allowed: str) -> None:
    """Check the letters that follow a pattern.

    Raises:
        UnsupportedQueryError: If one is not allowed here, or stands twice.
    """
    if len(set(options)) != len(options) or not set(options) <= set(allowed):
        raise refuse(
            "the options of a regular expression are not known", f"use letters of {allowed}"
        )


@lru_cache(maxsize=64)
def translated(pattern: str) -> str:
    """Return a supported pattern for Python's ``re``; it is asked for once for each category."""
    return parse_regex(pattern).python


def flags_of(options: str) -> int:
    """Return Python's flags for a pattern's options."""
    flags = re.ASCII
    flags |= re.IGNORECASE if "i" in options else 0
    return flags | (re.DOTALL if "s" in options else 0)


def replaced(text: str, pattern: str, new: str, options: str) -> str:
    """Replace the first match of a supported pattern; with the option ``g``, every one."""
    matcher = re.compile(translated(pattern), flags_of(options))
    if "g" not in options:
        return matcher.sub(lambda found: _filled(found, new), text, count=1)
    made, place, last = "", 0, -1
    while place <= len(text) and (found := matcher.search(text, place)):
        made += text[place : found.start()]
        if found.end() == last:  # RE2 does not replace nothing right after a match
            made += text[last : last + 1]
            place = last + 1
            continue
        made += _filled(found, new)
        place = last = found.end()
    return made + text[place:]


def _filled(found: re.Match[str], new: str) -> str:
    return re.sub(r"\\(.)", lambda one: (found[int(one[1])] or "") if one[1] != "\\" else "\\", new)


def check_replacement(new: str, groups: int) -> None:
    """Check what a match is replaced with.

    Raises:
        UnsupportedQueryError: If it names a group that the pattern does not have.
    """
    for found in re.finditer(r"\\(.?)", new, re.DOTALL):
        one = found[1]
        if one != "\\" and not (one.isascii() and one.isdigit() and int(one) <= groups):
            raise refuse(
                "the replacement names a group that the pattern does not have",
                "write \\1 for the first group in parentheses, and \\\\ for a backslash",
            )


def _unreadable(reason: str) -> Exception:
    return refuse(
        f"the regular expression cannot be used: {reason}",
        "use literals, ., [a-z], \\d \\w \\s, ^ $, ( ), |, * + ? and {m,n}",
    )
