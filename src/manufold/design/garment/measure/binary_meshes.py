"""Points of binary STL and GLB files.

Source  glTF 2.0 specification (Khronos): chunks, accessors, node transforms. GLB lengths are
        metres there; whether a file keeps to that is judged from the body's height.
"""

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["glb_points", "is_binary_stl", "stl_points"]

_STL_HEAD_BYTES = 84
_STL_ROW = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_FLOAT = 5126
_NODES_MOST = 10_000


def is_binary_stl(content: bytes) -> bool:
    """Say whether the length of a file is that of its announced triangles."""
    if len(content) <= _STL_HEAD_BYTES:
        return False
    (faces,) = struct.unpack_from("<I", content, 80)
    return bool(len(content) == _STL_HEAD_BYTES + int(faces) * _STL_ROW.itemsize)


def stl_points(content: bytes, most: int) -> tuple[NDArray[np.floating], int]:
    """Return about `most` corners, evenly taken, and how many points the triangles share."""
    rows = np.frombuffer(content, _STL_ROW, offset=_STL_HEAD_BYTES)
    count = len(rows) // 2  # in a closed mesh there are twice as many triangles as points
    corners = rows["corners"]
    step = max(1, len(rows) // most)
    picked = corners[::step, 0] if len(rows) > most else corners[:, :2].reshape(-1, 3)
    return picked.astype(np.float64), count


def glb_points(content: bytes, most: int) -> tuple[NDArray[np.floating], int]:
    """Return about `most` points of all meshes in the scene, evenly taken, and how many there are.

    Raises:
        ValueError: the file is damaged, or its positions are packed in a way not read here.
    """
    document, binary = _chunks(content)
    found = []
    for mesh, transform in _placed(document):
        for primitive in document["meshes"][mesh]["primitives"]:
            if primitive.get("extensions", {}).get("KHR_draco_mesh_compression"):
                raise ValueError("its positions are packed (Draco)")
            points = _positions(document, binary, primitive["attributes"]["POSITION"])
            found.append(points @ transform[:3, :3].T + transform[:3, 3])
    if not found:
        raise ValueError("no points in it")
    points = np.concatenate(found)
    return points[:: max(1, len(points) // most)], len(points)


def _chunks(content: bytes) -> tuple[dict[str, Any], bytes]:
    document: dict[str, Any] | None = None
    at = 12
    while at + 8 <= len(content):
        length_bytes, kind = struct.unpack_from("<II", content, at)
        part = content[at + 8 : at + 8 + length_bytes]
        if len(part) < length_bytes:
            raise ValueError("it ends too early")
        if kind == 0x4E4F534A:
            document = json.loads(part)
        elif kind == 0x004E4942 and document is not None:
            return document, part
        at += 8 + length_bytes
    raise ValueError("no points in it")


def _placed(document: dict[str, Any]) -> list[tuple[int, NDArray[np.float64]]]:
    """Return every mesh of the scene with its transform."""
    nodes = document.get("nodes", [])
    if len(nodes) > _NODES_MOST:
        raise ValueError("too many nodes")
    scenes = document.get("scenes", [])
    roots = scenes[document.get("scene", 0)].get("nodes", []) if scenes else range(len(nodes))
    todo = [(root, np.eye(4)) for root in roots]
    found = []
    seen = 0
    while todo:
        index, parent = todo.pop()
        seen += 1
        if seen > _NODES_MOST:
            raise ValueError("its nodes go in a circle")
        node = nodes[index]
        transform = parent @ _transform(node)
        if "mesh" in node:
            found.append((int(node["mesh"]), transform))
        todo.extend((child, transform) for child in node.get("children", []))
    return found


def _transform(node: dict[str, Any]) -> NDArray[np.float64]:
    if "matrix" in node:
        return np.array(node["matrix"], dtype=np.float64).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0.0, 0.0, 0.0, 1.0))
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    transform = np.eye(4)
    transform[:3, :3] = turn * np.array(node.get("scale", (1.0, 1.0, 1.0)))
    transform[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return transform


def _positions(document: dict[str, Any], binary: bytes, accessor: int) -> NDArray[np.float64]:
    told = document["accessors"][accessor]
    if told["componentType"] != _FLOAT or told["type"] != "VEC3" or "sparse" in told:
        raise ValueError("its positions are packed")
    view = document["bufferViews"][told["bufferView"]]
    if view.get("buffer", 0) != 0:
        raise ValueError("its points stand in another file")
    stride = view.get("byteStride", 12)
    count = int(told["count"])
    begin = view.get("byteOffset", 0) + told.get("byteOffset", 0)
    if begin < 0 or stride < 12 or begin + (count - 1) * stride + 12 > len(binary):
        raise ValueError("it ends too early")
    rows = np.ndarray((count, 3), "<f4", binary, begin, (stride, 4))
    return rows.astype(np.float64)
