"""The steps of the cost and sale flow."""
