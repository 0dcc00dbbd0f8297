"""One module for each peer; run inside the peer's own environment, never imported by ours."""
