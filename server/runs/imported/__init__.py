"""Runs that were trained elsewhere: their rows come as a file, and stand beside those of this program."""
