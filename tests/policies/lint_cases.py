"""The cases of tests/cases/lint.txt: what is changed, what is told of it, and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.policies.declarations import write_policies

CASES = Path(__file__).resolve().parents[1] / "cases" / "lint.txt"
GATEWAY = """\
apiVersion: gateway.policy/v1
kind: GatewayPolicy
metadata: {id: site, version: 1, title: Site, owner: steward:one}
spec:
  budget: {epsilon: "20"}
  queries: {max_epsilon_per_query: "5", max_rho_per_query: "5", max_cells: 10000}
"""


@dataclass(frozen=True)
class Case:
    """One case.

    Attributes:
        code: What is told.
        before: Whether the unchanged declarations are in force.
        edits: File, old text (None: another file is copied), wrong text, right text (None where
            the file as a whole is wrong).
        told: Every line that is told of the wrong text.
        line: Where the case stands.
    """

    code: str
    before: bool
    edits: tuple[tuple[str, str | None, str, str | None], ...]
    told: tuple[str, ...]
    line: int

    @property
    def name(self) -> str:
        return f"{self.code}:{self.line}"

    @property
    def is_mended(self) -> bool:
        """Whether there is a right text as well."""
        return any(right is not None for *_, right in self.edits)


def read_cases() -> list[Case]:
    """Read the cases, in their order."""
    cases = []
    for number, line in enumerate(CASES.read_text("utf-8").split("\n"), start=1):
        if line.startswith("== "):
            cases.append((number, [line]))
        elif cases and line and not line.startswith("#"):
            cases[-1][1].append(line)
    return [_case(number, lines) for number, lines in cases]


def _case(number: int, lines: list[str]) -> Case:
    code, _, rest = lines[0].removeprefix("== ").partition(" ")
    file, told = "", []
    edits: list[tuple[str, str | None, str, str | None]] = []
    for line in lines[1:]:
        mark, text = line[0], line[2:].replace("\\n", "\n")
        if mark == "@":
            file = text
        elif mark == "!":
            told.append(text)
        elif mark == "-":
            edits.append((file, text, "", None))
        elif mark == "+" and text.startswith("copy of "):
            edits.append((file, None, text.removeprefix("copy of "), None))
        elif mark == "+":
            edits[-1] = (*edits[-1][:2], text, None)
        else:
            edits[-1] = (*edits[-1][:3], text)
    return Case(code, rest == "before", tuple(edits), tuple(told), number)


def write_case(root: Path, case: Case | None = None, *, mended: bool = False) -> Path:
    """Write the declarations, changed as a case says."""
    write_policies(root)
    (root / "gateway.yaml").write_text(GATEWAY, "utf-8")
    for file, old, wrong, right in () if case is None else case.edits:
        path = root / file
        if old is None:
            path.write_text((root / wrong).read_text("utf-8"), "utf-8")
            continue
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        new = right if mended else wrong
        path.write_text(text.replace(old, wrong if new is None else new), "utf-8")
    return root
