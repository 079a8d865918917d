"""To what files may be attached. Media know an entity by its type and id only; the room that has it says who may attach, and hears of changes."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from app.errors import NotFound


@dataclass(frozen=True)
class Entity:
    """What a room promises about its rows.

    `may_attach(entity_id, provider_id)` raises `NotFound` for a row that isn't this provider's or takes no files. `changed(entity_id)` follows
    every arrival of a file. `is_shown(entity_id)`: whether visitors may see the row now, so that its live files are served.
    """

    may_attach: Callable[[UUID, UUID], None]
    changed: Callable[[UUID], None]
    is_shown: Callable[[UUID], bool]


_entities: dict[str, Entity] = {}


def register(entity_type: str, entity: Entity) -> None:
    """Called by the room that has the rows, when it is opened."""
    _entities[entity_type] = entity


def find(entity_type: str | None) -> Entity:
    """The promises about rows of this type; `NotFound` for a type that nobody has registered."""
    if entity_type not in _entities:
        raise NotFound()
    return _entities[entity_type]
