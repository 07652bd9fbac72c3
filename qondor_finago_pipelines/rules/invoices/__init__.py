"""The rules of the invoice flow: records in, decisions out."""
