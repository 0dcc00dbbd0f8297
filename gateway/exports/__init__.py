"""The audit log in the forms of others: JSON lines, CSV, FHIR, and one crate for each project."""
