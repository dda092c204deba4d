"""The deliverer: posts what waits for webhooks, again and again, until it arrives or is given up.

One thread with an event loop of its own. Of each webhook one delivery is under way at a time, so
order is kept; webhooks do not wait for one another. Whatever a receiver does (hang, redirect, talk
without end, present a wrong certificate), a try ends within `TRY_S` and counts as failed; only a
status of 200 to 299 delivers. A process that dies between the answer and its note sends again:
at least once, never lost, and the receiver knows a repetition by its delivery id.

Source  RFC 2104 (HMAC); RFC 9110, 15.5.11 (410 Gone).
"""

import asyncio
import hashlib
import hmac
import logging
import random
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx

from manufold.model.desk import Delivery, Webhook
from manufold.model.errors import InputFault, ManufoldError
from manufold.model.units import DAY_S, EPOCH, HOUR_S
from manufold.services.context import Context
from manufold.services.hook_url import (
    HookUrl,
    Resolve,
    checked_addresses,
    checked_url,
    resolved,
)
from manufold.services.hooks import collect, still_takes_part
from manufold.words import word

__all__ = ["BACK_OFF_S", "TRY_S", "Deliverer", "signature"]

#: waits before the second, third, ... try; after the last one a webhook's list is given up
BACK_OFF_S = (10, 60, 300, 1800, 2 * HOUR_S, 6 * HOUR_S, DAY_S)
#: a whole try, looking up the host included; far below `model.desk.TAKEN_S`
TRY_S = 20.0
_CONNECT_S, _READ_S, _LOOK_UP_S = 5.0, 10.0, 5.0
_REST_S = 1.0  # of the answer, once its status is there
_GAP_S = 0.1  # between two looks, however often it is woken
_AT_ONCE = 64
_ADDRESSES_TRIED = 2
_ANSWER_BYTES_MAX = 64_000
_PRUNE_EVERY_S = HOUR_S
_STOP_S = 2.0
_EPOCH_S = int(EPOCH.timestamp())

_log = logging.getLogger("manufold.webhooks")


