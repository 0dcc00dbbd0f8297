"""Plots as inline SVG: before beside after, readable in print and without color."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

__all__ = ["bars"]

_WIDTH: Final = 680
_HEIGHT: Final = 230
_LEFT: Final = 46
_BOTTOM: Final = 46
_TOP: Final = 26
_TICKS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


def bars(
    title: str,
    groups: Sequence[tuple[str, float, float]],
    *,
    axis: str,
    line: tuple[float, str] | None = None,
) -> str:
    """Return a plot of paired bars, each from 0 to 1.

    Args:
        title: What it shows, for those who do not see it.
        groups: Of each group its name, the share before and the share after.
        axis: What the groups are.
        line: A level to draw across, and its name.
    """
    inner = _HEIGHT - _TOP - _BOTTOM
    step = (_WIDTH - _LEFT - 8) / max(len(groups), 1)
    width = min(26.0, step / 2.8)
    parts = [_tick(level, inner) for level in _TICKS]
    for place, (name, before, after) in enumerate(groups):
        middle = _LEFT + step * (place + 0.5)
        parts.append(_bar(middle - width - 1, width, before, inner, "before"))
        parts.append(_bar(middle + 1, width, after, inner, "after"))
        parts.append(
            f'<text class="name" x="{middle:.1f}" y="{_TOP + inner + 16}">{escape(name)}</text>'
        )
    if line is not None:
        level, name = line
        y = _TOP + inner * (1 - level)
        parts.append(f'<line class="level" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="level" x="{_WIDTH}" y="{_TOP - 14}">- - {escape(name)}</text>')
    parts.append(
        f'<text class="axis" x="{(_LEFT + _WIDTH) / 2:.1f}" y="{_HEIGHT - 8}">{escape(axis)}</text>'
    )
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _tick(level: float, inner: int) -> str:
    y = _TOP + inner * (1 - level)
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="tick" x="{_LEFT - 6}" y="{y + 3.5:.1f}">{level:.0%}</text>'
    )


def _bar(x: float, width: float, share: float, inner: int, kind: str) -> str:
    height = inner * min(share, 1.0)
    y = _TOP + inner - height
    label = "" if not share else "<1%" if share < 0.01 else f"{share:.0%}"  # noqa: PLR2004  less than the label can say
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
        f'<text class="value" x="{x + width / 2:.1f}" y="{y - 3:.1f}">{label}</text>'
    )
