from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue

from app.ops.outbox import outbox

health = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Open this room's doors: health, metrics and the command line."""
    app.register_blueprint(health)
    app.register_blueprint(outbox)


@health.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers; it says nothing of what it stands on."""
    return {"status": "ok"}
