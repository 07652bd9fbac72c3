"""What the sync store remembers of operations: what people watch, and what they are told."""
