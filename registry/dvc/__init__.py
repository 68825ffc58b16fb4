"""Exports of labels in a DVC repository, as `dvc add` would have put them there."""
