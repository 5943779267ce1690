"""The calls that only a search has."""
