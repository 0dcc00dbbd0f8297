"""SQL in, noisy answer out, at a known price."""
