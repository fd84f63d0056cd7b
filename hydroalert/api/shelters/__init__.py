"""Shelters over HTTP: anyone reads, operators say how they stand, administrators add and remove them."""
