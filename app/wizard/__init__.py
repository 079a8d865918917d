from flask import Flask


def init_app(app: Flask) -> None:
    """Open this room's doors: its pages and commands."""
