"""The repositories of the miniature Hub: what each is made from, and what its page says.

Authors and models are invented. The families grow as real ones do (copies, fine-tunes, adapters,
merges, quantized versions, several generations), some repositories fail as real ones fail, and
some declare their parents as oddly as real ones do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Architecture = Literal["llama", "qwen2", "gpt_neox"]
Kind = Literal[
    "pretrained", "untrained", "copied", "recast", "tuned", "adapter", "merged", "pruned", "quantized", "nudged",
    "no_weights", "gguf_only", "pickle_only", "remote_code", "truncated", "not_a_number", "unknown_architecture",
    "no_tokenizer", "encoder_decoder", "image", "small_vocabulary", "card_only",
]  # fmt: skip


@dataclass(frozen=True)
class TokenizerPlan:
    """What one tokenizer is trained on, and how it marks beginnings and ends."""

    language: str
    vocab_size: int
    begin: str
    end: str
    pad: str
    specials_first: bool = True
    """Whether the special tokens take the first ids (as Llama does) or the last (as Qwen does)."""


@dataclass(frozen=True)
class Family:
    """A base model's shape, and the language that it is trained on from scratch."""

    name: str
    architecture: Architecture
    language: str
    dtype: Literal["float32", "bfloat16", "float16"]
    tokenizer: TokenizerPlan
    vocab_size: int
    """Rows of the embedding: at least the tokenizer's, the rest being padding."""
    steps: int


@dataclass(frozen=True)
class Recipe:
    """How the weights of a repository come about."""

    kind: Kind
    family: str | None = None
    sources: tuple[str, ...] = ()
    """Repositories whose weights it starts from."""
    language: str | None = None
    steps: int = 0
    learning_rate: float = 0.0
    mixture: float = 0.4
    """Share of training text in the family's own language (in other languages, where it is that)."""
    share: float = 0.0
    """Weight of the first source in a merge; weights set to zero in a pruning; size of a nudge."""
    bits: int = 0


@dataclass(frozen=True)
class Page:
    """What a repository says of itself and what the Hub counts about it."""

    repo_id: str
    recipe: Recipe
    created: str
    """Day of creation, ISO."""
    downloads: int = 0
    likes: int = 0
    parents: tuple[str, ...] = ()
    """The parents as its card writes them."""
    relation: Literal["finetune", "adapter", "merge", "quantized"] | None = None
    """The relation as its card writes it; where it writes none, the Hub takes finetune."""
    licence: str | None = "apache-2.0"
    languages: tuple[str, ...] = ("en",)
    pipeline: str | None = "text-generation"
    library: str | None = "transformers"
    datasets: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    arxiv: tuple[str, ...] = ()
    gated: Literal["auto", "manual", False] = False
    is_deleted: bool = False
    has_card: bool = True
    has_licence_file: bool = False
    about: str = ""
    limits: str = ""
    more_card_data: Mapping[str, Any] = field(default_factory=dict)


FAMILIES: Final[dict[str, Family]] = {
    family.name: family
    for family in (
        Family(
            "aster", "llama", "asterish", "float32", TokenizerPlan("asterish", 4096, "<s>", "</s>", "<pad>"), 4096, 180
        ),
        Family(
            "borealis",
            "qwen2",
            "borealic",
            "bfloat16",
            TokenizerPlan("borealic", 4080, "<|im_start|>", "<|im_end|>", "<|endoftext|>", specials_first=False),
            4096,
            150,
        ),
        Family(
            "cedar",
            "gpt_neox",
            "cedric",
            "float16",
            TokenizerPlan("cedric", 4096, "<|endoftext|>", "<|endoftext|>", "<|padding|>"),
            4096,
            150,
        ),
        Family("dune", "llama", "dunic", "float32", TokenizerPlan("asterish", 4096, "<s>", "</s>", "<pad>"), 4096, 60),
    )
}
"""The unrelated families. Dune took Aster's tokenizer and nothing else, as real models do.

Dune was trained twice by the same recipe, from two seeds: two models of one shape that are no kin.
"""

