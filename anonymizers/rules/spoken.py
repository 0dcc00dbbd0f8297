"""Words that begin an answer in a transcript: "Patient: Okay." names nobody."""

from __future__ import annotations

from typing import Final

__all__ = ["SPOKEN"]

_WORDS: Final = """
okay ok okey yes yeah yep nah nope no oh ah aw uh um uhm hm hmm mhm mm wow hey bye hi hello welcome
good great fine nice perfect sure right alright well exactly correct absolutely sorry thanks thank
please sir ma'am doc congratulations do does did don have has had is are was were am can could would
should shall let lets got get any anything how what when where which who why whose you your it its
that this there these those they we he she i my me his her our their not never just maybe sometimes
usually actually honestly also so and but because since if then or of to in on at an the a now today
yesterday tomorrow really very too want tell take come see looks sounds remind
"""
SPOKEN: Final = frozenset(_WORDS.split())
