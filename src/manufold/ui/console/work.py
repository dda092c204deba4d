"""Instructions in a terminal: what to make, on which machine, by which limits."""

from rich.console import Console

from manufold.model.network import Network
from manufold.services.instructions import Instructions
from manufold.ui.console.rows import add_row, plain_table
from manufold.ui.console.when import short_day

__all__ = ["print_instructions"]


def print_instructions(
    found: Instructions, network: Network, console: Console | None = None
) -> None:
    """Print what a shop needs to make its part of an order."""
    out = console or Console(highlight=False)
    design = found.design
    out.print(f"[bold]{found.order_id}[/bold] {design.vertical}, {design.material_id}")
    sheet = design.personal.get("sheet")
    for name, value in {**design.parameters, **(sheet if isinstance(sheet, dict) else {})}.items():
        out.print(f"  {name}: {value}", markup=False)
    for file in found.files:
        out.print(f"  {file.name}, {len(file.content)} bytes", markup=False)
    headings = ("operation", "work unit", "pieces", "start", "set-up s", "run s a piece")
    table = plain_table(headings, right=("pieces", "set-up s", "run s a piece"))
    for job, operation in found.steps:
        zone = network.site[job.site_id].zone
        add_row(
            table,
            operation.name,
            network.work_unit[job.resource_id].name,
            str(job.quantity_in),
            short_day(job.start_s, zone),
            f"{operation.setup_s:.0f}",
            f"{operation.run_s:.0f}",
        )
    out.print(table)
    out.print("  what `manufold say` calls them:", markup=False)
    for job, operation in found.steps:
        ids = f"job_order_id {job.job_order_id} resource_id {job.resource_id}"
        out.print(f"  {operation.name}: {ids} ({job.state})", markup=False, soft_wrap=True)
    for _job, operation in found.steps:
        for one in operation.characteristics:
            limits = f"{one.lower} to {one.upper} {one.unit}"
            shown = f"  {operation.name}: {one.name} {one.nominal}, {limits}"
            out.print(f"{shown}  (characteristic_id {one.characteristic_id})", markup=False)
