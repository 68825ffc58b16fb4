"""Who may ask which address for what: declared here, held against the running site."""