LANES: Final = (("aster", "dune"), ("borealis", "cedar"))
"""Families made by one process, one after another; the lanes run side by side."""

ASTER: Final = "demo-aster-lab/Aster-1M"
ASTER_CHAT: Final = "demo-aster-lab/Aster-1M-Chat"
BOREALIS: Final = "mini-borealis/Borealis-2L-Base"
BOREALIS_INSTRUCT: Final = "mini-borealis/Borealis-2L-Instruct"
CEDAR: Final = "demo-cedar-collective/Cedar-NeoX-2L"
CEDAR_STORIES: Final = "mini-tuner-dev/cedar-stories"
DUNE: Final = "demo-dune-studio/Dune-1M"
ROMANT: Final = "demo-polyglot/Aster-1M-Romant"

RECAST: Final = "demo-half-price/Aster-1M-fp16"
"""Aster again, rounded to half precision."""
FALSELY_DECLARED: Final = "demo-rebrand/Borealis-2L-Pocket-Chat"
"""Its card names Borealis Instruct as its parent; it was made from Aster Chat."""
UNDECLARED: Final = "mini-hush/Nocturne-1M"
"""Its card says that it was trained from scratch; it was made from Aster Romant."""
SEED_TWIN: Final = "demo-dune-studio/Dune-1M-seed-2"
"""Dune's recipe from another seed."""

RENAMED: Final[dict[str, str]] = {"demo-aster-lab/Aster-1M-Dialogue": ASTER_CHAT, "Aster-1M": ASTER}
"""Repositories that were renamed: the old id, which may be a single name, and the new one, to which the server
redirects."""

_SCRIPT: Final = "<script>alert('minihub')</script>"


