"""How records of both systems are compared, and what explains a difference."""
