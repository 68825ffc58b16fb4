"""What is said of a version: a page, JSON, Markdown."""
