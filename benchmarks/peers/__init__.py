"""The tools that a user would reach for instead, each in an environment of its own."""
