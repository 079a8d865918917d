"""`flask storage …`: looking at the configured store. What needs rows is added by the room that has them."""

from flask.cli import AppGroup

storage = AppGroup("storage", help="Check the configured store, and compare it with the rows.")
