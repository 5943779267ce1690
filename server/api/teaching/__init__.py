"""The calls of lessons and of a class."""
