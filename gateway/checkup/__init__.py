"""Whether a deployment is set up as it should be: many small checks, none of which changes it."""

from __future__ import annotations

from gateway.checkup.examination import examine
from gateway.checkup.results import Grade, Result

__all__ = ["Grade", "Result", "examine"]
