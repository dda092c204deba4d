"""The desk on the store's own database: a SQLite file or PostgreSQL, through SQLAlchemy Core.

Each verb is one transaction, and its condition stands in the statement that writes: on SQLite
BEGIN IMMEDIATE lets one writer in at a time, on PostgreSQL an update waits for the row and looks
again. Nothing is opened before something is asked, so what needs no desk pays nothing for one.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from manufold.model.codec import canonical, from_json
from manufold.model.desk import (
    CLAIM_S,
    DONE_KEPT_S,
    TAKEN_S,
    AnswerKept,
    ApiKey,
    Delivery,
    Webhook,
)
from manufold.model.errors import Conflict, StoreFault
from manufold.store.desk_tables import answers, deliveries, keys, made_desk, stands, webhooks
from manufold.store.engine import made_engine, writing
from manufold.store.faults import refusals

__all__ = ["SqlDesk"]


class SqlDesk:
    """A `Desk` in the database of a store that stands.

    Args:
        where: a path of a SQLite file or a database URL, as for `open_store`.
        busy_s: how long to wait for another writer before `store.locked`.

    Every verb raises StoreFault as the store does, `store.closed` after `close`.
    """

    def __init__(self, where: str | Path, *, busy_s: float = 5.0) -> None:
        self._where = where
        self._busy_s = busy_s
        self._engine: Engine | None = None
        self._closed = False
        self._door = threading.Lock()

    def add_key(self, key: ApiKey) -> None:
        """Keep a key.

        Raises:
            Conflict: `desk.key_exists`.
        """
        if not self._added(keys, asdict(key)):
            raise Conflict("desk.key_exists", key=key.key_id)

    def key(self, key_id: str) -> ApiKey | None:
        """Return a key, revoked or not."""
        with self._reading() as connection:
            row = connection.execute(_KEY, {"wanted": key_id}).one_or_none()
        return None if row is None else ApiKey(**row._asdict())

    def keys(self, party_id: str | None = None) -> tuple[ApiKey, ...]:
        """Return the keys of a party, or all, oldest first."""
        wanted = select(keys).order_by(keys.c.made_at_s, keys.c.key_id)
        if party_id is not None:
            wanted = wanted.where(keys.c.party_id == party_id)
        with self._reading() as connection:
            return tuple(ApiKey(**row._asdict()) for row in connection.execute(wanted))

    def revoke_key(self, key_id: str, at_s: int) -> bool:
        """Revoke a key for good; True when it was valid until now."""
        valid = (keys.c.key_id == key_id) & keys.c.revoked_at_s.is_(None)
        return self._changed(update(keys).where(valid).values(revoked_at_s=at_s)) == 1

    def add_webhook(self, webhook: Webhook) -> None:
        """Keep a webhook.

        Raises:
            Conflict: `desk.webhook_exists`.
        """
        row = asdict(webhook) | {"kinds": canonical(list(webhook.kinds)).decode()}
        if not self._added(webhooks, row):
            raise Conflict("desk.webhook_exists", webhook=webhook.webhook_id)

    def webhook(self, webhook_id: str) -> Webhook | None:
        """Return a webhook."""
        wanted = select(webhooks).where(webhooks.c.webhook_id == webhook_id)
        with self._reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else _webhook(row)

    def webhooks(self, party_id: str | None = None) -> tuple[Webhook, ...]:
        """Return the webhooks of a party, or all, oldest first."""
        wanted = select(webhooks).order_by(webhooks.c.made_at_s, webhooks.c.webhook_id)
        if party_id is not None:
            wanted = wanted.where(webhooks.c.party_id == party_id)
        with self._reading() as connection:
            return tuple(_webhook(row) for row in connection.execute(wanted))

    def drop_webhook(self, webhook_id: str) -> bool:
        """Forget a webhook and all its deliveries; True when there was one."""
        with self._writing() as connection:
            mine = webhooks.c.webhook_id == webhook_id
            gone = connection.execute(delete(webhooks).where(mine)).rowcount
            connection.execute(delete(deliveries).where(deliveries.c.webhook_id == webhook_id))
            connection.commit()
        return gone == 1

    def put_on_list(
        self, webhook_id: str, after_seq: int, deliveries: tuple[Delivery, ...]
    ) -> bool:
        """Add deliveries and move the webhook's place in the log, both or neither."""
        behind = (webhooks.c.webhook_id == webhook_id) & (webhooks.c.after_seq < after_seq)
        with self._writing() as connection:
            moved = update(webhooks).where(behind).values(after_seq=after_seq)
            if connection.execute(moved).rowcount != 1:
                return False
            if deliveries:
                connection.execute(_ADD_DELIVERIES, [asdict(one) for one in deliveries])
            connection.commit()
        return True

    def due(self, now_s: int, limit: int) -> tuple[Delivery, ...]:
        """Take up to `limit` waiting deliveries that are due, of each webhook the first."""
        with self._reading() as connection:  # most looks find nothing, and disturb no writer
            if not connection.execute(_ready(now_s, limit)).all():
                return ()
        taken: dict[str, Delivery] = {}
        with self._writing() as connection:
            rows = connection.execute(_ready(now_s, limit)).all()
            found = [Delivery(**row._asdict()) for row in rows]
            for one in sorted(found, key=lambda d: d.delivery_id):  # one order: no deadlock
                still = _waits(one.delivery_id) & (deliveries.c.due_s <= now_s)
                put_off = update(deliveries).where(still).values(due_s=now_s + TAKEN_S)
                if connection.execute(put_off).rowcount == 1:
                    taken[one.delivery_id] = _put_off(one, now_s + TAKEN_S)
            connection.commit()
        return tuple(taken[one.delivery_id] for one in found if one.delivery_id in taken)

    def answered(self, delivery: Delivery) -> bool:
        """Keep the outcome of a try; True unless the delivery is unknown or no longer waits."""
        outcome = update(deliveries).values(
            state=delivery.state,
            tries=delivery.tries,
            due_s=delivery.due_s,
            answer=delivery.answer,
        )
        return self._changed(outcome.where(_waits(delivery.delivery_id))) == 1

    def give_up(self, webhook_id: str, now_s: int, answer: str) -> int:
        """Give up all that waits for a webhook; return how many."""
        mine = (deliveries.c.webhook_id == webhook_id) & (deliveries.c.state == "waiting")
        outcome = {"state": "given_up", "due_s": now_s, "answer": answer}
        return self._changed(update(deliveries).where(mine).values(**outcome))

    def deliveries(self, webhook_id: str, limit: int) -> tuple[Delivery, ...]:
        """Return the newest deliveries of a webhook, newest first."""
        wanted = (
            select(deliveries)
            .where(deliveries.c.webhook_id == webhook_id)
            .order_by(deliveries.c.seq.desc())
            .limit(max(limit, 0))
        )
        with self._reading() as connection:
            return tuple(Delivery(**row._asdict()) for row in connection.execute(wanted))

    def begin_answer(self, key: str, digest: str, now_s: int, until_s: int) -> AnswerKept | None:
        """Claim an idempotency key; None when it is the caller's to answer now."""
        claim = {
            "key": key,
            "digest": digest,
            "status": 0,
            "body": "",
            "kept_until_s": until_s,
            "claimed_at_s": now_s,
        }
        with self._writing() as connection:
            while connection.execute(_CLAIM[connection.dialect.name], claim).first() is None:
                mine = answers.c.key == key
                row = connection.execute(select(answers).where(mine).with_for_update()).first()
                if row is None:  # freed in between: claim it again
                    continue
                abandoned = row.status == 0 and row.claimed_at_s < now_s - CLAIM_S
                over = row.kept_until_s <= now_s
                if not over and not (abandoned and row.digest == digest):
                    return AnswerKept(key, row.digest, row.status, row.body, row.kept_until_s)
                connection.execute(update(answers).where(mine).values(**claim))
                break
            connection.commit()
        return None

    def keep_answer(self, key: str, status: int, body: str) -> None:
        """Keep the answer of a claimed key; a status of 500 or more frees the key instead."""
        open_claim = (answers.c.key == key) & (answers.c.status == 0)
        if status >= 500:
            self._changed(delete(answers).where(open_claim))
        else:
            self._changed(update(answers).where(open_claim).values(status=status, body=body))

    def prune(self, now_s: int) -> int:
        """Forget answers kept long enough, and deliveries done with long ago."""
        done = (deliveries.c.state != "waiting") & (deliveries.c.due_s <= now_s - DONE_KEPT_S)
        with self._writing() as connection:
            stale = connection.execute(delete(answers).where(answers.c.kept_until_s <= now_s))
            old = connection.execute(delete(deliveries).where(done))
            connection.commit()
        return stale.rowcount + old.rowcount

    def close(self) -> None:
        """Release connections; idempotent."""
        with self._door:
            self._closed = True
            if self._engine is not None:
                self._engine.dispose()

    def _added(self, table: Table, row: dict[str, Any]) -> bool:
        with self._writing() as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            fresh = dialect.insert(table).on_conflict_do_nothing().returning(*table.primary_key)
            added = connection.execute(fresh, row).first() is not None
            connection.commit()
        return added

    def _changed(self, statement: Any) -> int:
        with self._writing() as connection:
            count: int = connection.execute(statement).rowcount
            connection.commit()
        return count

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A writing transaction; rolled back unless the block commits it."""
        with refusals(), self._opened().connect() as plain, writing(plain) as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with refusals(), self._opened().connect() as connection:
            yield connection

    def _opened(self) -> Engine:
        """Return the engine, with the desk's tables made when this is the first time."""
        with self._door:
            if self._closed:
                raise StoreFault("store.closed")
            if self._engine is None:
                engine = made_engine(self._where, busy_s=self._busy_s, create=False)
                try:
                    with engine.connect() as plain:
                        there = stands(plain)
                    if not there:
                        with engine.connect() as plain, writing(plain) as connection:
                            made_desk(connection)
                            connection.commit()
                except BaseException:
                    engine.dispose()
                    raise
                self._engine = engine
            return self._engine


