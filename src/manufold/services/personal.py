"""What keeps a person apart from the log: designs made of someone's own measures.

A revision is a digest of the files, and it stands in events for good. A handful of body measures
can be guessed, digest by digest; so where a design holds anything of a person's own, its revision
is keyed with a secret of this home. The same file asked for twice here is still the same design.
"""

from dataclasses import replace

from manufold.model.design import Design, keyed_revision
from manufold.services.context import Context

__all__ = ["apart"]


def apart(ctx: Context, design: Design) -> Design:
    """Return the design, under a revision that tells nothing of its person."""
    if not design.personal:
        return design
    return replace(design, revision=keyed_revision(design.revision, ctx.secret))
