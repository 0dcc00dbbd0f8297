"""Phones, e-mail, web and network addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from anonymizers.rules.model import Rule
from anonymizers.rules.vetoes import is_measured
from anonymizers.spans import Label, Source

__all__ = ["RULES"]

_DOMAINS: Final = (
    "com|org|net|edu|gov|mil|int|info|health|care|clinic|hospital|io|us|uk|ca|au|de|fr"
)
_RANGE: Final = re.compile(r"range|normal|ref\b|between|from|goal|target")
_REACH: Final = 20
_EXTENSION: Final = r"(?:,?\s*(?:x|ext\.?|extension)\s*\d{1,6})?"


def _addresses(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    try:
        ipaddress.ip_address(match["span"])
    except ValueError:
        return
    yield match.span("span")


def _international(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    digits = sum(one.isdigit() for one in match[0])
    if 8 <= digits <= 15:  # noqa: PLR2004  ITU-T E.164 allows 15; fewer than 8 is no full number
        yield match.span()


def _local(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Seven digits with one hyphen; not a range of amounts or of normal values."""
    before = match.string[max(0, match.start() - _REACH) : match.start()].lower()
    if not is_measured(match.string, match.end()) and not _RANGE.search(before):
        yield match.span()


def _trimmed(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    yield match.start(), match.start() + len(match[0].rstrip(".,;:!?)'\""))


RULES: Final = (
    Rule(
        name="email",
        label=Label.EMAIL,
        pattern=re.compile(r"(?<![\w.+-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}"),
        score=0.99,
    ),
    Rule(
        name="url",
        label=Label.URL_IP,
        pattern=re.compile(r"(?i)\b(?:https?://|ftp://|www\.)[^\s<>\"]+"),
        score=0.95,
        pick=_trimmed,
    ),
    Rule(
        name="domain",
        label=Label.URL_IP,
        pattern=re.compile(
            rf"(?i)(?<![\w@.-])[a-z][\w-]{{2,62}}(?:\.[\w-]{{2,62}}){{0,3}}\.(?:{_DOMAINS})\b"
            r"(?![\w@-])(?:/[^\s<>\"]*)?"
        ),
        score=0.7,
        pick=_trimmed,
    ),
    Rule(
        name="ipv4",
        label=Label.URL_IP,
        pattern=re.compile(r"(?<![\d.])(?P<span>\d{1,3}(?:\.\d{1,3}){3})(?![\d.]\d)"),
        score=0.8,
        pick=_addresses,
    ),
    Rule(
        name="ipv6",
        label=Label.URL_IP,
        pattern=re.compile(
            r"(?i)(?<![\w:])(?P<span>[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7})(?![\w:])"
        ),
        score=0.9,
        pick=_addresses,
    ),
    Rule(
        name="mac",
        label=Label.ID,
        pattern=re.compile(
            r"(?i)(?<![\w:-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?![\w:-])"
        ),
        score=0.95,
    ),
    Rule(
        name="phone_us",
        label=Label.PHONE_FAX,
        pattern=re.compile(
            r"(?<![\w+./-])(?:\+?1[-.\s]?)?(?:\([2-9]\d{2}\)[-.\s]?|[2-9]\d{2}[-.\s/])"
            rf"\d{{3}}[-.\s]\d{{4}}(?![\w]|[-./]\d){_EXTENSION}"
        ),
        score=0.9,
    ),
    Rule(
        name="phone_international",
        label=Label.PHONE_FAX,
        pattern=re.compile(r"(?<![\w.])\+\d{1,3}(?:[-. ]?\(?\d{1,4}\)?){2,6}(?!\w)"),
        score=0.85,
        pick=_international,
    ),
    Rule(
        name="phone_trunk",
        label=Label.PHONE_FAX,
        pattern=re.compile(r"(?<![\w.,/-])\(?0\d{2,4}\)?[- ]\d{3,4}[- ]?\d{3,4}(?![\w/-])"),
        score=0.6,
    ),
    Rule(
        name="phone_keyed",
        label=Label.PHONE_FAX,
        pattern=re.compile(
            r"(?i)\b(?:phone|telephone|tel|cell|mobile|fax|pager|beeper|call(?:ed)?|ph|"
            r"voicemail|text(?:ed)?|dial|(?:home|work|contact)(?= ?[:(]))\b"
            r"[^\w\n]{0,4}(?:(?:number|no|is|at|back at|(?:us|me|her|him|"
            r"them) at)\b[^\w\n]{0,3}){0,2}"
            rf"(?P<span>\(?\d{{3}}\)?[-. ]?\d{{3,4}}(?:[-. ]?\d{{4}})?{_EXTENSION})(?![\w/]|[-.]\d)"
        ),
        score=0.75,
        source=Source.KEYED,
    ),
    Rule(
        name="phone_local",
        label=Label.PHONE_FAX,
        pattern=re.compile(r"(?<![\w.,/$-])[2-9]\d{2}-\d{4}(?![\w%]|[-./]\d)"),
        score=0.5,
        pick=_local,
    ),
    Rule(
        name="phone_extension",
        label=Label.PHONE_FAX,
        pattern=re.compile(
            r"(?i)\b(?:ext(?:ension)?|pager|beeper|x)\b\.?[ :#]*(?P<span>\d{3,6})(?!\w|[./-]\d)"
        ),
        score=0.6,
        source=Source.KEYED,
    ),
)
