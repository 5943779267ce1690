"""Bad days on purpose: servers that are killed and disks that fill up; `pytest tests/faults --long` for longer ones."""
