"""Pages of the Showroom."""
