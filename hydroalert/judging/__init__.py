"""Judging: observations to alerts. Pure decisions, and the one transaction that carries a decision out."""
