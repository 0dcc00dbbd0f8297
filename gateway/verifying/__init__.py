"""Whether what is kept is what the audit log says: approvals, erasures, snapshots, its own head."""
