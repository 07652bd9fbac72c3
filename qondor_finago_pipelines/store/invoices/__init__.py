"""What the sync store remembers of the invoice flow."""
