"""Pandera schemas and tables of the cost and sale flow."""
