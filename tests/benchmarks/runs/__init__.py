"""Benchmarks of many runs at once."""
