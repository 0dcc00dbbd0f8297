"""The text on which the PHI model learns, how it learns, and how well it does on what it never saw.

``python -m anonymizers.training`` writes the corpus in memory, trains the model that ships in the
package, and prints its figures. Everything is drawn from seeds; no sentence is copied.
"""
