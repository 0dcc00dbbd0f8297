"""Releases of records: asked for, approved by two, given to one recipient, destroyed in time."""
