"""A run that writes nothing: what it would write becomes a plan, and a plan is applied by the run that follows."""
