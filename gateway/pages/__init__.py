"""Pages for people: the researcher's workbench, the steward's studio, the auditor's room."""
