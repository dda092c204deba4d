"""The optimum of a tiny shop, by trying every order and every alternative."""

from manufold.scheduling.shop.problem import Goal, Shop


def optimum(shop: Shop, goal: Goal) -> int:
    """Return the best value of any schedule: every semi-active one is built, worse ones cut off.

    Appending each ready operation, with each alternative, to what is there reaches every
    semi-active schedule, and one of them is optimal, since both goals are regular.
    """
    ops = len(shop.job_of)
    best = [2**62]
    end_s = [-1] * ops
    machine_s: list[list[tuple[int, int]]] = [[] for _ in range(shop.machine_count)]
    worker_s = [0] * (shop.worker_count + 1)

    def value() -> int:
        if goal == "makespan":
            return max(end_s)
        late = 0
        for job in range(len(shop.due_s)):
            done_s = max(end_s[shop.job_ptr[job] : shop.job_ptr[job + 1]])
            late += int(shop.weight[job]) * max(0, done_s - int(shop.due_s[job]))
        return late

    def go(done: int) -> None:
        if (goal == "makespan" and max(end_s) >= best[0]) or value() >= best[0]:
            return
        if done == ops:
            best[0] = value()
            return
        for op in range(ops):
            before = shop.before_op[shop.before_ptr[op] : shop.before_ptr[op + 1]]
            if end_s[op] >= 0 or any(end_s[b] < 0 for b in before):
                continue
            ready_s = max([int(shop.release_s[shop.job_of[op]]), *(end_s[b] for b in before)])
            for alt in range(shop.alt_ptr[op], shop.alt_ptr[op + 1]):
                m, w = int(shop.alt_machine[alt]), int(shop.alt_worker[alt])
                start_s = max(ready_s, worker_s[w])
                if machine_s[m]:
                    last, free_s = machine_s[m][-1]
                    setup_s = int(shop.setup_s[m, last, op]) if len(shop.setup_s) else 0
                    start_s = max(start_s, free_s + setup_s)
                kept_s = worker_s[w]
                end_s[op] = start_s + int(shop.alt_span_s[alt])
                machine_s[m].append((op, end_s[op]))
                worker_s[w] = end_s[op] if w >= 0 else 0
                go(done + 1)
                machine_s[m].pop()
                worker_s[w] = kept_s
                end_s[op] = -1

    go(0)
    return best[0]
