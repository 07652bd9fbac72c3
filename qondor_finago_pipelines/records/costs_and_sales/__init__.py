"""The nouns of the cost and sale flow."""
