"""The report of a run in the terminal: one HTML file with a figure for every picture, which opens without a server."""
