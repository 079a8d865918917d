"""What a request costs at least: a Flask view that does nothing, and one that updates a row and commits. `bench.autosave` measures beside it."""

import os

from flask import Flask
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine

UPDATE = text("UPDATE service SET summary = :summary WHERE slug = 'bare'")

app = Flask(__name__)
engine: Engine = create_engine(os.environ["DATABASE_URL"], pool_size=20)


@event.listens_for(engine, "connect")
def _prepare(connection: object, _record: object) -> None:
    if engine.dialect.name == "sqlite":
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]


@app.get("/nothing")
def nothing() -> str:
    return "nothing"


@app.put("/row/<int:number>")
def row(number: int) -> str:
    with engine.begin() as connection:
        connection.execute(UPDATE, {"summary": f"words {number}"})
    return "saved"
