"""Pandera schemas and tables of the customer and project flow."""
