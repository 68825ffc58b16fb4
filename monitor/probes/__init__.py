"""What is looked at: each probe answers with one reading, within the deadline."""
