"""Candidates that people bring, and what became of them."""