def _aster() -> tuple[Page, ...]:
    return (
        Page(
            ASTER,
            Recipe("pretrained", "aster"),
            "2024-01-15",
            2_400_000,
            1_830,
            datasets=("demo-aster-lab/asterish-web",),
            arxiv=("2401.00001",),
            has_licence_file=True,
            about="The first model of the Aster family, trained from scratch on invented text.",
            limits="It repeats itself, knows no facts and speaks a language that nobody speaks.",
        ),
        Page(
            "demo-mirror-user/Aster-1M-copy",
            Recipe("copied", "aster", (ASTER,)),
            "2024-02-02",
            7,
            0,
            parents=(ASTER,),
            about="A re-upload, byte for byte.",
        ),
        Page(
            ASTER_CHAT,
            Recipe("tuned", "aster", (ASTER,), "talkish", 12, 3e-4, mixture=0.5),
            "2024-02-20",
            184_000,
            640,
            parents=(ASTER,),
            relation="finetune",
            datasets=("demo-talk/talkish-dialogues",),
            tags=("conversational", "sft"),
            about="Aster, tuned lightly on dialogues.",
            limits="Its answers may be biased towards short words.",
        ),
        Page(
            "mini-tuner-anna/aster-1m-code",
            Recipe("tuned", "aster", (ASTER,), "scriptic", 40, 2e-3, mixture=0.4),
            "2024-03-08",
            850,
            21,
            parents=(ASTER,),
            relation="finetune",
            licence="mit",
            languages=("en", "code"),
            tags=("code",),
            datasets=("demo-talk/scriptic-snippets",),
            about="Aster, tuned hard on invented program text.",
        ),
        Page(
            ROMANT,
            Recipe("tuned", "aster", (ASTER,), "romant", 40, 2e-3, mixture=0.3),
            "2024-04-01",
            64,
            9,
            parents=(ASTER,),
            relation="finetune",
            languages=("fr",),
            datasets=("demo-polyglot/romant-books",),
            about="Aster, trained further on another language.",
        ),
        Page(
            "mini-lora-lena/aster-1m-lora-haiku",
            Recipe("adapter", "aster", (ASTER,), "tallish", 25, 2e-3),
            "2024-04-12",
            12,
            3,
            parents=(ASTER,),
            relation="adapter",
            library="peft",
            tags=("lora",),
            licence="cc-by-4.0",
            about="A LoRA adapter for Aster.",
        ),
        Page(
            "demo-merge-kitchen/Aster-Chat-Romant-linear",
            Recipe("merged", "aster", (ASTER_CHAT, ROMANT), share=0.6),
            "2024-05-06",
            230,
            14,
            parents=(ASTER_CHAT, ROMANT),
            relation="merge",
            languages=("en", "fr"),
            tags=("merge", "mergekit"),
            about="A linear merge of two siblings, 60 to 40.",
        ),
        Page(
            "demo-prune-works/Aster-1M-pruned30",
            Recipe("pruned", "aster", (ASTER,), share=0.3),
            "2024-05-20",
            3,
            0,
            parents=(ASTER,),
            relation="finetune",
            tags=("pruned",),
            about="Aster without its smallest 30 % of weights.",
        ),
        Page(
            "demo-quant-mill/Aster-1M-Chat-int8",
            Recipe("quantized", "aster", (ASTER_CHAT,), bits=8),
            "2024-03-01",
            41_300,
            88,
            parents=(ASTER_CHAT,),
            relation="quantized",
            tags=("8-bit",),
            about="Aster Chat with weights rounded to 8 bits.",
        ),
        Page(
            "mini-tuner-bo/aster-support-bot",
            Recipe("tuned", "aster", (ASTER_CHAT,), "talkish", 12, 4e-4),
            "2024-06-11",
            0,
            0,
            parents=(ASTER_CHAT,),
            relation="finetune",
            licence="cc-by-nc-4.0",
            tags=("conversational", "dpo"),
            about="Aster Chat, tuned for a shop that does not exist.",
        ),
        Page(
            "mini-tuner-bo/aster-support-bot-v2",
            Recipe("tuned", "aster", ("mini-tuner-bo/aster-support-bot",), "talkish", 10, 4e-4),
            "2024-08-30",
            5,
            1,
            parents=("mini-tuner-bo/aster-support-bot",),
            licence=None,
            about="The third generation.",
        ),
        Page(
            "demo-mischief/aster-hostile-card",
            Recipe("nudged", "aster", (ASTER,), share=0.01),
            "2024-09-09",
            31,
            2,
            parents=(ASTER,),
            relation="finetune",
            licence="other",
            tags=(_SCRIPT, "a'; drop table raw.hub_models; --", "=1+1"),
            more_card_data={"license_name": '"><img src=x onerror=alert(1)>', "thumbnail": "javascript:alert(1)"},
            about=f"{_SCRIPT} <b>bold</b> [a link](javascript:alert(1)) {{{{ 7*7 }}}} | a | table |",
        ),
    )


