"""A first declaration of unknown files: what every column probably is, and why.

It names nothing that the data holds: no value, no bound, no category, no count. What it cannot know
it denies, so that a steward opens each column on purpose.
"""

from __future__ import annotations

from gateway.drafting.draft import Draft, DraftRequest, draft_policies

__all__ = ["Draft", "DraftRequest", "draft_policies"]
