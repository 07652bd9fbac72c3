"""Keeps Qondor (event projects) and Finago Office (accounting) equal, to the øre."""