#: asked with every request, so written once
_KEY = select(keys).where(keys.c.key_id == bindparam("wanted"))
_ADD_DELIVERIES = insert(deliveries)
_CLAIM = {
    "sqlite": sqlite.insert(answers).on_conflict_do_nothing().returning(answers.c.key),
    "postgresql": postgresql.insert(answers).on_conflict_do_nothing().returning(answers.c.key),
}


def _ready(now_s: int, limit: int) -> Any:
    """Select of each webhook the first delivery that waits, where it is due."""
    first = (
        select(deliveries.c.webhook_id, func.min(deliveries.c.seq).label("seq"))
        .where(deliveries.c.state == "waiting")
        .group_by(deliveries.c.webhook_id)
        .subquery()
    )
    place = (deliveries.c.webhook_id == first.c.webhook_id) & (deliveries.c.seq == first.c.seq)
    return (
        select(deliveries)
        .join(first, place)
        .where(deliveries.c.due_s <= now_s)
        .order_by(deliveries.c.due_s, deliveries.c.seq, deliveries.c.webhook_id)
        .limit(max(limit, 0))
    )


def _waits(delivery_id: str) -> Any:
    return (deliveries.c.delivery_id == delivery_id) & (deliveries.c.state == "waiting")


def _put_off(delivery: Delivery, due_s: int) -> Delivery:
    return Delivery(**(asdict(delivery) | {"due_s": due_s}))


def _webhook(row: Any) -> Webhook:
    return Webhook(**(row._asdict() | {"kinds": tuple(from_json(row.kinds))}))
