"""What programs that speak to Presidio's REST services send, and are told."""
