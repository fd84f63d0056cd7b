"""CAP messages over HTTP: a feed of them, and each as it was sent."""
