"""What is wrong or doubtful in declarations that each are valid: one file, one rule."""
