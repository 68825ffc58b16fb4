"""What arrives somewhere, classified by the clock."""
