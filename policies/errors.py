"""The one error tree of the product.

GatewayError
├─ DeclarationError         a steward's file is wrong: file, line, found, allowed
│  └─ CombinedDeclarationError  several are; all of them, in order
├─ SourceError              a hospital's data file is wrong: file, line; never a value
├─ ApprovalError            a change of the declarations lacks the approvals it needs
├─ RefusalError             understood, and the answer is no
│  ├─ UnsupportedQueryError   position, construct, nearest supported form
│  ├─ PolicyDeniedError       the rule and its reason
│  └─ BudgetExceededError     asked for, remaining, when it renews
└─ InternalError            our fault or a vendor's: the caller gets an incident id, nothing else

Other packages add leaves in their own ``errors.py``. No message holds a cell value, note text
or a vendor's own words. Messages are one line with no final stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "ApprovalError",
    "BudgetExceededError",
    "CombinedDeclarationError",
    "DeclarationError",
    "GatewayError",
    "InternalError",
    "PolicyDeniedError",
    "Position",
    "RefusalError",
    "SourceError",
    "UnsupportedQueryError",
]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text that a person wrote; both numbers count from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


class GatewayError(Exception):
    """Root of every error that the product raises on purpose.

    Attributes:
        code: Stable upper-case name such as ``POL-COLUMN-ROLE``; documented in docs/errors.md.
        message: What was found and what is allowed, for a person.
        remedy: What to do next; empty where nothing can be done.
    """

    code: str = "SYS-ERROR"

    def __init__(self, message: str, *, code: str | None = None, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


class DeclarationError(GatewayError):
    """A steward's file is wrong.

    Attributes:
        file: The file as the steward named it; empty for a value built in code.
        position: Where in the file, if it is known.
    """

    code = "KEY-INVALID"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        remedy: str = "",
        file: str = "",
        position: Position | None = None,
    ) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.file = file
        self.position = position

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.position) if part)
        text = f"{self.code} {super().__str__()}"
        return f"{place} {text}" if place else text

    @property
    def problems(self) -> tuple[DeclarationError, ...]:
        """Every single problem: this one."""
        return (self,)


class CombinedDeclarationError(DeclarationError):
    """Several places are wrong; they are told together, so that they can be mended together.

    Attributes:
        problems: Two or more single problems, in the order in which they stand in the files.
    """

    def __init__(self, problems: Sequence[DeclarationError]) -> None:
        first = problems[0]
        super().__init__(
            f"{len(problems)} problems were found",
            code=first.code,
            remedy="mend them all",
            file=first.file,
            position=first.position,
        )
        self._problems = tuple(problems)

    @property
    def problems(self) -> tuple[DeclarationError, ...]:
        """Every single problem."""
        return self._problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self._problems)


class SourceError(GatewayError):
    """A hospital's data file is wrong; the message never holds a value that was read.

    Attributes:
        file: The file as the policy names it.
        line: Line (or row, counted from 1) in that file, if it is known.
    """

    code = "SRC-INVALID"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        remedy: str = "",
        file: str = "",
        line: int | None = None,
    ) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.file = file
        self.line = line

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part)
        text = f"{self.code} {super().__str__()}"
        return f"{place} {text}" if place else text


class ApprovalError(GatewayError):
    """A change of the declarations lacks the approvals that it needs."""

    code = "APP-MISSING"


class RefusalError(GatewayError):
    """The request was understood and the answer is no; never depends on private rows.

    Attributes:
        entry: Number of the entry that records it in the audit log; None where none does.
        proof: The receipt of that entry (C2SP tlog-proof), or empty.
    """

    code = "POL-REFUSED"
    entry: int | None = None
    proof: str = ""


class UnsupportedQueryError(RefusalError):
    """The SQL is not one that can be answered.

    Attributes:
        position: Where in the researcher's text, if the construct has a place.
    """

    code = "SQL-UNSUPPORTED"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        remedy: str = "",
        position: Position | None = None,
    ) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.position = position


class PolicyDeniedError(RefusalError):
    """A rule of the policy says no.

    Attributes:
        rule: Name of the rule's module in ``policies.rules``.
        at: JSON Pointer (RFC 6901) into the declaration that decided, or empty.
        policy: Id of the gateway, dataset or project whose declaration decided, or empty.
        place: ``file:line:column`` of it, the file relative to the folder of the policies.
    """

    code = "POL-DENIED"

    def __init__(  # noqa: PLR0913  what a denial names is fixed, and all but two have defaults
        self,
        message: str,
        *,
        rule: str,
        code: str | None = None,
        remedy: str = "",
        at: str = "",
        policy: str = "",
        place: str = "",
    ) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.rule = rule
        self.at = at
        self.policy = policy
        self.place = place


class BudgetExceededError(RefusalError):
    """The privacy budget does not cover the price."""

    code = "BUD-EXCEEDED"


class InternalError(GatewayError):
    """Our fault or a vendor's; what is shown is the incident id and nothing else."""

    code = "SYS-INTERNAL"

    def __init__(self, incident: str) -> None:
        super().__init__(
            f"internal error, incident {incident}",
            remedy="give the incident id to whoever runs this gateway",
        )
        self.incident = incident
