"""Dagster's assets of operations: what people watch, and what they are told."""
