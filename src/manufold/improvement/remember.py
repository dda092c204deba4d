"""Read the log once and remember what can be measured: a pure fold of events into records.

It takes every event of the log in order and may be shown more later; nothing is read twice.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from manufold.improvement.records import JobRecord, OrderRecord, Standard
from manufold.model.codec import unstamped
from manufold.model.ports import StoredEvent

__all__ = ["Remembered"]

Data = Mapping[str, Any]


class Remembered:
    """All that the log has said so far.

    Args of the state:
        first_s, last_s: world time of the first event and of the latest one.
        seq: of the last event taken.
        downs: work unit -> [from_s, to_s or None] of each breakdown.
    """

    def __init__(self) -> None:
        self.seq = 0
        self.first_s: int | None = None
        self.last_s = 0
        self.jobs: dict[str, JobRecord] = {}
        self.orders: dict[str, OrderRecord] = {}
        self.downs: dict[str, list[list[int | None]]] = {}
        self._standards: dict[str, dict[str, Standard]] = {}
        self._of_order: dict[str, dict[str, Standard]] = {}
        self._takes: dict[str, Callable[[StoredEvent, Data], None]] = {
            "OrderAccepted": self._accepted,
            "RemakePlanned": self._remade,
            "SlotsMoved": self._moved,
            "SetupStarted": self._began,
            "RunStarted": self._began,
            "Resumed": self._resumed,
            "SetupEnded": self._stopped,
            "Paused": self._stopped,
            "Finished": self._finished,
            "JobCancelled": self._job_cancelled,
            "EnergyRead": self._energy,
            "BrokeDown": self._broke_down,
            "Repaired": self._repaired,
            "Received": self._received,
            "OrderAmended": self._amended,
            "OrderCancelled": self._cancelled,
            "PromiseRevised": self._revised,
            "ClaimMade": self._claimed,
            "PassportIssued": self._passport,
        }

    def take(self, event: StoredEvent) -> None:
        """Remember one event; those that measure nothing only move the time on."""
        if self.first_s is None:
            self.first_s = event.at_s
        if event.at_s > self.last_s:
            self.last_s = event.at_s
        takes = self._takes.get(event.kind)
        if takes is not None:
            takes(event, event.data)
        self.seq = event.seq  # only now: what cannot be counted is not passed over in silence

    def _accepted(self, event: StoredEvent, data: Data) -> None:
        order_id = data["order_id"]
        self.orders[order_id] = OrderRecord(
            order_id,
            data["party_id"],
            data["quantity"],
            data["under_tolerance"],
            event.at_s,
            data["promised_at_s"],
            data["promised_at_s"],
            data["p50_at_s"],
            data["requested_at_s"],
            data["carbon_g"],
        )
        self._of_order[order_id] = self._standards_of(data["plan_digest"], data["plan"])
        self._add_jobs(order_id, data["jobs"])

    def _standards_of(self, digest: str, document: Data) -> dict[str, Standard]:
        found = self._standards.get(digest)
        if found is None:
            plan = unstamped(document, "process_plan", 1)
            found = {
                operation["operation_id"]: Standard(
                    operation["capability"],
                    sum((_exact(term["span_s"]) for term in operation["run_terms"]), Fraction(0)),
                    1 - _exact(operation["yield_fraction"]),
                )
                for operation in plan["operations"]
            }
            self._standards[digest] = found
        return found

    def _add_jobs(self, order_id: str, documents: Any) -> None:
        standards = self._of_order[order_id]
        order = self.orders[order_id]
        for job in documents:
            name = job["job_order_id"]
            order.jobs.append(name)
            self.jobs[name] = JobRecord(
                name,
                order_id,
                job["production_order_id"],
                tuple(job["after"]),
                job["resource_id"],
                standards[job["operation_id"]],
            )

    def _remade(self, event: StoredEvent, data: Data) -> None:
        self._add_jobs(event.stream.partition(":")[2], data["jobs"])

    def _moved(self, event: StoredEvent, data: Data) -> None:
        for move in data["moves"]:
            job = self.jobs.get(move["job_order_id"])
            if job is not None and job.begun_s is None:
                job.resource_id = move["resource_id"]

    def _began(self, event: StoredEvent, data: Data) -> None:
        job = self.jobs[data["job_order_id"]]
        if job.begun_s is None:
            job.begun_s = event.at_s
            job.resource_id = data["resource_id"]
        job.open_s = event.at_s
        job.open_run = event.kind == "RunStarted"

    def _resumed(self, event: StoredEvent, data: Data) -> None:
        self.jobs[data["job_order_id"]].open_s = event.at_s

    def _stopped(self, event: StoredEvent, data: Data) -> None:
        _close(self.jobs[data["job_order_id"]], event.at_s)

    def _finished(self, event: StoredEvent, data: Data) -> None:
        job = self.jobs[data["job_order_id"]]
        job.reports.append((event.at_s, data["good"], data["scrap"], data["rework"]))
        if data["complete"]:
            _close(job, event.at_s)
            job.ended_s = event.at_s

    def _job_cancelled(self, event: StoredEvent, data: Data) -> None:
        job = self.jobs[data["job_order_id"]]
        _close(job, event.at_s)
        job.ended_s, job.cancelled = event.at_s, True

    def _energy(self, event: StoredEvent, data: Data) -> None:
        self.jobs[data["job_order_id"]].energy.append((event.at_s, data["energy_wh"]))

    def _broke_down(self, event: StoredEvent, data: Data) -> None:
        self.downs.setdefault(data["resource_id"], []).append([event.at_s, None])

    def _repaired(self, event: StoredEvent, data: Data) -> None:
        downs = self.downs.get(data["resource_id"])
        if downs:
            downs[-1][1] = event.at_s

    def _received(self, event: StoredEvent, data: Data) -> None:
        order = self._order(event)
        order.received += data["quantity"]
        enough = order.received >= order.quantity + order.claimed - order.under_tolerance
        if enough and order.delivered_s is None:
            order.delivered_s = event.at_s

    def _amended(self, event: StoredEvent, data: Data) -> None:
        order = self._order(event)
        order.quantity = data.get("quantity", order.quantity)
        order.under_tolerance = data.get("under_tolerance", order.under_tolerance)
        order.requested_s = data.get("requested_at_s", order.requested_s)

    def _cancelled(self, event: StoredEvent, data: Data) -> None:
        self._order(event).cancelled_s = event.at_s

    def _revised(self, event: StoredEvent, data: Data) -> None:
        self._order(event).promised_s = data["promised_at_s"]

    def _claimed(self, event: StoredEvent, data: Data) -> None:
        self._order(event).claimed += data["quantity"]

    def _passport(self, event: StoredEvent, data: Data) -> None:
        order, passport = self._order(event), data["passport"]
        order.passport_carbon_g = sum(line["carbon_g"] for line in passport["carbon_lines"])
        order.passport_pieces = passport["quantity"]

    def _order(self, event: StoredEvent) -> OrderRecord:
        return self.orders[event.stream.partition(":")[2]]


def _close(job: JobRecord, at_s: int) -> None:
    if job.open_s is not None:
        (job.runs if job.open_run else job.setups).append((job.open_s, at_s))
        job.open_s = None


def _exact(number: Any) -> Fraction:
    return Fraction(Decimal(str(number)))
