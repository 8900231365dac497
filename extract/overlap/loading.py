"""Loading a model from a folder with transformers: safetensors or GGUF, never a pickle, never its own code."""

import hashlib
import json
import re
import warnings
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from extract.overlap.engine import is_memory_error
from extract.overlap.model_files import ModelFolder
from extract.overlap.model_types import quantization_of
from extract.overlap.reasons import MeasurementFailed

OWN_DTYPE: Final = "own"
_DTYPES: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_NAMED_MISSING: Final = 3
_IN_LAYER: Final = re.compile(r"(^|\.)(layers|layer|h|blocks|block)\.\d+\.")
_CONSTANTS: Final = (".inv_freq", ".attn.bias", ".attn.masked_bias", ".attention.bias", ".attention.masked_bias")
"""Ends of names of what old versions of the library stored with a layer's weights, and computes anew today."""

_ADAPTER_NAME: Final = "default"
_ADAPTED: Final = "base_model."
"""How the names of an adapter's weights begin."""
_SHARED: Final = ("vblora_vector_bank", "prompt_encoder", ".tinylora_v.", ".unilora_theta_d.")
"""Parts of names of adapters' weights that several layers share, so that a file holds them once or not at all."""


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to be asked."""

    model: Any
    tokenizer: Any
    tokenizer_hash: str
    dtype: str
    """The type that its arithmetic is done in."""
    stored_dtype: str
    """The type that its weights are stored in."""
    quantization: str | None = None
    """How its weights are quantized, by the name that its configuration gives."""

    @property
    def weights_kind(self) -> str:
        """What its weights are, in a word."""
        return self.quantization or self.stored_dtype


def load_model(place: ModelFolder, *, device: str, dtype: str) -> LoadedModel:
    """Load a model and its tokenizer onto ``device`` (cpu, cuda, mps).

    ``dtype`` is float32, bfloat16 or float16, or ``own`` for the type that the weights are stored
    in. Raises MeasurementFailed with the reason that fits.
    """
    tokenizer = _load_tokenizer(place)
    config_folder = place.base_folder if place.form == "adapter" and place.base_folder else place.folder
    stored = _stored_dtype(Path(config_folder), place.gguf_file)
    quantization = None if place.form == "gguf" else _quantization(Path(config_folder))
    try:
        model = _load_weights(place, config_folder, dtype, stored)
        if not getattr(model, "is_quantized", False):
            model = model.to(device)
            model = _in_one_dtype(model, dtype, stored) if quantization is not None else model
    except MeasurementFailed:
        raise
    except Exception as error:
        found = explained(error)
        if quantization is not None and found.reason in {"unknown", "unsupported_format"}:
            detail = f"quantized by {quantization}, which cannot be read here ({found.detail})"
            raise MeasurementFailed("unsupported_format", detail) from error
        raise found from error
    model.eval()
    used = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
    return LoadedModel(
        model, tokenizer, tokenizer_digest(tokenizer), str(used).removeprefix("torch."), stored, quantization
    )


def _load_tokenizer(place: ModelFolder) -> Any:  # noqa: ANN401
    options: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
    if place.form == "gguf":
        options["gguf_file"] = place.gguf_file
    try:
        return AutoTokenizer.from_pretrained(place.tokenizer_folder, **options)
    except Exception as error:
        found = explained(error)
        if found.reason in {"remote_code_required", "out_of_memory", "corrupt_weights"}:
            raise found from error
        raise MeasurementFailed("tokenizer_missing", f"{type(error).__name__}: {error}") from error


def _load_weights(place: ModelFolder, config_folder: str, dtype: str, stored: str) -> Any:  # noqa: ANN401
    options: dict[str, Any] = {
        "trust_remote_code": False,
        "local_files_only": True,
        "dtype": _DTYPES.get(stored if dtype == OWN_DTYPE else dtype, torch.float32),
        "output_loading_info": True,
        # So that the notes name them: a mismatch is refused below.
        "ignore_mismatched_sizes": True,
    }
    if place.form == "gguf":
        options["gguf_file"] = place.gguf_file
    else:
        options["use_safetensors"] = True
        config = AutoConfig.from_pretrained(config_folder, trust_remote_code=False, local_files_only=True)
        if getattr(config, "is_encoder_decoder", False):
            raise MeasurementFailed(
                "unsupported_architecture", f"not applicable: {config.model_type} is an encoder and a decoder"
            )
    try:
        model, notes = _from_pretrained(config_folder, **options)
    except ImportError as error:
        if "flash" not in str(error).lower():
            raise
        model, notes = _from_pretrained(config_folder, attn_implementation="eager", **options)
    _require_whole(notes)
    return _apply_adapter(model, place.folder) if place.form == "adapter" else model


def _in_one_dtype(model: Any, dtype: str, stored: str) -> Any:  # noqa: ANN401
    """Return a quantized model whose weights were restored, as on a CPU, in the type that is asked for.

    The library leaves what it restores and what was never quantized in different types.
    """
    kinds = {parameter.dtype for parameter in model.parameters() if parameter.is_floating_point()}
    wanted = _DTYPES[stored if dtype == OWN_DTYPE else dtype]
    return model.to(wanted) if len(kinds) > 1 and kinds <= set(_DTYPES.values()) else model


def _from_pretrained(folder: str, **options: Any) -> tuple[Any, dict[str, Any]]:  # noqa: ANN401
    found: Any = AutoModelForCausalLM.from_pretrained(folder, **options)
    return found[0], found[1]


def _require_whole(notes: dict[str, Any]) -> None:
    missing = sorted(str(name) for name in notes.get("missing_keys") or ())
    mismatched = sorted(str(entry[0]) for entry in notes.get("mismatched_keys") or ())
    if missing:
        named = ", ".join(missing[:_NAMED_MISSING])
        if all("head" in name or "embed_out" in name for name in missing):
            raise MeasurementFailed("unsupported_architecture", f"there is no language-model head (missing: {named})")
        raise MeasurementFailed("corrupt_weights", f"{len(missing)} weights are missing: {named}")
    if mismatched:
        named = ", ".join(mismatched[:_NAMED_MISSING])
        raise MeasurementFailed("corrupt_weights", f"{len(mismatched)} weights have another shape: {named}")
    if errors := notes.get("error_msgs"):
        raise MeasurementFailed("corrupt_weights", "; ".join(str(error) for error in errors))
    # A head of another task may stand beside the language model; what is left over in a layer was to be computed with.
    unexpected = sorted(str(name) for name in notes.get("unexpected_keys") or ())
    left_over = [name for name in unexpected if _IN_LAYER.search(name) and not name.endswith(_CONSTANTS)]
    if left_over:
        named = ", ".join(left_over[:_NAMED_MISSING])
        raise MeasurementFailed("corrupt_weights", f"the model has no place for {len(left_over)} weights: {named}")


def _apply_adapter(model: Any, folder: str) -> Any:  # noqa: ANN401
    # Takes a second to import, and few models are adapters.
    from peft import PeftConfig, PeftModel, PeftType  # noqa: PLC0415

    config = PeftConfig.from_pretrained(folder)
    if config.is_prompt_learning:
        raise MeasurementFailed("unsupported_format", f"an adapter of the kind {config.peft_type} adds prompt tokens")
    if config.peft_type == PeftType.XLORA or getattr(config, "megatron_config", None):
        # They name further files, or a Python module that the library would import.
        raise MeasurementFailed("unsupported_format", "an adapter that needs more than its own weights")
    # The library only warns of weights that are missing, and not even of those that are left over: it is asked again.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Found missing adapter keys")
        try:
            adapted = PeftModel.from_pretrained(model, folder, config=config)
        except KeyError as error:
            # Modules that the adapter saves whole, and trained tokens, are looked up by their names.
            if not str(error.args[0]).startswith(_ADAPTED):
                raise
            raise MeasurementFailed(
                "corrupt_weights", f"a weight of the adapter is missing: {error.args[0]}"
            ) from error
    notes = adapted.load_adapter(folder, _ADAPTER_NAME)
    missing = [name for name in notes.missing_keys if not any(part in name for part in _SHARED)]
    for names, problem in ((missing, "are missing"), (notes.unexpected_keys, "belong to another model")):
        if names:
            named = ", ".join(sorted(names)[:_NAMED_MISSING])
            raise MeasurementFailed("corrupt_weights", f"{len(names)} weights of the adapter {problem}: {named}")
    return adapted.get_base_model()


def _stored_dtype(folder: Path, gguf_file: str | None) -> str:
    """Return the type of the largest weight as the safetensors headers or the GGUF file's name tell it."""
    if gguf_file is not None:
        return "float32"
    sizes: dict[str, int] = {}
    for path in folder.glob("*.safetensors"):
        for kind, count in _header_types(path):
            sizes[kind] = sizes.get(kind, 0) + count
    names = {"F32": "float32", "F16": "float16", "BF16": "bfloat16", "F64": "float64"}
    known = {names[kind]: count for kind, count in sizes.items() if kind in names}
    return max(known, key=lambda name: known[name]) if known else "float32"


