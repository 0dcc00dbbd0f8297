"""A decision as a tree, for a terminal and as JSON: each rule, and the line that it looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.answers.explanations import loss_text
from policies.active import PolicySet
from policies.explain import Node, explain_access, explain_use
from policies.places import Place, Places
from query.answers import Quote, Request
from query.fields import Document
from query.trials import Trial, try_question

__all__ = ["DecisionTree", "decision_tree"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTree:
    """What would become of a question, and why.

    Attributes:
        nodes: What the rules say, in their order.
        code: Why it would be refused; empty where it would be answered.
        reason: The same in words.
        remedy: What to change.
        quote: Price and worth; None where it would be refused.
    """

    nodes: tuple[Node, ...]
    code: str
    reason: str
    remedy: str
    quote: Quote | None

    def text(self) -> str:
        """Return it as lines with branches."""
        if self.quote is None:
            head = f"deny {self.code} {self.reason}; {self.remedy}".removesuffix("; ")
        else:
            head = f"allow, at {loss_text(self.quote.loss)}"
        return "\n".join([head, *_lines(self.nodes, "")])

    def document(self) -> Document:
        """Return it as a JSON object."""
        return {
            "decision": "deny" if self.quote is None else "allow",
            "code": self.code,
            "reason": self.reason,
            "remedy": self.remedy,
            "price": None if self.quote is None else loss_text(self.quote.loss),
            "rules": [_document(node) for node in self.nodes],
        }


def decision_tree(request: Request, policies: PolicySet) -> DecisionTree:
    """Return what would become of a question, with every rule that has a say; no row is read."""
    places = Places(policies)
    trial: Trial = try_question(request, policies)
    nodes, standing = explain_access(request.access, policies, places)
    if standing is not None and trial.facts is not None:
        nodes = (*nodes, *explain_use(standing, trial.facts, places))
    refusal = trial.refusal
    return DecisionTree(
        nodes=nodes,
        code="" if refusal is None else refusal.code,
        reason="" if refusal is None else refusal.message,
        remedy="" if refusal is None else refusal.remedy,
        quote=trial.quote,
    )


def _lines(nodes: Sequence[Node], indent: str) -> Iterator[str]:
    for index, node in enumerate(nodes):
        last = index == len(nodes) - 1
        what = f"{node.rule} {node.about}".rstrip()
        said = f" {node.code} {node.reason}" if node.code else ""
        place = "" if node.place is None else f"  [{node.place}]"
        yield f"{indent}{'└─' if last else '├─'} {node.outcome} {what}{said}{place}"
        yield from _lines(node.parts, f"{indent}{'   ' if last else '│  '}")


def _document(node: Node) -> Document:
    return {
        "rule": node.rule,
        "outcome": node.outcome,
        "about": node.about,
        "code": node.code,
        "reason": node.reason,
        "remedy": node.remedy,
        "at": _place(node.place),
        "parts": [_document(part) for part in node.parts],
    }


def _place(place: Place | None) -> Document | None:
    if place is None:
        return None
    return {
        "file": place.file,
        "line": place.position.line,
        "column": place.position.column,
    }
