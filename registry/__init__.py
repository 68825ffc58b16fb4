"""Models, their versions, and which one serves."""
