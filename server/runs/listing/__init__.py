"""The list of all runs as a table: its columns, and which rows a person wants to see, in which order."""
