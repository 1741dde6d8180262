"""The simulated people behind the numbers. Pure."""
