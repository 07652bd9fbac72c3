"""What the sync store remembers of the customer and project flow."""
