"""The calls about many runs at once."""
