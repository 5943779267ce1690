"""What is chosen and ordered on the page."""
