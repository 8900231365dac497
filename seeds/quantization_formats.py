"""Write seeds/quantization_formats.csv: the formats that models are quantized or converted to, and words of copies.

Members of the enums of installed libraries are read from them; what other libraries list, and how people write it, is
noted here with its source. Run it after an update of gguf or transformers: `python seeds/quantization_formats.py`.
A pattern is read in the lower case name of a repository, whose separators are hyphens; a dot stays a dot.
"""

import csv
import importlib.metadata
from dataclasses import astuple, dataclass, fields
from pathlib import Path

SEED = Path(__file__).with_suffix(".csv")
READ_ON = "2026-11-24"


@dataclass(frozen=True)
class Format:
    """One row of the seed; `seen_in` is name (then in tags too), tag, end or nowhere; no version: noted by hand."""

    format: str
    pattern: str
    kind: str
    seen_in: str
    source: str
    source_version: str = ""
    read_on: str = READ_ON
    note: str = ""


NOT_IN_NAMES = {
    "metal": ("tag", "A word of many names; in a tag it is the method."),
    "higgs": ("tag", "The name of a model family; in a tag it is the method."),
    "quark": ("tag", "A word of many names; in a tag it is the method."),
    "gemma": ("nowhere", "The name and the tag are those of a model family."),
    "bitnet": ("nowhere", "Such models are trained in this format, not converted to it."),
    "guessed": ("nowhere", "Says that the type was guessed, and is no type."),
}
"""Members of an enum that are also ordinary words, with the reason."""

FULL_PRECISION = {"f64", "f32", "f16", "bf16", "fp16", "fp32"}

GRAMMARS = (
    # name, pattern, kind, source
    ("GGUF type", "(ud-)?(i?q[1-9]-?[0-9k](-?[0-9]){0,2}|q[4-8]|iq[1-9])(-?(xxxs|xxs|xs|s|m|l|xl|xxl|nl))?",
     "quantization", "llama.cpp: quantize"),
    ("ternary GGUF type", "tq[1-9](-?[0-9]){0,2}", "quantization", "llama.cpp: quantize"),
    ("bits", "([1-9]|1[.]58|16|32)-?bits?", "quantization", "Hugging Face Hub: tags"),
    ("bits per weight", "([1-9][.-][0-9]{1,2}|[1-9])-?bpw(-?h[0-9])?", "quantization", "ExLlamaV2: convert"),
    ("integer", "u?int-?([1-8]|16|32)(wo)?(-?ov)?", "quantization", "torchao: quantize_"),
    ("weights and activations", "w[1-9]-?a(fp)?(4|8|16)(-?(asym|mixed))?(-?(kv|c|g)[0-9]{1,3})*", "quantization",
     "compressed-tensors: preset schemes"),
    ("activations and weights", "a(4|8|16)w[1-9]", "quantization", "PaddleSlim"),
    ("floats of 4 to 8 bits", "(fp|float)-?[468](-?(dynamic|static|block|e[2-5]m[0-3](fn|fnuz)?|kv))*(-?ov)?",
     "quantization", "compressed-tensors: preset schemes"),
    ("exponent and mantissa", "e[2-5]m[0-3](fn|fnuz)?", "quantization", "torch: dtypes"),
    ("microscaling", "(mx|nv)(fp|int)-?[468](a16)?(-?moe)?", "quantization", "compressed-tensors: preset schemes"),
    ("normal float", "nf-?[348]", "quantization", "bitsandbytes: quant_type"),
    ("group size", "gs?(32|64|128)|(32|64|128)gs?", "quantization", "GPTQModel: group_size"),
    ("MLC mode", "q[0-8](b?f16|f32)(-[0-9])?", "quantization", "MLC LLM: quantization"),
    ("MLX mixed bits", "mixed-[2-8]-[2-8](-?bits?)?", "quantization", "mlx-lm: convert"),
    ("floats of 16 or 32 bits", "(b?f(p|loat)?-?(16|32)|tf32)(-?ov)?", "precision", "torch: dtypes"),
)  # fmt: skip
"""How families of formats are written; each covers members that no list here has yet."""

