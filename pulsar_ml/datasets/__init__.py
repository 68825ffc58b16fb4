"""Labelled rows: read, kept apart, treated, stored, described."""
