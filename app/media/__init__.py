from flask import Flask

from app.media import models  # noqa: F401  (Alembic must know the tables)


def init_app(app: Flask) -> None:
    """Open this room's doors: its pages, and what templates need to show files."""
    from app.media import commands, direct, kinds, notes, pictures, queries, reasons, showing  # noqa: F401  (they add doors)
    from app.media.views import media

    app.register_blueprint(media)
    app.jinja_env.globals.update(
        media_note=notes.note,
        media_thumb=pictures.thumb_url,
        private_sources=pictures.private_sources,
        public_sources=pictures.public_sources,
        recently_removed=queries.recently_removed,
        rejection=reasons.sentence,
        size_in_words=kinds.size_in_words,
        upload_accept=kinds.ACCEPT,
    )
