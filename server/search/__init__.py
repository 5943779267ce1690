"""Searches: sweeps that make their runs by and by, and decide by what came out which come next."""
