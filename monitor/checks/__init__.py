"""How each thing that is looked at, and each job, is; and how it was."""
