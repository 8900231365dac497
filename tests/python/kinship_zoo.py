"""A small zoo of descendants with a known tree, made in milliseconds: sketches of generated matrices."""

import hashlib

import numpy as np

from extract.weights.comparing import Block, Key, Sketch

State = dict[str, np.ndarray]
LAYERS = 6
SHAPES = {"self_attn.q_proj": 192, "self_attn.o_proj": 192, "mlp.up_proj": 192, "mlp.down_proj": 384}
N_VALUES = 512
"""A block has the whole rows that fit into N values, as in the sketches."""


def base(rng: np.random.Generator) -> State:
    """Return matrices as training leaves them: heavy tails, scales of their own, a few directions in common."""
    state: State = {"model.embed_tokens.weight": rng.normal(size=(16, 192)) * 0.1}
    for layer in range(LAYERS):
        for name, width in SHAPES.items():
            rows = N_VALUES // width
            values = rng.standard_t(6, (rows, width)) * 0.05 * rng.lognormal(0, 0.2, (rows, 1))
            state[f"model.layers.{layer}.{name}.weight"] = values + 0.01 * rng.normal(size=width)
        state[f"model.layers.{layer}.input_layernorm.weight"] = np.ones(192)
    return {name: values.astype(np.float32) for name, values in state.items()}


def tuned(state: State, rng: np.random.Generator, size: float) -> State:
    """Return a fine-tune: each matrix changed by ``size`` of its own spread."""
    return {
        name: values if values.ndim == 1
        else (values + size * values.std() * rng.standard_t(4, values.shape) / np.sqrt(2)).astype(np.float32)
        for name, values in state.items()
    }  # fmt: skip


def mixed(states: list[State], weights: list[float]) -> State:
    """Return the weighted sum of several models."""
    return {
        name: sum(
            weight * state[name].astype(np.float64) for state, weight in zip(states, weights, strict=True)
        ).astype(np.float32)
        for name in states[0]
    }


def halved(state: State) -> State:
    """Return the model as float16 holds it."""
    return {name: values.astype(np.float16).astype(np.float32) for name, values in state.items()}


def rounded(state: State, steps: int = 127) -> State:
    """Return the model rounded to integers with a scale per row."""
    scales = {name: np.abs(values).max(axis=-1, keepdims=True) / steps for name, values in state.items()}
    return {
        name: values if values.ndim == 1 else (np.round(values / scales[name]) * scales[name]).astype(np.float32)
        for name, values in state.items()
    }


def pruned(state: State, share: float) -> State:
    """Return the model without the smallest values of its layers."""
    return {
        name: np.where(np.abs(values) > np.quantile(np.abs(values), share), values, 0).astype(np.float32)
        if "layers" in name and values.ndim > 1
        else values
        for name, values in state.items()
    }


def sketch(name: str, state: State, vocabulary: int = 1000) -> Sketch:
    """Return the sketch of a model."""
    blocks = {}
    for tensor, values in state.items():
        is_norm, is_embedding = values.ndim == 1, "embed" in tensor
        role = "norm" if is_norm else "embedding" if is_embedding else "mlp" if "mlp" in tensor else "attention"
        flat, rows = values.ravel(), 1 if is_norm else values.shape[0]
        layer = int(tensor.split(".")[2]) if "layers" in tensor else None
        shape = values.shape if is_norm else (vocabulary if is_embedding else 192, values.shape[1])
        blocks[Key(tensor, values.shape[-1], 0, flat.size, is_probe=False)] = Block(
            role, layer, "F32", shape, (rows, flat.size // rows), flat, hashlib.sha256(flat.tobytes()).hexdigest()
        )
    return Sketch(name, "run", blocks)
