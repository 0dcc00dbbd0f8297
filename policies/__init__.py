"""What data stewards declare, and the pure decisions over it; imports nothing of ours."""
