"""Engines that run the statements we generate; one module each."""
