"""Searching hyperparameters: a space, who comes next, who goes on, and what mattered."""
