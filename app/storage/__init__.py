"""Where objects live: a bucket, or a folder that keeps the same contract. `store()` is the configured one."""

from flask import Flask, current_app

from app import config
from app.storage import models  # noqa: F401  (Alembic must know the tables)
from app.storage.protocol import Storage


def init_app(app: Flask) -> None:
    """Open this room's doors: a folder needs an address where files are sent to; a bucket has its own."""
    from app.storage.commands import storage

    app.cli.add_command(storage)
    if app.extensions["settings"].embedded_storage:
        from app.storage.views import disk

        app.register_blueprint(disk)


def store() -> Storage:
    """The configured store: made at its first use, because a client of a bucket takes 0.8 s, and once per process."""
    found: Storage | None = current_app.extensions.get("storage")
    if found is None:
        found = current_app.extensions["storage"] = _open()
    return found


def _open() -> Storage:
    settings = config.current()
    if settings.embedded_storage:
        from app.storage.disk import DiskStorage

        return DiskStorage(settings.var_dir / "storage", config.secret(settings), settings.storage_free_floor)
    from app.storage.s3 import S3Storage

    return S3Storage(settings)
