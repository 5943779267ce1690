"""Tests of what a run does beside its steps."""
