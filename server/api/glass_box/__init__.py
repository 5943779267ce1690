"""The calls of the glass box: one step of a run, opened number by number."""
