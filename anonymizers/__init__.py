"""Identified text and tables in, de-identified text and tables out."""
