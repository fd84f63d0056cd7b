"""Revisions → people and machines that subscribed: what to send next, how, and what follows when it fails."""
