"""The rules of the cost and sale flow: records in, decisions out."""
