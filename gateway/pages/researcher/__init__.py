"""The researcher's workbench: what may be asked, its price, its answer, and what is left."""

from gateway.pages.researcher.routes import workbench

__all__ = ["workbench"]
