"""Declarations on their way into force: tried out, tested, signed, activated, stopped."""
