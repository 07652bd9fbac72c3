"""What starts a run without a person - schedules and the queue sensor - and what notices that a run has died."""
