"""What the sync store remembers of the cost and sale flow."""
