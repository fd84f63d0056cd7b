"""Measurements of the platform, each beside something simpler that ran on the same machine in the same run."""
