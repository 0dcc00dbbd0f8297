"""Pages for people: the researcher's workbench, the steward's studio, the auditor's room."""

from gateway.pages.all import register_pages
from gateway.pages.demo import DemoAccount

__all__ = ["DemoAccount", "register_pages"]
