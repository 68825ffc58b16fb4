"""What every door for programs asks and answers alike."""
