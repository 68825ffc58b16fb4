"""Each start of a job: seen from its process, and started by a person."""
