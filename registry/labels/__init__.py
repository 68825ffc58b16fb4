"""Labels: brought in, listed, taken back, chosen for a dataset."""
