"""Frames over HTTP, for a device without MQTT."""
