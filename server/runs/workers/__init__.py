"""Runs that train in processes of their own: a piece at a time, through an executor."""
