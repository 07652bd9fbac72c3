"""A look at both systems before the first write: reading for `check`, and nothing else."""
