"""A fresh database on a running server, gone after the block."""

import contextlib
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg import sql


@contextlib.contextmanager
def fresh_postgres(server_url: str) -> Iterator[str]:
    """This will create an empty database and drop it afterwards, whoever is still connected to it."""
    name = f"care_{uuid.uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def fresh_redis(server_url: str, *, number: int) -> Iterator[str]:
    """This will yield the numbered database of a Redis, emptied before and after."""
    url = urlsplit(server_url)._replace(path=f"/{number}").geturl()
    client = redis.Redis.from_url(url, socket_timeout=10)
    try:
        client.flushdb()
        yield url
        client.flushdb()
    finally:
        client.close()
