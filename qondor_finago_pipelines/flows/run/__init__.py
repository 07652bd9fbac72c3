"""The steps of every run, whichever its flow."""
