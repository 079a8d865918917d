from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue

health = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Open this room's doors: health, metrics and the command line."""
    app.register_blueprint(health)


@health.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers; it says nothing of what it stands on."""
    return {"status": "ok"}
