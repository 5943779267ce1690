"""What one does to a network by hand, on the page."""
