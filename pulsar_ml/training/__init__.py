"""From a dataset to an artefact, step by step, each in a process of its own."""
