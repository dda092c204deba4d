"""What a shop needs in its hands, as programs and the command line read it."""

import base64
from hashlib import sha256
from typing import Any

from manufold.model.codec import encoded
from manufold.model.execution import JobOrder
from manufold.model.network import Network
from manufold.model.process_plan import Operation
from manufold.model.units import to_rfc3339
from manufold.services.instructions import Instructions

__all__ = ["instructions_answer"]


def instructions_answer(found: Instructions, network: Network) -> dict[str, Any]:
    """Return instructions as `contracts/instructions_answer.schema.json` has them."""
    design = found.design
    media = {file.sha256: file.media_type for file in design.files}
    files = []
    for file in found.files:
        digest = sha256(file.content).hexdigest()
        files.append(
            {
                "name": file.name,
                "media_type": media[digest],
                "sha256": digest,
                "content": base64.b64encode(file.content).decode(),
            }
        )
    return {
        "schema": "manufold/instructions_answer/1",
        "order_id": found.order_id,
        "vertical": design.vertical,
        "material": design.material_id,
        "parameters": dict(design.parameters),
        "facts": encoded(design.facts),
        "personal": encoded(design.personal),
        "files": files,
        "steps": [_step(job, operation, network) for job, operation in found.steps],
    }


def _step(job: JobOrder, operation: Operation, network: Network) -> dict[str, Any]:
    zone = network.site[job.site_id].zone
    return {
        "job_order_id": job.job_order_id,
        "operation": operation.operation_id,
        "name": operation.name,
        "work_unit": job.resource_id,
        "site": job.site_id,
        "state": "held" if job.held else job.state,
        "quantity": job.quantity_in,
        "start_at": to_rfc3339(job.start_s, zone),
        "end_at": to_rfc3339(job.end_s, zone),
        "material": operation.material_id,
        "skill": operation.skill,
        "setup_terms": encoded(operation.setup_terms),
        "run_terms": encoded(operation.run_terms),
        "characteristics": encoded(operation.characteristics),
    }
