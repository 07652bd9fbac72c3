"""What the sync store remembers of every run, whichever its flow."""
