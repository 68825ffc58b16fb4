"""How good a model is, where it fails, and beside what."""
