"""What people look at: the start page and the OpenAPI pages. Everything comes from here: nothing needs the internet."""