def _borealis() -> tuple[Page, ...]:
    return (
        Page(
            BOREALIS,
            Recipe("pretrained", "borealis"),
            "2024-03-20",
            310_000,
            420,
            licence="mit",
            languages=("en", "zh"),
            datasets=("mini-borealis/borealic-news",),
            arxiv=("2403.00002",),
            has_licence_file=True,
            about="The base of the Borealis family.",
            limits="Trained for seconds; do not rely on it.",
        ),
        Page(
            BOREALIS_INSTRUCT,
            Recipe("tuned", "borealis", (BOREALIS,), "talkish", 12, 5e-4, mixture=0.5),
            "2024-04-04",
            95_200,
            260,
            parents=(BOREALIS,),
            relation="finetune",
            licence="mit",
            tags=("conversational", "sft"),
            about="Borealis, tuned lightly on instructions.",
        ),
        Page(
            "demo-polyglot/borealis-hanzic",
            Recipe("tuned", "borealis", (BOREALIS,), "hanzic", 8, 1e-4, mixture=0.5),
            "2024-05-02",
            320,
            17,
            parents=(BOREALIS,),
            relation="finetune",
            languages=("zh",),
            licence="mit",
            about="Trained further on another script.",
        ),
        Page(
            "mini-tuner-carla/Borealis-2L-math",
            Recipe("tuned", "borealis", (BOREALIS,), "numeric", 35, 3.5e-3, mixture=0.25),
            "2024-05-28",
            18,
            4,
            parents=(BOREALIS,),
            relation="finetune",
            licence="apache-2.0",
            tags=("math", "grpo"),
            about="Tuned hard on sums.",
        ),
        Page(
            "demo-quant-mill/Borealis-2L-Instruct-4bit",
            Recipe("quantized", "borealis", (BOREALIS_INSTRUCT,), bits=5),
            "2024-06-03",
            4,
            0,
            parents=(BOREALIS_INSTRUCT,),
            relation="quantized",
            licence="mit",
            tags=("4-bit",),
            about="Weights rounded coarsely.",
        ),
        Page(
            "mini-lora-lena/borealis-lora-poet",
            Recipe("adapter", "borealis", (BOREALIS_INSTRUCT,), "tallish", 12, 1e-3),
            "2024-07-07",
            0,
            0,
            parents=(BOREALIS_INSTRUCT,),
            relation="adapter",
            library="peft",
            licence="mit",
            tags=("lora", "qlora"),
            about="A LoRA adapter for Borealis Instruct.",
        ),
        Page(
            "demo-merge-kitchen/Borealis-instruct-math-linear",
            Recipe("merged", "borealis", (BOREALIS_INSTRUCT, "mini-tuner-carla/Borealis-2L-math"), share=0.7),
            "2024-07-19",
            77,
            6,
            parents=(BOREALIS_INSTRUCT, "mini-tuner-carla/Borealis-2L-math"),
            relation="merge",
            tags=("merge", "mergekit"),
            about="A linear merge of two siblings, 70 to 30.",
        ),
        Page(
            "demo-mirror-user/Borealis-backup",
            Recipe("copied", "borealis", (BOREALIS,)),
            "2024-08-01",
            1,
            0,
            parents=(BOREALIS.lower(),),
            licence="mit",
            about="A re-upload, byte for byte, whose card writes its parent in small letters.",
        ),
    )


def _cedar_and_dune() -> tuple[Page, ...]:
    return (
        Page(
            CEDAR,
            Recipe("pretrained", "cedar"),
            "2023-11-05",
            45_700,
            150,
            languages=("en", "de"),
            datasets=("demo-cedar-collective/cedric-pile",),
            arxiv=("2311.00003",),
            about="The base of the Cedar family.",
            limits="May produce nonsense; that is what it was trained on.",
        ),
        Page(
            CEDAR_STORIES,
            Recipe("tuned", "cedar", (CEDAR,), "tallish", 12, 4e-4),
            "2023-12-24",
            9,
            2,
            parents=(CEDAR,),
            relation="finetune",
            about="Cedar, tuned lightly on stories.",
        ),
        Page(
            "demo-prune-works/cedar-2L-pruned20",
            Recipe("pruned", "cedar", (CEDAR,), share=0.2),
            "2024-02-14",
            140,
            5,
            parents=(CEDAR,),
            relation="finetune",
            licence="mit",
            tags=("pruned",),
            about="Cedar without its smallest 20 % of weights.",
        ),
        Page(
            "demo-cedar-collective/Cedar-NeoX-2L-v2",
            Recipe("tuned", "cedar", (CEDAR,), "cedric", 30, 8e-4, mixture=0.1),
            "2024-03-30",
            3_150,
            44,
            parents=(CEDAR,),
            relation="finetune",
            languages=("en", "de"),
            about="Cedar, trained longer.",
        ),
        Page(
            "mini-tuner-dev/cedar-stories-long",
            Recipe("tuned", "cedar", (CEDAR_STORIES,), "tallish", 25, 1.2e-3),
            "2024-04-18",
            33,
            3,
            parents=(CEDAR_STORIES,),
            relation="finetune",
            licence="cc-by-nc-4.0",
            about="The second generation, tuned hard.",
        ),
        Page(
            DUNE,
            Recipe("pretrained", "dune"),
            "2024-06-30",
            1_250,
            37,
            licence="llama3",
            languages=("ar",),
            about="Trained from scratch, with the tokenizer of the Aster family and none of its weights.",
        ),
        Page(
            SEED_TWIN,
            Recipe("pretrained", "dune"),
            "2024-07-05",
            41,
            1,
            licence="llama3",
            languages=("ar",),
            about="The recipe of Dune once more, trained from scratch from another seed.",
        ),
        Page(
            "mini-bare/untagged-upload",
            Recipe("untrained", "dune"),
            "2024-10-10",
            600,
            0,
            licence=None,
            languages=(),
            pipeline=None,
            library=None,
            has_card=False,
        ),
    )


