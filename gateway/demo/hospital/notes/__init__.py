"""Clinical notes of the made-up hospital, with the exact places of everything that identifies."""