LISTED: dict[tuple[str, str], tuple[str, ...]] = {
    ("huggingface.js: GGMLFileQuantizationType", "quantization"): (
        "Q4_1_SOME_F16", "Q4_2", "Q4_3", "Q4_0_4_4", "Q4_0_4_8", "Q4_0_8_8", "Q2_K_XL", "Q3_K_XL", "Q4_K_XL",
        "Q5_K_XL", "Q6_K_XL", "Q8_K_XL",
    ),
    ("compressed-tensors: preset schemes", "quantization"): (
        "W8A16", "W4A16", "W4A16_ASYM", "W8A8", "INT8", "W4A8", "W4AFP8", "FP8", "FP8_DYNAMIC", "FP8_BLOCK", "NVFP4",
        "NVFP4A16", "MXFP4", "MXFP4A16", "MXFP8", "MXFP8A16",
    ),
    ("compressed-tensors: compression formats", "quantization"): (
        "int-quantized", "float-quantized", "pack-quantized", "naive-quantized",
    ),
    ("vLLM: QUANTIZATION_METHODS", "quantization"): (
        "awq_marlin", "gptq_marlin", "experts_int8", "moe_wna16", "modelopt", "modelopt_fp4", "rtn", "autoawq",
        "autogptq", "squeezellm",
    ),
    ("mlx-lm: convert and dwq", "quantization"): ("dwq", "mxfp4", "nvfp4"),
    ("ExLlamaV2 and ExLlamaV3: convert", "quantization"): ("exl2", "exl3"),
    ("Hugging Face Hub: names of repositories", "quantization"): (
        "bnb", "quantized", "quantised", "imatrix", "imat", "i1-gguf", "act-order", "ptq", "autoround", "smoothquant",
        "spinquant", "omniquant", "quip", "nncf", "dequantized", "llmcompressor",
    ),
    ("Hugging Face Hub: libraries and names", "container"): (
        "gguf", "ggml", "mlx", "onnx", "openvino", "tflite", "litert", "coreml", "executorch", "ctranslate2", "ct2",
        "mnn", "ncnn", "rknn", "qnn", "mlc", "llamafile", "tensorrt", "tensorrt-llm", "trtllm", "trt-llm",
    ),
    ("Hugging Face Hub: names of copies", "copy"): (
        "copy", "clone", "mirror", "backup", "fork", "duplicate", "re_upload", "re_uploaded", "original", "hf",
        "safetensors", "unsloth", "dynamic", "quant", "quants", "i1",
    ),
}  # fmt: skip

COPY_NOTE = "Originals bear it too; at the end of two names it makes them no less one."


def spelled(member: str) -> str:
    """Return a pattern for the member with its separators, others or none."""
    return "-?".join(member.lower().replace("-", "_").split("_"))


def from_enum(member: str, source: str, version: str) -> Format:
    """Return the row of an enum's member."""
    name = member.removeprefix("MOSTLY_").removeprefix("ALL_").lower()
    seen_in, note = NOT_IN_NAMES.get(name, ("name", ""))
    kind = "precision" if name in FULL_PRECISION else "container" if name == "gguf" else "quantization"
    return Format(name, spelled(name), kind, seen_in, source, version, note=note)


def members() -> list[tuple[str, str, str]]:
    """Return name, source and version of every member of the installed libraries' enums."""
    from gguf import GGMLQuantizationType, LlamaFileType  # noqa: PLC0415
    from transformers.utils.quantization_config import QuantizationMethod  # noqa: PLC0415

    gguf, transformers = importlib.metadata.version("gguf"), importlib.metadata.version("transformers")
    return [
        *((member.name, "gguf: GGMLQuantizationType", gguf) for member in GGMLQuantizationType),
        *((member.name, "gguf: LlamaFileType", gguf) for member in LlamaFileType),
        *((str(member.value), "transformers: QuantizationMethod", transformers) for member in QuantizationMethod),
    ]


def rows() -> list[Format]:
    """Return one row per format: the first source that names it."""
    found: dict[str, Format] = {}
    for name, pattern, kind, source in GRAMMARS:
        found[name] = Format(name, pattern, kind, "name", source)
    for member, source, version in members():
        row = from_enum(member, source, version)
        found.setdefault(row.format, row)
    for (source, kind), listed in LISTED.items():
        for member in listed:
            seen_in, note = ("end", COPY_NOTE) if kind == "copy" else ("name", "")
            row = Format(member.lower(), spelled(member), kind, seen_in, source, note=note)
            found.setdefault(row.format, row)
    return list(found.values())


def main() -> None:
    """Write the seed."""
    with SEED.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Format))
        writer.writerows(map(astuple, rows()))


if __name__ == "__main__":
    main()
