"""Whether a model can be measured, told by its configuration before its weights are fetched."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from extract.overlap.reasons import MeasurementFailed

_QUANTIZATION_PACKAGES: Final = {
    "aqlm": ("aqlm",),
    "auto-round": ("auto_round",),
    "awq": ("gptqmodel",),
    "bitsandbytes": ("bitsandbytes",),
    "compressed-tensors": ("compressed_tensors",),
    "eetq": ("kernels",),
    "fbgemm_fp8": ("fbgemm_gpu",),
    "fouroversix": ("fouroversix",),
    "fp_quant": ("fp_quant",),
    "gptq": ("optimum", "gptqmodel"),
    "higgs": ("flute", "fast_hadamard_transform"),
    "hqq": ("hqq",),
    "metal": ("kernels",),
    "nvfp4": ("kernels",),
    "quanto": ("optimum", "optimum.quanto"),
    "quark": ("quark",),
    "sinq": ("sinq",),
    "spqr": ("spqr_quant",),
    "torchao": ("torchao",),
    "vptq": ("vptq",),
}
"""What a configuration calls a quantization, and the Python packages that read it.

Those that are not here (fp8, mxfp8, mxfp4, bitnet, gemma) need none beside transformers and accelerate.
"""


@dataclass(frozen=True)
class ModelTypes:
    """The model types that the library that loads models knows."""

    causal: frozenset[str]
    encoder_decoder: frozenset[str]
    known: frozenset[str]
    quantizations: frozenset[str] = frozenset()
    """The ways of quantization that it reads."""

    @classmethod
    def from_hello(cls, hello: Mapping[str, Any]) -> "ModelTypes":
        """Read what the child process says about itself."""
        names = ("causal", "encoder_decoder", "known", "quantizations")
        return cls(*(frozenset(hello[name]) for name in names))


def installed_types() -> ModelTypes:
    """Return what the installed library knows; nothing where it is not installed. Importing it takes seconds."""
    if importlib.util.find_spec("transformers") is None:
        return ModelTypes(frozenset(), frozenset(), frozenset())
    from transformers.models.auto import modeling_auto  # noqa: PLC0415
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES  # noqa: PLC0415
    from transformers.utils.quantization_config import QuantizationMethod  # noqa: PLC0415

    return ModelTypes(
        causal=frozenset(modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES),
        encoder_decoder=frozenset(modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES),
        known=frozenset(CONFIG_MAPPING_NAMES),
        quantizations=frozenset(method.value for method in QuantizationMethod),
    )


def check_vocabulary(config: Mapping[str, Any], bottom_k: int) -> None:
    """Raise MeasurementFailed (vocabulary_too_small) when the configuration shows that every set would be alike."""
    text_config = config.get("text_config")
    size = config.get("vocab_size") or (text_config.get("vocab_size") if isinstance(text_config, dict) else None)
    if isinstance(size, int) and size <= bottom_k:
        raise MeasurementFailed("vocabulary_too_small", f"{size} token ids, of which {bottom_k} are to be ranked")


def check_config(config: Mapping[str, Any], types: ModelTypes) -> None:
    """Raise MeasurementFailed when the configuration says that the model cannot be measured.

    unsupported_architecture: unknown, not for text, or with an encoder; remote_code_required;
    unsupported_format: quantized in a way whose library is not installed.
    """
    kind = config.get("model_type")
    if kind is not None and not isinstance(kind, str):
        raise MeasurementFailed("unsupported_architecture", f"the model type {str(kind)[:40]!r} is not a word")
    own_code = isinstance(config.get("auto_map"), dict) and bool(config["auto_map"])
    if kind not in types.known:
        if own_code:
            raise MeasurementFailed(
                "remote_code_required", f"the model type {kind!r} is defined by code in the repository"
            )
        raise MeasurementFailed("unsupported_architecture", f"the model type {kind!r} is not known")
    if config.get("is_encoder_decoder") or kind in types.encoder_decoder:
        raise MeasurementFailed("unsupported_architecture", f"not applicable: {kind} has an encoder and a decoder")
    if kind not in types.causal:
        if own_code:
            raise MeasurementFailed(
                "remote_code_required", f"the model type {kind!r} generates text by code in the repository"
            )
        raise MeasurementFailed("unsupported_architecture", f"not applicable: {kind} is not a causal language model")
    if (method := quantization_of(config)) is not None:
        if types.quantizations and method not in types.quantizations:
            raise MeasurementFailed("unsupported_format", f"quantized by {method}, which transformers does not read")
        for package in _QUANTIZATION_PACKAGES.get(method, ()):
            if importlib.util.find_spec(package) is None:
                raise MeasurementFailed(
                    "unsupported_format", f"quantized by {method}, which needs the package {package}"
                )


def quantization_of(config: Mapping[str, Any]) -> str | None:
    """Return how a configuration says that the weights are quantized, or None.

    It is ``quant_method`` of ``quantization_config`` (once ``compression_config``), of the model or
    of its text part. Old ones of bitsandbytes give no method and a number of bits.
    """
    text = config.get("text_config")
    for part in (config, text if isinstance(text, dict) else {}):
        found = part.get("quantization_config") or part.get("compression_config")
        if isinstance(found, dict):
            is_bitsandbytes = found.get("load_in_4bit") or found.get("load_in_8bit")
            return str(found.get("quant_method") or ("bitsandbytes" if is_bitsandbytes else "a method without a name"))
    return None
