"""The auditor's room: what was decided and spent, and whether the log holds."""

from gateway.pages.auditor.routes import auditors_room

__all__ = ["auditors_room"]
