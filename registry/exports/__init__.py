"""Labels given out: which are new, and the files that hold them."""
