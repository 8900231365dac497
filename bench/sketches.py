"""Sketches of models that are held in memory, and families of them whose truth is known."""

import hashlib
from dataclasses import dataclass

import numpy as np

from extract.weights.comparing import Block, Floats, Key, Sketch
from extract.weights.names import named
from extract.weights.places import block_place, probe_place

State = dict[str, Floats]


@dataclass(frozen=True)
class Zoo:
    """Sketches, and of each model its parent; None for a base."""

    sketches: list[Sketch]
    parents: dict[str, str | None]


def sketch_of(name: str, state: State, dtype: str = "F32") -> Sketch:
    """Return the sketch of a model that is held in memory, with the blocks that are read of its files."""
    blocks = {}
    for tensor, values in state.items():
        tells = named(tensor)
        is_vector = values.ndim == 1
        rows = values.reshape(-1, values.shape[-1])
        places = [(block_place(tells, *rows.shape, is_vector=is_vector), False)]
        probe = None if is_vector else probe_place(tells, *rows.shape)
        places += [] if probe is None else [(probe, True)]
        for place, is_probe in places:
            block = rows[place.row : place.row + place.n_rows, place.column : place.column + place.n_columns]
            flat = block.astype(np.float32).ravel()  # a copy, so that the whole matrix is not held
            key = Key(tensor, rows.shape[1], place.row * rows.shape[1] + place.column, flat.size, is_probe)
            digest = hashlib.sha256(flat.tobytes()).hexdigest()
            blocks[key] = Block(
                tells.role, tells.layer_index, dtype, values.shape, (place.n_rows, place.n_columns), flat, digest
            )
    return Sketch(name, "run", blocks)
