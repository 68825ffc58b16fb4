"""Inference as other servers have it: thin translations, kept like every other call."""
