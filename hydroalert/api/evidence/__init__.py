"""Pictures over HTTP: how they come in, and who may look at them."""
