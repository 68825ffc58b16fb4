"""Work through training runs: a step at a time, each in a process of its own."""
