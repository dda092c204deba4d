"""The store contract on memory, SQLite and PostgreSQL, and the real ones against the model."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from contract.store_checks import StoreChecks
from contract.store_suite import StoreSuite
from manufold.model.fakes import MemoryStore
from manufold.model.ports import Project, Store, World
from manufold.store import open_store

Make = Callable[..., Store]


class TestMemory(StoreSuite, StoreChecks):
    """The shipped fake."""

    @pytest.fixture
    def make(self) -> Make:
        return MemoryStore


class TestSqlite(StoreSuite, StoreChecks):
    """A file of its own per store."""

    @pytest.fixture
    def make(self, tmp_path: Path) -> Iterator[Make]:
        with ExitStack() as stack:

            def made(world: World = "sim", project: Project | None = None) -> Store:
                name = f"{len(list(tmp_path.iterdir()))}.db"
                store = open_store(tmp_path / name, world, project)
                stack.callback(store.close)
                return store

            yield made


class TestPostgres(StoreSuite, StoreChecks):
    """A schema of its own per store, in one empty database per test."""

    @pytest.fixture
    def make(self, pg_url: str) -> Iterator[Make]:
        engine = create_engine(pg_url, isolation_level="AUTOCOMMIT")
        with ExitStack() as stack, engine.connect() as connection:
            connection.execute(text("create extension btree_gist"))
            count = 0

            def made(world: World = "sim", project: Project | None = None) -> Store:
                nonlocal count
                count += 1
                connection.execute(text(f"create schema s{count}"))
                query: dict[str, Any] = {"options": f"-csearch_path=s{count},public"}
                url = make_url(pg_url).update_query_dict(query)
                store = open_store(url.render_as_string(hide_password=False), world, project)
                stack.callback(store.close)
                return store

            yield made
        engine.dispose()
