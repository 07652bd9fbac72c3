"""The rules of the customer and project flow: records in, decisions out."""
