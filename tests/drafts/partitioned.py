"""The table of services in pieces, as an operator may have it who grew past one disk: rows of two pieces may lie at the same place."""

from sqlalchemy import Connection, text

PIECES = 4
KEYS = """
    SELECT conrelid::regclass::text AS owner, conname AS name, pg_get_constraintdef(oid) AS said
    FROM pg_constraint WHERE contype = 'f' AND {} = 'service'::regclass
"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename = 'service' AND indexname NOT LIKE '%pkey'"


def divide(connection: Connection) -> None:
    """Put partitions by hash in the place of the empty table `service`, with its columns, checks, indexes and foreign keys. An index of a partitioned
    table is unique only with the key of the partitions in it, so none is."""
    pointing = connection.execute(text(KEYS.format("confrelid"))).all()
    own = connection.execute(text(KEYS.format("conrelid"))).all()
    indexes = connection.scalars(text(INDEXES)).all()
    do = connection.exec_driver_sql
    for key in pointing:
        do(f"ALTER TABLE {key.owner} DROP CONSTRAINT {key.name}")
    do("ALTER TABLE service RENAME TO undivided")
    do("CREATE TABLE service (LIKE undivided INCLUDING ALL EXCLUDING INDEXES, PRIMARY KEY (id)) PARTITION BY HASH (id)")
    do("DROP TABLE undivided")
    for piece in range(PIECES):
        do(f"CREATE TABLE service_{piece} PARTITION OF service FOR VALUES WITH (MODULUS {PIECES}, REMAINDER {piece})")
    for index in indexes:
        do(index.replace("CREATE UNIQUE INDEX", "CREATE INDEX"))
    for key in {*pointing, *own}:
        do(f"ALTER TABLE {key.owner} ADD CONSTRAINT {key.name} {key.said}")
