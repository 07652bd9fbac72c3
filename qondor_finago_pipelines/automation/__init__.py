"""What starts a run without a person: schedules, and later sensors."""
