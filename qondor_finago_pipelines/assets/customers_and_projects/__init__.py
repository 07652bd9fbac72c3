"""Dagster's assets of the customer and project flow."""
