"""The page: its files, what can be chosen in it, and the application that hands it out before the API behind it is made.

Nothing of the engine is imported before the first page is on its way: a browser paints it meanwhile.
"""
