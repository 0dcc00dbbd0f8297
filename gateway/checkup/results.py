"""What one check says, in one line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Grade", "Result", "fail", "good", "warn"]


class Grade(Enum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one check found; it holds no value of any row, and no secret.

    Attributes:
        check: Which check, a word.
        grade: How it ended.
        found: What was found, in words.
        remedy: What to do; empty where nothing has to be done.
    """

    check: str
    grade: Grade
    found: str
    remedy: str = ""

    def line(self) -> str:
        """Return it for a person."""
        rest = f"; {self.remedy}" if self.remedy else ""
        return f"{self.grade.value:<4}  {self.check:<10}  {self.found}{rest}"


def good(check: str, found: str) -> Result:
    """Return that a check found nothing wrong."""
    return Result(check=check, grade=Grade.OK, found=found)


def warn(check: str, found: str, remedy: str) -> Result:
    """Return that something is allowed, and mostly not meant."""
    return Result(check=check, grade=Grade.WARN, found=found, remedy=remedy)


def fail(check: str, found: str, remedy: str) -> Result:
    """Return that something has to be put right."""
    return Result(check=check, grade=Grade.FAIL, found=found, remedy=remedy)
