"""The OpenAPI document as it stands in contracts/; `python tests/api/golden.py` writes it anew.

Read the difference before it is committed: programs of others are built on it.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "contracts" / "openapi.json"
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from tests.api.door import made, sim  # noqa: E402


def document() -> Any:
    """Return the document as it is served, its version left out."""
    found = json.loads(json.dumps(made(sim()).state.document()))
    return found | {"info": found["info"] | {"version": "1"}}


def text_of(found: Any) -> str:
    """Return the document as its file shows it."""
    return json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(text_of(document()), encoding="utf-8")
