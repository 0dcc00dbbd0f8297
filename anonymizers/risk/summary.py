"""All figures of one table at one node."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from anonymizers.risk.attackers import AttackerRisk, attackers
from anonymizers.risk.counting import ClassCounter, ClassSize, Diversity
from anonymizers.risk.model import Criteria, Node

__all__ = ["RiskSummary", "summarize"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSummary:
    """How a table stands.

    Attributes:
        rows: Rows that are there.
        suppressed: Rows left out.
        classes: Classes of equal quasi-identifiers.
        k: Size of the smallest; 0 where no row is left.
        unique: Rows that are alone in their class, by privacy units.
        sizes: The classes by size.
        diversity: Of the sensitive column, if there is one.
        attackers: Risks, one each.
        discernibility: Sum of squared class sizes, and for each row left out the size of the
            whole table (Bayardo and Agrawal, 2005); smaller is better.
    """

    rows: int
    suppressed: int
    classes: int
    k: int
    unique: int
    sizes: tuple[ClassSize, ...]
    diversity: Diversity | None
    attackers: tuple[AttackerRisk, ...]
    discernibility: int

    @property
    def mean_size(self) -> Fraction:
        """Rows of a class in the mean; 0 where no row is left."""
        return Fraction(self.rows, self.classes) if self.classes else Fraction(0)


def summarize(
    counter: ClassCounter, node: Node, criteria: Criteria, *, released: bool
) -> RiskSummary:
    """Count a table at a node.

    Args:
        counter: The table.
        node: The step of each quasi-identifier.
        criteria: Their threshold is that of the risks.
        released: Whether rows that break the criteria are left out; else all rows count.
    """
    applied = criteria if released else None
    sizes = counter.sizes(node, applied)
    rows = sum(one.rows for one in sizes)
    suppressed = counter.rows - rows
    return RiskSummary(
        rows=rows,
        suppressed=suppressed,
        classes=sum(one.classes for one in sizes),
        k=min((one.size for one in sizes), default=0),
        unique=sum(one.rows for one in sizes if one.size == 1),
        sizes=sizes,
        diversity=counter.diversity(node, applied),
        attackers=attackers(sizes, criteria.threshold),
        discernibility=counter.squares(node, applied) + suppressed * counter.rows,
    )
