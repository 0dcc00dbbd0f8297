"""What changes between two sets of declarations: in their words, and in what they allow."""
