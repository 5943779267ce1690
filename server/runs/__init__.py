"""The runs: each trains in a thread of its own; all of them, in order, and together."""
