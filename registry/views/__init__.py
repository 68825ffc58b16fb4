"""Pages of the registry, a module for each thing."""
