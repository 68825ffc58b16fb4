"""Show training runs: listed, compared, charted."""