def signature(secret: str, timestamp_s: int, body: bytes) -> str:
    """Return the value of `Manufold-Signature`: HMAC-SHA-256 over "<timestamp>.<body>".

    Args:
        timestamp_s: seconds since 1970, as in `Manufold-Timestamp`.
    """
    signed = f"{timestamp_s}.".encode() + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class Deliverer:
    """Delivers the webhooks of one world; `start` it once, `stop` it before the desk is closed.

    Args:
        look_s: how often it looks for what other processes did; `wake` makes it look at once.
        rng: of the jitter that keeps many receivers from being tried in step.
        resolve: looks up a host's addresses, in a thread of its own.
        verify: how certificates are checked; the public ones' roots unless told otherwise.
    """

    def __init__(
        self,
        ctx: Context,
        *,
        look_s: float = 1.0,
        rng: random.Random | None = None,
        resolve: Resolve = resolved,
        verify: ssl.SSLContext | None = None,
    ) -> None:
        self._ctx = ctx
        self._look_s = look_s
        self._rng = random.Random() if rng is None else rng
        self._resolve = resolve
        self._verify: ssl.SSLContext | bool = True if verify is None else verify
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._stopping = False
        self._pruned_at_s: int | None = None

    def start(self) -> None:
        """Begin to deliver, in a thread of its own."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=lambda: asyncio.run(self._run()), name="manufold-webhooks", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """End, and return once nothing is under way; idempotent.

        Tries under way get a moment; those cut off are made again by whoever delivers next.
        """
        self._stopping = True
        self.wake()
        if self._thread is not None:
            self._thread.join()

    def wake(self) -> None:
        """Look at once; callable from any thread, also before the start and after the end."""
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(self._woken.set)
            except RuntimeError:  # it has ended in between, and nobody is left to wake
                self._loop = None

    def sweep(self) -> int:
        """Look once, deliver all that is due, one after another per webhook; return the tries."""
        return asyncio.run(self._swept())

    async def _swept(self) -> int:
        tries = 0
        with _Threads() as threads:
            async with self._client() as client:
                await threads.desk(self._look)
                while taken := await threads.desk(self._due, _AT_ONCE):
                    tries += len(taken)
                    await asyncio.gather(*(self._try(client, threads, one) for one in taken))
        return tries

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        under_way: set[asyncio.Task[None]] = set()
        looked_s = -self._look_s
        with _Threads() as threads:
            async with self._client() as client:
                while not self._stopping:
                    gap_s = min(_GAP_S, self._look_s) if self._woken.is_set() else self._look_s
                    look = self._loop.time() - looked_s >= gap_s
                    if look:
                        self._woken.clear()
                        looked_s = self._loop.time()
                    for one in await self._taken(threads, _AT_ONCE - len(under_way), look=look):
                        under_way.add(asyncio.create_task(self._try(client, threads, one)))
                    under_way = await self._waited(under_way, looked_s)
                await _ended(under_way)
        self._loop = None

    async def _taken(self, threads: "_Threads", most: int, *, look: bool) -> tuple[Delivery, ...]:
        """Return what is to be delivered now; a fault of the store is waited out."""
        try:
            if look:
                await threads.desk(self._look)
            taken: tuple[Delivery, ...] = await threads.desk(self._due, most)
        except ManufoldError as fault:
            _log.warning("cannot look for events to deliver: %s", fault)
        except Exception:  # noqa: BLE001 - nobody else would ever deliver again
            _log.exception("looking for events to deliver failed")
        else:
            return taken
        await asyncio.sleep(min(_GAP_S, self._look_s))
        return ()

    async def _waited(
        self, under_way: set[asyncio.Task[None]], looked_s: float
    ) -> set[asyncio.Task[None]]:
        """Wait until a try ends or it is time to look; return what goes on."""
        if self._stopping:
            return under_way
        passed_s = asyncio.get_running_loop().time() - looked_s
        waits: set[asyncio.Task[Any]] = set(under_way)
        if self._woken.is_set():
            left_s = _GAP_S - passed_s  # many events in one moment are one look
            waits.add(asyncio.create_task(asyncio.sleep(max(left_s, 0.0))))
        else:
            left_s = self._look_s - passed_s
            waits.add(asyncio.create_task(self._woken.wait()))
        await asyncio.wait(waits, timeout=max(left_s, 0.0), return_when=asyncio.FIRST_COMPLETED)
        for task in waits - under_way:
            task.cancel()
        return {task for task in under_way if not task.done()}

    def _client(self) -> httpx.AsyncClient:
        # no proxy, which would choose the address anew; no connection kept, which was checked for
        # one name and could be used for another at the same address
        return httpx.AsyncClient(
            verify=self._verify,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(_READ_S, connect=_CONNECT_S),
            limits=httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=0),
        )

    def _look(self) -> None:
        now_s = self._ctx.wall.now_s()
        if self._pruned_at_s is None or now_s - self._pruned_at_s >= _PRUNE_EVERY_S:
            self._pruned_at_s = now_s
            self._ctx.desk.prune(now_s)
        language = self._ctx.settings.language
        collect(self._ctx, lambda reason: word(reason, language))

    def _due(self, limit: int) -> tuple[Delivery, ...]:
        return self._ctx.desk.due(self._ctx.wall.now_s(), limit)

    async def _try(self, client: httpx.AsyncClient, threads: "_Threads", one: Delivery) -> None:
        """Post once and note how it went; a fault leaves the delivery to be taken again."""
        try:
            webhook = await threads.desk(self._ctx.desk.webhook, one.webhook_id)
            if webhook is None:
                return
            if not still_takes_part(self._ctx, webhook):
                await threads.desk(self._give_up, one, "party gone")
                return
            try:
                async with asyncio.timeout(TRY_S):
                    answer, status = await self._posted(client, threads, webhook, one)
            except TimeoutError:
                answer, status = "no answer in time", 0
            await threads.desk(self._noted, one, answer, status)
        except ManufoldError as fault:
            _log.warning("delivery %s: %s", one.delivery_id, fault)
        except Exception:  # noqa: BLE001 - one delivery never stops the others
            _log.exception("delivery %s failed", one.delivery_id)

    async def _posted(
        self, client: httpx.AsyncClient, threads: "_Threads", webhook: Webhook, one: Delivery
    ) -> tuple[str, int]:
        """Return what the receiver said in a few words, and its status, 0 for none."""
        answer = "no address"
        try:
            url = checked_url(self._ctx, webhook.url)
            found = await threads.looked_up(self._resolve, url.host, url.port)
            addresses = checked_addresses(self._ctx, url, found)
        except InputFault as refusal:
            return refusal.code.partition(".")[2].replace("_", " "), 0
        except (OSError, UnicodeError):
            return "host unknown", 0
        for address in addresses[:_ADDRESSES_TRIED]:
            try:
                return await self._sent(client, url, address, webhook, one)
            except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
                answer = _said(fault)
            except httpx.HTTPError as fault:
                return _said(fault), 0
        return answer, 0

    async def _sent(
        self,
        client: httpx.AsyncClient,
        url: HookUrl,
        address: str,
        webhook: Webhook,
        one: Delivery,
    ) -> tuple[str, int]:
        body = one.body.encode()
        timestamp_s = self._ctx.wall.now_s() + _EPOCH_S
        host = f"[{address}]" if ":" in address else address
        request = client.build_request(
            "POST",
            f"{url.scheme}://{host}:{url.port}{url.target}",
            content=body,
            headers={
                "Host": url.authority,
                "Content-Type": "application/json",
                "User-Agent": "manufold-webhooks/1",
                "Accept-Encoding": "identity",
                "Manufold-Event": "order.event",
                "Manufold-Delivery": one.delivery_id,
                "Manufold-Timestamp": str(timestamp_s),
                "Manufold-Signature": signature(webhook.secret, timestamp_s, body),
            },
            extensions={"sni_hostname": url.host},
        )
        response = await client.send(request, stream=True)
        try:  # a polite end for short answers; of the others the status is all we need
            async with asyncio.timeout(_REST_S):
                count = 0
                async for some in response.aiter_raw():
                    count += len(some)
                    if count > _ANSWER_BYTES_MAX:
                        break
        except (httpx.HTTPError, TimeoutError):
            _log.debug("delivery %s: the answer was cut off", one.delivery_id)
        finally:
            await response.aclose()
        return f"HTTP {response.status_code}", response.status_code

    def _noted(self, one: Delivery, answer: str, status: int) -> None:
        desk, now_s = self._ctx.desk, self._ctx.wall.now_s()
        tried = replace(one, tries=one.tries + 1, due_s=now_s, answer=answer)
        if 200 <= status < 300:
            desk.answered(replace(tried, state="delivered"))
        elif status == 410:
            _log.info("webhook %s is gone, as its receiver says", one.webhook_id)
            desk.drop_webhook(one.webhook_id)
        elif tried.tries <= len(BACK_OFF_S):
            wait_s = BACK_OFF_S[one.tries] * self._rng.uniform(0.9, 1.1)
            desk.answered(replace(tried, due_s=now_s + round(wait_s)))
            _log.info("delivery %s: %s, again in %d s", one.delivery_id, answer, wait_s)
        else:
            self._give_up(tried, answer)

    def _give_up(self, one: Delivery, answer: str) -> None:
        """Give up a delivery and all behind it: who is dead so long shall not fill the list."""
        desk, now_s = self._ctx.desk, self._ctx.wall.now_s()
        desk.answered(replace(one, state="given_up", due_s=now_s, answer=answer))
        behind = desk.give_up(one.webhook_id, now_s, answer)
        _log.warning("delivery %s given up, and %d behind it: %s", one.delivery_id, behind, answer)


class _Threads:
    """Where blocking work goes: the desk's apart from the name servers', which may hang."""

    def __init__(self) -> None:
        self._desk = ThreadPoolExecutor(2, thread_name_prefix="manufold-desk")
        self._names = ThreadPoolExecutor(16, thread_name_prefix="manufold-names")

    def __enter__(self) -> "_Threads":
        return self

    def __exit__(self, *_: object) -> None:
        self._desk.shutdown(wait=True)
        self._names.shutdown(wait=False, cancel_futures=True)

    async def desk(self, work: Callable[..., Any], *arguments: object) -> Any:
        """Return what a verb of the desk answers."""
        return await asyncio.get_running_loop().run_in_executor(self._desk, work, *arguments)

    async def looked_up(self, resolve: Resolve, host: str, port: int) -> tuple[str, ...]:
        """Return a host's addresses; `TimeoutError` is an OSError."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_LOOK_UP_S):
            return tuple(await loop.run_in_executor(self._names, resolve, host, port))


async def _ended(under_way: set[asyncio.Task[None]]) -> None:
    """Give the tries under way a moment, then cut them off."""
    if under_way:
        _, late = await asyncio.wait(under_way, timeout=_STOP_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _said(fault: httpx.HTTPError) -> str:
    """Return a fault of the connection in a few words, the same for all of a kind."""
    if isinstance(fault, httpx.ConnectTimeout):
        return "no connection in time"
    if isinstance(fault, httpx.TimeoutException):
        return "no answer in time"
    if "CERTIFICATE_VERIFY_FAILED" in str(fault):
        return "certificate not trusted"
    return "no connection" if isinstance(fault, httpx.ConnectError) else "answer broken off"
