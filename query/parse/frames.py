"""Frames of windows: which rows around a row it looks at."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from query.parse.sqltext import only, refusal

__all__ = ["MAX_OFFSET", "Frame", "frame_of"]

_SPANS = {"DAY", "WEEK", "MONTH", "YEAR"}
MAX_OFFSET = 1000
"""Rows by which LAG, LEAD and frames reach."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame: its words, whether it spans values, and whether a row is in its own frame."""

    kind: str = ""
    words: str = ""
    spans: bool = False
    has_row: bool = True


def frame_of(spec: exp.WindowSpec | None) -> Frame:
    """Read a frame; what is written is in words that are ours."""
    if spec is None:
        return Frame()
    only(spec, "kind", "start", "start_side", "end", "end_side")
    kind = _word(spec, "kind")
    if kind not in {"ROWS", "RANGE"}:
        raise refusal(
            spec,
            f"a frame of {kind} is not supported",
            "write ROWS BETWEEN … AND …, or RANGE BETWEEN INTERVAL … PRECEDING AND CURRENT ROW",
            "SQL-CONSTRUCT",
        )
    ends = [_bound(spec, kind, end) for end in ("start", "end")]
    spans = any(isinstance(spec.args.get(end), exp.Interval) for end in ("start", "end"))
    has_row = not (ends[0].endswith("FOLLOWING") or ends[1].endswith("PRECEDING"))
    return Frame(kind, f" {kind} BETWEEN {ends[0]} AND {ends[1]}", spans, has_row)


def _word(spec: exp.WindowSpec, name: str) -> str:
    return str(spec.args.get(name) or "").upper()


def _bound(spec: exp.WindowSpec, kind: str, name: str) -> str:
    end, side = spec.args.get(name), _word(spec, f"{name}_side")
    if end is None or _word(spec, name) == "CURRENT ROW":
        return "CURRENT ROW"
    if side in {"PRECEDING", "FOLLOWING"}:
        if _word(spec, name) == "UNBOUNDED":
            return f"UNBOUNDED {side}"
        if kind == "RANGE" and isinstance(end, exp.Interval):
            return f"{_interval(end)} {side}"
        if kind == "ROWS" and _is_count(end):
            return f"{int(end.this)} {side}"
    raise refusal(
        spec,
        "this frame is not supported",
        f"count up to {MAX_OFFSET} rows, or write INTERVAL … DAY, WEEK, MONTH or YEAR",
        "SQL-CONSTRUCT",
    )


def _is_count(end: exp.Expr) -> bool:
    written = isinstance(end, exp.Literal) and not end.is_string and end.this.isdigit()
    return written and int(end.this) <= MAX_OFFSET


def _interval(node: exp.Interval) -> str:
    only(node, "this", "unit")
    unit = node.args.get("unit")
    word = "" if unit is None else unit.name.upper().removesuffix("S")
    count = node.this.this if isinstance(node.this, exp.Literal) else ""
    if word not in _SPANS or not count.isdigit() or int(count) > MAX_OFFSET:
        raise refusal(
            node,
            "this interval is not supported in a frame",
            f"write INTERVAL n DAY, WEEK, MONTH or YEAR, with n up to {MAX_OFFSET}",
            "SQL-NUMBER",
        )
    return f"INTERVAL '{int(count)}' {word}"