def _quantization(folder: Path) -> str | None:
    """Return how the weights are quantized; None where the configuration is damaged, which its reader tells."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return quantization_of(config) if isinstance(config, dict) else None


def _header_types(path: Path) -> list[tuple[str, int]]:
    """Return (type, elements) of each tensor of a safetensors file; nothing when its header is damaged."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > path.stat().st_size:
                return []
            header = json.loads(file.read(length))
        return [
            (str(entry["dtype"]), int(entry["data_offsets"][1]) - int(entry["data_offsets"][0]))
            for name, entry in header.items()
            if name != "__metadata__"
        ]
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OverflowError):
        # What is wrong with the file is told by the library that loads it.
        return []


def tokenizer_digest(tokenizer: Any) -> str:  # noqa: ANN401
    """Return a digest of the vocabulary: equal digests mean that equal ids are equal tokens."""
    vocabulary = tokenizer.get_vocab()
    # By id, and by token where two have one id, which is seldom: to compare both takes four times as long.
    is_by_id = len(set(vocabulary.values())) == len(vocabulary)
    entries = sorted(vocabulary.items(), key=itemgetter(1) if is_by_id else itemgetter(1, 0))
    text = "".join([f"{index}\t{token}\n" for token, index in entries])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def explained(error: BaseException) -> MeasurementFailed:
    """Return the reason for what a library raised while it loaded or ran a model."""
    if isinstance(error, MeasurementFailed):
        return error
    return MeasurementFailed(_reason_of(error, str(error).lower()), f"{type(error).__name__}: {error}")


