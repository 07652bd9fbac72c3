"""The nouns of the customer and project flow."""
