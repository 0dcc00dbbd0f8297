"""Noise and price, by OpenDP: the only package that draws randomness.

A plan's exact integers become one OpenDP measurement; its price is the map of that object at
distance 1, one privacy unit, and never a number computed beside it.
"""

from query.mechanisms.accuracy import Accuracy, loss_within
from query.mechanisms.conversion import rho_of
from query.mechanisms.keyed import BuiltKeyed, KeyedStatistic, build_with_selection
from query.mechanisms.noise import Noise, Sensitivity
from query.mechanisms.selection import Key
from query.mechanisms.shares import shares
from query.mechanisms.vectors import BuiltMeasurement, ExactVectors, build

__all__ = [
    "Accuracy",
    "BuiltKeyed",
    "BuiltMeasurement",
    "ExactVectors",
    "Key",
    "KeyedStatistic",
    "Noise",
    "Sensitivity",
    "build",
    "build_with_selection",
    "loss_within",
    "rho_of",
    "shares",
]
