"""Processes that work at one desk, and are killed at it."""

from itertools import count
from multiprocessing.connection import Connection

from contract.desk_suite import NOW_S, delivery, hook, key
from manufold.store import SqlDesk

__all__ = ["claim_all", "work_on"]


def claim_all(where: str, names: list[str], pipe: Connection) -> None:
    """Say ready, wait for the word, then claim each idempotency key and tell which are ours."""
    desk = SqlDesk(where, busy_s=30)
    pipe.send("ready")
    pipe.recv()
    pipe.send([n for n in names if desk.begin_answer(n, "d", NOW_S, NOW_S + 9) is None])
    pipe.close()


def work_on(where: str, first: int, pipe: Connection) -> None:
    """Keep a key, a claim, an answer and a webhook with deliveries, and tell, without end."""
    desk = SqlDesk(where, busy_s=30)
    for number in count(first):
        name = f"{number:06}"
        desk.add_key(key(name))
        assert desk.begin_answer(name, "d", NOW_S, NOW_S + 9) is None
        desk.keep_answer(name, 200, name)
        desk.add_webhook(hook(name))
        assert desk.put_on_list(name, 2, (delivery(name, 1), delivery(name, 2)))
        pipe.send(number)
