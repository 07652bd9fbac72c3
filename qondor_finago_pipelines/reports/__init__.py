"""What the store's records come to over time, as figures and as small pictures. Writes to no system."""
