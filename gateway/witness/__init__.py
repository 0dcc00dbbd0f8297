"""Witnesses of the audit log: the service that one runs, and the log's side that asks them."""
