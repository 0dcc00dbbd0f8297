"""The declarations that ``gateway init`` writes for a steward to change."""
