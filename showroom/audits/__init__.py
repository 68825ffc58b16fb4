"""What a model is right about, told from rows that chance has picked."""
