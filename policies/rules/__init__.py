"""The rules over declarations: one file, one function; ``policies.decide`` gives their order."""
