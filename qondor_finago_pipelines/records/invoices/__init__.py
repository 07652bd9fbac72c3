"""The nouns of the invoice flow."""
