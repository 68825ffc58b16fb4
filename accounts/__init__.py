"""People, their roles and their preferences."""
