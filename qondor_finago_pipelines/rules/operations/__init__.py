"""The rules of operations: what people watch, and what they are told: records in, decisions out."""
