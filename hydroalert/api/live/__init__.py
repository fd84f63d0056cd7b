"""Whoever follows: server-sent events and WebSocket, from one picture that a broker's hints keep fresh."""
