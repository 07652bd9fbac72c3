"""Pandera schemas and tables of the invoice flow."""
