"""The doctor: what goes wrong while a network learns, in a sentence with this run's numbers, and what would cure it."""
