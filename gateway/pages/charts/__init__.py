"""Geometry of the few charts: numbers in, places in percent out; templates draw them as SVG."""

from gateway.pages.charts.answers import AnswerChart, answer_charts
from gateway.pages.charts.bars import Bar, Bars, bars_of
from gateway.pages.charts.heat import Heat, HeatCell, heat_of
from gateway.pages.charts.lines import LinePoint, Lines, lines_of
from gateway.pages.charts.pairs import Pair, Pairs, pairs_of
from gateway.pages.charts.scales import Scale, Tick, scale_of
from gateway.pages.charts.spending import Mark, Spending, Step, spending_of

__all__ = [
    "AnswerChart",
    "Bar",
    "Bars",
    "Heat",
    "HeatCell",
    "LinePoint",
    "Lines",
    "Mark",
    "Pair",
    "Pairs",
    "Scale",
    "Spending",
    "Step",
    "Tick",
    "answer_charts",
    "bars_of",
    "heat_of",
    "lines_of",
    "pairs_of",
    "scale_of",
    "spending_of",
]
