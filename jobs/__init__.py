"""Processes beside the web: one-line calls into operations."""
