"""What a look before the first write makes of what it read: prerequisites, records, assumptions. Pure."""
