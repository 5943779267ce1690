"""Runs that train in threads of the server: in turns of some milliseconds, where they would only hinder each other."""