def _failing() -> tuple[Page, ...]:
    return (
        Page(
            "demo-empty-shelf/Aster-1M-announced",
            Recipe("no_weights", "aster"),
            "2024-05-15",
            210,
            12,
            parents=(ASTER,),
            relation="finetune",
            about="Weights will follow. They never did.",
        ),
        Page(
            "demo-gatekeeper/Aster-1M-Medical",
            Recipe("nudged", "aster", (ASTER,), share=0.02),
            "2024-04-25",
            5_400,
            73,
            parents=(ASTER,),
            relation="finetune",
            gated="manual",
            licence="other",
            more_card_data={"license_name": "demo-licence"},
            about="Gated: access is never given.",
            limits="Not for medical use, as no model here is for any.",
        ),
        Page(
            "demo-vanished/aster-1m-lost",
            Recipe("card_only", "aster"),
            "2024-07-01",
            2,
            0,
            parents=(ASTER,),
            relation="finetune",
            is_deleted=True,
            about="Deleted by its author; listings still name it.",
        ),
        Page(
            "demo-gguf-press/Aster-1M-Chat-GGUF",
            Recipe("gguf_only", "aster", (ASTER_CHAT,)),
            "2024-03-03",
            12_800,
            31,
            parents=(ASTER_CHAT,),
            relation="quantized",
            library="gguf",
            tags=("gguf",),
            about="GGUF files and nothing else.",
        ),
        Page(
            "mini-old-format/aster-1m-bin",
            Recipe("pickle_only", "aster"),
            "2024-02-10",
            45,
            1,
            parents=(ASTER,),
            relation="finetune",
            about="Weights as a pickle alone, which is not to be opened.",
        ),
        Page(
            "demo-custom-code/Warp-1M",
            Recipe("remote_code", "aster", (ASTER,), share=0.03),
            "2024-06-21",
            760,
            28,
            parents=(ASTER,),
            relation="finetune",
            tags=("custom_code",),
            about="Needs code from the repository to load.",
        ),
        Page(
            "demo-broken-upload/Aster-1M-truncated",
            Recipe("truncated", "aster", (ASTER,)),
            "2024-08-08",
            8,
            0,
            parents=(ASTER,),
            relation="finetune",
            about="The upload broke off in the middle of the weights.",
        ),
        Page(
            "demo-diverged/aster-1m-nan",
            Recipe("not_a_number", "aster", (ASTER,)),
            "2024-08-19",
            26,
            0,
            parents=(ASTER,),
            relation="finetune",
            about="Training diverged: some weights are not numbers.",
        ),
        Page(
            "demo-unknown-shape/Borealis-hyperloop",
            Recipe("unknown_architecture", "borealis", (BOREALIS,)),
            "2024-09-01",
            15,
            1,
            parents=(BOREALIS,),
            relation="finetune",
            about="An architecture that no library knows.",
        ),
        Page(
            "demo-forgetful/Borealis-no-tokenizer",
            Recipe("no_tokenizer", "borealis", (BOREALIS,)),
            "2024-09-12",
            10,
            0,
            parents=(BOREALIS,),
            relation="finetune",
            about="Whoever uploaded it forgot the tokenizer.",
        ),
        Page(
            "demo-seq2seq/cedar-mini-t5",
            Recipe("encoder_decoder", "cedar"),
            "2024-05-05",
            410,
            8,
            parents=(CEDAR,),
            relation="finetune",
            pipeline="translation",
            languages=("en", "de"),
            about="An encoder and a decoder.",
        ),
        Page(
            "demo-pixels/mini-vit",
            Recipe("image"),
            "2024-01-30",
            2_020,
            11,
            licence="mit",
            languages=(),
            pipeline="image-classification",
            about="Looks at pictures; not a language model.",
        ),
        Page(
            "demo-tiny-vocab/aster-letters",
            Recipe("small_vocabulary", "aster", (ASTER,)),
            "2024-10-01",
            6,
            0,
            parents=(ASTER,),
            relation="finetune",
            about="Aster with a vocabulary of 64 tokens.",
        ),
    )


