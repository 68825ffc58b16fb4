"""A batch in the plane of two features."""
