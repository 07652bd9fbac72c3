"""Dagster's assets of the cost and sale flow."""
