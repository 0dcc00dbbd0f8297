"""Pages for people: the researcher's workbench, the steward's studio, the auditor's room."""

from gateway.pages.all import register_pages
from gateway.pages.demo import DemoAccount
from gateway.pages.site import lost_page

__all__ = ["DemoAccount", "lost_page", "register_pages"]
