"""Dagster's assets of the invoice flow."""
