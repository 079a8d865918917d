"""Connections that rest in the pool."""

from sqlalchemy import create_engine, func, select


def test_a_connection_that_the_database_closed_is_replaced_before_it_is_used(postgres_url: str) -> None:
    engine, other = create_engine(postgres_url, pool_size=1), create_engine(postgres_url)
    with engine.connect() as connection:
        process = connection.scalar(select(func.pg_backend_pid()))
    with other.connect() as connection:
        assert connection.scalar(select(func.pg_terminate_backend(process, 5000)))
    with engine.connect() as connection:
        assert connection.scalar(select(func.pg_backend_pid())) != process
    engine.dispose()
    other.dispose()
