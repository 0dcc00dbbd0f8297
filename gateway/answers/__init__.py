"""Answers in a researcher's hands: in words, as tables, as Arrow, as charts."""
