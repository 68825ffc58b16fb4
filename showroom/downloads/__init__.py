"""A batch's rows as files that other programs read."""
