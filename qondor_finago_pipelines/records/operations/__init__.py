"""The nouns of operations: what people watch, and what they are told."""
