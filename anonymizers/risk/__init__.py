"""How easily the people in a table can be singled out, and the coarsening that hides them."""

from anonymizers.risk.attackers import AttackerRisk, attackers
from anonymizers.risk.counting import ClassCounter
from anonymizers.risk.lattice import Choice, search
from anonymizers.risk.model import Criteria, Node, QuasiIdentifier, Sensitive
from anonymizers.risk.summary import RiskSummary, summarize

__all__ = [
    "AttackerRisk",
    "Choice",
    "ClassCounter",
    "Criteria",
    "Node",
    "QuasiIdentifier",
    "RiskSummary",
    "Sensitive",
    "attackers",
    "search",
    "summarize",
]
