"""When somebody has to know: rules, causes, evidence."""