def _reason_of(error: BaseException, text: str) -> str:
    if is_memory_error(error):
        return "out_of_memory"
    if isinstance(error, SafetensorError) or "safetensor" in type(error).__name__.lower():
        return "corrupt_weights"
    if isinstance(error, ImportError):
        return "unsupported_format"
    for part, reason in _MESSAGES:
        if part in text:
            return reason
    return "unknown"


_MESSAGES: Final = (
    ("trust_remote_code", "remote_code_required"),
    ("execute the configuration file", "remote_code_required"),
    ("does not recognize this architecture", "unsupported_architecture"),
    ("unrecognized configuration class", "unsupported_architecture"),
    ("unrecognized model", "unsupported_architecture"),
    ("should have a `model_type` key", "unsupported_architecture"),
    ("gguf model with architecture", "unsupported_architecture"),
    ("validation error for field", "corrupt_weights"),
    ("size mismatch", "corrupt_weights"),
    ("negative dimension", "corrupt_weights"),
    ("incomplete metadata", "corrupt_weights"),
    ("deserializing header", "corrupt_weights"),
    ("not found in the base model", "corrupt_weights"),
    ("no file named", "no_weights"),
    ("quantiz", "unsupported_format"),
)
"""What the libraries' messages say, and the reason that it stands for; the first that fits counts."""
