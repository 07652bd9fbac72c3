"""The steps of the invoice flow."""
