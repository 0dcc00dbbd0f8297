"""The steward's studio: what is declared, what a change would do, and who signs it."""

from gateway.pages.steward.routes import studio

__all__ = ["studio"]
