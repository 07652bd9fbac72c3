"""The steps of the customer and project flow."""
