"""What the site knows of a person: given out on request, and forgotten."""
