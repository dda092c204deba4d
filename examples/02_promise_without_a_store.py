"""The promise alone: no store, no offer, only a network, its load and new work.

The demo network with its seeded backlog is dispatched; then one more job asks for its earliest
honest finish. Booked work never moves, so the answer can be booked as it stands.
"""

from manufold.connect.network_file import read_network
from manufold.demo import demo_network_path
from manufold.judge.violations import violations
from manufold.model.schedule import Job
from manufold.model.units import from_rfc3339, to_rfc3339
from manufold.scheduling.dispatch import best_dispatch
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from manufold.twin.backlog import backlog
from manufold.words import word

now_s = from_rfc3339("2026-11-30T07:00:00+01:00")
network = read_network(demo_network_path())
jobs = backlog(network, seed=1, orders=450, from_s=now_s)
empty = Load.of(network, (), now_s)
schedule = best_dispatch(network, jobs, empty)
wrong = violations(schedule, network, {job.holder: job for job in jobs})
print(f"{len(schedule)} operations booked, {len(wrong)} violations")

new = Job("new", jobs[0].plan, 20, release_s=now_s)
alone = promise(empty, network, new)
busy = promise(empty.with_slots(schedule), network, new)
print("on empty shops:", to_rfc3339(alone.finish_s, "Europe/Berlin"))
print("behind the others:", to_rfc3339(busy.finish_s, "Europe/Berlin"))
print("never earlier than alone:", busy.finish_s >= alone.finish_s)
print(word(busy.binding))
