"""What a model answered: few rows as predictions of the day, many as a batch."""
