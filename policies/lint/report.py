"""What a lint found, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass

from policies.errors import DeclarationError

__all__ = ["LintReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LintReport:
    """All that is wrong or doubtful, in the order of files and lines.

    Attributes:
        errors: What keeps the declarations from being in force.
        warnings: What is allowed and mostly not meant.
        digest: Of all files that were read; empty where there are errors.
        datasets: How many there are.
        projects: How many there are.
    """

    errors: tuple[DeclarationError, ...] = ()
    warnings: tuple[DeclarationError, ...] = ()
    digest: str = ""
    datasets: int = 0
    projects: int = 0

    def document(self) -> dict[str, object]:
        """Return the report as JSON: every finding with its severity, file, line and column."""
        findings = [
            *((one, "error") for one in self.errors),
            *((one, "warning") for one in self.warnings),
        ]
        return {
            "digest": self.digest,
            "datasets": self.datasets,
            "projects": self.projects,
            "findings": [_finding(one, severity) for one, severity in findings],
        }


def _finding(one: DeclarationError, severity: str) -> dict[str, object]:
    return {
        "severity": severity,
        "code": one.code,
        "file": one.file,
        "line": None if one.position is None else one.position.line,
        "column": None if one.position is None else one.position.column,
        "message": one.message,
        "remedy": one.remedy,
    }
