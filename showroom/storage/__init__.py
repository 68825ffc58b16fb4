"""What the site keeps on its disk, for how long, and how it is taken away."""
