"""Retrainings that start by themselves, and what they came to."""
