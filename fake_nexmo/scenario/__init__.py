"""A world in a user's words, and the way from there to records."""
