"""The risk of a release as a page shows it: figures in words, before beside after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from anonymizers.tables.report import Bin, Document
from gateway.pages.charts import Pairs, pairs_of

__all__ = ["RiskFigure", "SizeBin", "risk_chart", "risk_figures", "size_bins", "together_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFigure:
    """One figure.

    Attributes:
        name: What it is.
        before: Of the rows as they are stored.
        after: Of the rows that leave.
        asked: What the plan asks for; empty for nothing.
        is_met: Whether that is so; None where nothing is asked for.
    """

    name: str
    before: str
    after: str
    asked: str = ""
    is_met: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeBin:
    """Rows in classes of some sizes, in units.

    Attributes:
        sizes: The sizes, such as ``5-10``.
        is_below: Whether all of them are smaller than what is asked for.
        before: Rows as they are stored, and their share.
        after: Rows that leave, and their share.
    """

    sizes: str
    is_below: bool
    before: tuple[int, float]
    after: tuple[int, float]


def risk_figures(report: Document) -> tuple[RiskFigure, ...]:
    """Return all figures, from what is asked for to what attackers can expect."""
    return (*_classes(report), *_diversity(report), *_attackers(report))


def size_bins(report: Document) -> tuple[SizeBin, ...]:
    """Return the rows by the size of their class, from the smallest."""
    asked = int(report["criteria"]["k"] or 0)
    both = zip(report["before"]["class_sizes"], report["after"]["class_sizes"], strict=True)
    return tuple(
        SizeBin(
            sizes=old["sizes"].replace("-", " to ").replace("+", " and more"),
            is_below=_largest(old["sizes"]) < asked,
            before=_rows(old),
            after=_rows(new),
        )
        for old, new in both
    )


def risk_chart(bins: tuple[SizeBin, ...]) -> Pairs:
    """Return the shares as a chart."""
    return pairs_of([(one.sizes, one.before[1], one.after[1]) for one in bins])


def together_words(least_l: int, most_t: str) -> str:
    """Return what the classes of several releases tell of their sensitive values.

    Args:
        least_l: Of so many units at most one has the same value; of 1 that promises nothing.
        most_t: Largest distance to the distribution in the whole table, in decimals.
    """
    same = (
        "In some class more than half of the units may have the same sensitive value"
        if least_l == 1
        else f"At most one in {least_l} units of a class has the same sensitive value"
    )
    distance = Decimal(most_t).quantize(Decimal("0.01"), ROUND_UP)
    return f"{same}; the values of a class differ from the table's by {distance} at most (t)."


def _rows(found: Bin) -> tuple[int, float]:
    return found["rows"], found["share"]


def _largest(sizes: str) -> float:
    last = sizes.rpartition("-")[2]
    return float("inf") if last.endswith("+") else int(last)


def _classes(report: Document) -> Iterator[RiskFigure]:
    old, new, asked = report["before"], report["after"], report["criteria"]
    k, most = int(asked["k"] or 0), float(asked["suppression"] or 0)
    left_out = new["rows_left_out"] / old["rows"] if old["rows"] else 0.0
    yield RiskFigure(name="Rows", before=_whole(old["rows"]), after=_whole(new["rows"]))
    yield RiskFigure(
        name="Rows left out (suppressed)",
        before="",
        after=_of(new["rows_left_out"], left_out),
        asked=f"at most {_share(most)}",
        is_met=left_out <= most,
    )
    yield RiskFigure(
        name="Classes of rows that look alike",
        before=_whole(old["classes"]),
        after=_whole(new["classes"]),
    )
    yield RiskFigure(
        name="Smallest class, in units (k)",
        before=_whole(old["k"]),
        after=_whole(new["k"]),
        asked=f"{k} or more",
        is_met=new["k"] >= k or not new["rows"],
    )
    yield RiskFigure(
        name="Rows alone in their class (sample uniques)",
        before=_of(old["unique_rows"], old["unique_share"]),
        after=_of(new["unique_rows"], new["unique_share"]),
    )


def _diversity(report: Document) -> Iterator[RiskFigure]:
    old, new, asked = report["before"], report["after"], report["criteria"]
    name = report["sensitive"]
    if name is None or old["l"] is None or new["l"] is None:
        return
    least, most = int(asked["l"] or 0), asked["t"]
    yield RiskFigure(
        name=f"Of so many units in a class, at most one has the same {name} (l)",
        before=_whole(old["l"]),
        after=_whole(new["l"]),
        asked=f"{least} or more",
        is_met=new["l"] >= least,
    )
    yield RiskFigure(
        name="The same, as equally likely ones (entropy l)",
        before=_decimal(old["entropy_l"]),
        after=_decimal(new["entropy_l"]),
    )
    yield RiskFigure(
        name="Largest distance to the whole table (t)",
        before=_decimal(old["t"]),
        after=_decimal(new["t"]),
        asked="" if most is None else f"{most} or less",
        is_met=None if most is None or new["t"] is None else new["t"] <= most,
    )


def _attackers(report: Document) -> Iterator[RiskFigure]:
    level = _share(float(report["criteria"]["threshold"] or 0))
    for old, new in zip(report["before"]["attackers"], report["after"]["attackers"], strict=True):
        name = old["attacker"].capitalize()
        if old["highest"] is not None:
            yield RiskFigure(
                name=f"{name}: highest risk",
                before=_share(old["highest"]),
                after=_share(new["highest"] or 0.0),
            )
        yield RiskFigure(
            name=f"{name}: mean risk", before=_share(old["average"]), after=_share(new["average"])
        )
        if old["at_risk"] is not None:
            yield RiskFigure(
                name=f"{name}: rows above {level}",
                before=_share(old["at_risk"]),
                after=_share(new["at_risk"] or 0.0),
            )


def _whole(number: int) -> str:
    return f"{number:,}"


def _of(number: int, share: float) -> str:
    return f"{number:,} ({_share(share)})"


def _share(share: float) -> str:
    return f"{share:.1%}".replace("%", " %")


def _decimal(number: float | None) -> str:
    return "" if number is None else f"{number:.2f}"
