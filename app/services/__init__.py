from flask import Flask

from app.services import models  # noqa: F401  (Alembic must know the tables)


def init_app(app: Flask) -> None:
    """Open this room's doors: the public pages, a listing's buttons, and `flask service-types`; files may be attached to a service."""
    from app.media import entities
    from app.services import files, texts
    from app.services.caching import Sessions
    from app.services.commands import commands
    from app.services.crawlers import crawlers
    from app.services.manage import manage
    from app.services.views import pages, public

    texts.init_app(app)
    app.session_interface = Sessions()
    app.cli.add_command(commands)
    entities.register(files.ENTITY, files.FILES)
    for door in (pages, public, crawlers, manage):
        app.register_blueprint(door)
