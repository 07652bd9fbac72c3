"""Dagster's assets and their checks: they call a flow, and show what it did. No rule of the business stands here."""
