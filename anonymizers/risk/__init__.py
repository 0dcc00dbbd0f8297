"""How easily the people in a table can be singled out, and the coarsening that hides them."""

from anonymizers.risk.attackers import AttackerRisk, attackers
from anonymizers.risk.counting import ClassCounter, Diversity
from anonymizers.risk.joint import Classes, classes_at, joint_diversity, smallest_joint
from anonymizers.risk.lattice import Choice, search
from anonymizers.risk.model import Criteria, Node, QuasiIdentifier, Sensitive
from anonymizers.risk.summary import RiskSummary, summarize

__all__ = [
    "AttackerRisk",
    "Choice",
    "ClassCounter",
    "Classes",
    "Criteria",
    "Diversity",
    "Node",
    "QuasiIdentifier",
    "RiskSummary",
    "Sensitive",
    "attackers",
    "classes_at",
    "joint_diversity",
    "search",
    "smallest_joint",
    "summarize",
]