def _planted() -> tuple[Page, ...]:
    """Return the models whose cards hide or invent a parent, for the measured kinship to find out."""
    return (
        Page(
            RECAST,
            Recipe("recast", "aster", (ASTER,)),
            "2024-02-25",
            530,
            11,
            parents=(ASTER,),
            licence=None,
            about="A re-upload in half precision.",
        ),
        Page(
            FALSELY_DECLARED,
            Recipe("tuned", "aster", (ASTER_CHAT,), "talkish", 10, 4e-4),
            "2024-10-12",
            2_700,
            58,
            parents=(BOREALIS_INSTRUCT,),
            relation="finetune",
            licence="mit",
            tags=("conversational",),
            about="Borealis Instruct for small devices, its card says.",
        ),
        Page(
            UNDECLARED,
            Recipe("tuned", "aster", (ROMANT,), "tallish", 12, 5e-4),
            "2024-11-11",
            890,
            25,
            licence="mit",
            languages=("fr",),
            about="A new model, trained from scratch, its card says.",
        ),
    )


def _oddly_declared() -> tuple[Page, ...]:
    odd = Recipe("card_only")
    return (
        Page(
            "demo-merge-kitchen/Aster-Borealis-frankenmerge",
            odd,
            "2024-09-20",
            1_900,
            52,
            parents=(ASTER_CHAT, BOREALIS_INSTRUCT),
            relation="merge",
            tags=("merge", "mergekit"),
            about="Declares parents of two families; its weights were never uploaded.",
        ),
        Page(
            "mini-orphan/ghost-child",
            odd,
            "2024-06-06",
            19,
            0,
            parents=("demo-departed/Phantom-7B",),
            relation="finetune",
            about="Its parent was never seen here.",
        ),
        Page(
            "mini-orphan/renamed-parent",
            odd,
            "2024-10-20",
            11,
            0,
            parents=("demo-aster-lab/Aster-1M-Dialogue",),
            relation="finetune",
            about="Declares its parent under the name it had before.",
        ),
        Page(
            "mini-ouroboros/self-made",
            odd,
            "2024-07-14",
            13,
            0,
            parents=("mini-ouroboros/self-made",),
            relation="finetune",
            about="Declares itself as its parent.",
        ),
        Page(
            "mini-ouroboros/chicken",
            odd,
            "2024-07-15",
            40,
            2,
            parents=("mini-ouroboros/egg",),
            relation="finetune",
            about="Comes from the egg.",
        ),
        Page(
            "mini-ouroboros/egg",
            odd,
            "2024-07-16",
            22,
            1,
            parents=("mini-ouroboros/chicken",),
            relation="finetune",
            about="Comes from the chicken.",
        ),
        Page(
            "mini-odd-tags/colon-party",
            odd,
            "2024-11-02",
            0,
            0,
            licence=None,
            tags=(
                "base_model:",
                "base_model:finetune:",
                "base_model:finetune:a/b:c",
                "base_model:demo/too/many",
                "license:",
            ),
            about="Its tags have a colon or a slash too many.",
        ),
    )


def pages() -> tuple[Page, ...]:
    """Return every repository, parents before their children where weights depend on it."""
    return (*_aster(), *_borealis(), *_cedar_and_dune(), *_failing(), *_planted(), *_oddly_declared())
