"""What stewards see beside declarations: ingests, the risk of releases, how notes are read.

Exact counts of private rows are here; nothing of this is for any other role, or for a log.
"""
