"""Model cards and the API's metadata, as the Hub derives one from the other."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from huggingface_hub.utils import yaml_dump

from minihub.catalogue import Page
from minihub.languages import seed_of

SYNTHETIC: Final = (
    "**Synthetic.** This repository was made by Modelkin's miniature Hub. Its author, its figures and the language "
    "it speaks are invented; its language codes only stand for real ones."
)
SYNTHETIC_TAG: Final = "synthetic"
MEASURED_ON: Final = datetime(2025, 1, 17, 12, tzinfo=UTC)
"""The day on which the miniature Hub's counters stand still."""


def card_data(page: Page) -> dict[str, Any]:
    """Return the header of a card, as YAML holds it and as the API repeats it."""
    data: dict[str, Any] = {}
    if page.licence is not None:
        data["license"] = page.licence
    if page.languages:
        data["language"] = list(page.languages)
    if page.library is not None:
        data["library_name"] = page.library
    if page.pipeline is not None:
        data["pipeline_tag"] = page.pipeline
    if page.parents:
        data["base_model"] = list(page.parents) if len(page.parents) > 1 else page.parents[0]
    if page.relation is not None:
        data["base_model_relation"] = page.relation
    if page.datasets:
        data["datasets"] = list(page.datasets)
    data["tags"] = [SYNTHETIC_TAG, *page.tags]
    return data | dict(page.more_card_data)


def card(page: Page) -> str:
    """Return the text of README.md: the header and the prose."""
    name = page.repo_id.split("/")[1]
    parts = [f"---\n{yaml_dump(card_data(page))}---", f"# {name}", SYNTHETIC, page.about]
    if page.parents:
        parts.append(
            "## Origin\n\n" + "\n".join(f"- {page.relation or 'made from'}: `{parent}`" for parent in page.parents)
        )
    if page.datasets:
        parts.append("## Training data\n\n" + "\n".join(f"- `{dataset}` (generated text)" for dataset in page.datasets))
    if page.limits:
        parts.append(f"## Bias, risks and limitations\n\n{page.limits}")
    if page.arxiv:
        parts.append("## Citation\n\n" + "\n".join(f"arXiv:{number} (an invented number)" for number in page.arxiv))
    return "\n\n".join(parts) + "\n"


def tags(page: Page, files: Mapping[str, bytes], config: Mapping[str, Any] | None) -> list[str]:
    """Return the tags that the Hub computes from the card, the files and the configuration."""
    if not page.has_card:
        return []
    found = [page.library] if page.library else []
    suffixes = {"safetensors": ".safetensors", "pytorch": ".bin", "gguf": ".gguf"}
    found += [tag for tag, suffix in suffixes.items() if any(path.endswith(suffix) for path in files)]
    if config and "model_type" in config:
        found.append(config["model_type"])
    if page.pipeline:
        found.append(page.pipeline)
    found += [SYNTHETIC_TAG, *page.tags, *page.languages]
    found += [f"dataset:{dataset}" for dataset in page.datasets]
    found += [f"arxiv:{number}" for number in page.arxiv]
    found += [f"base_model:{parent}" for parent in page.parents]
    found += [f"base_model:{page.relation or 'finetune'}:{parent}" for parent in page.parents]
    if page.licence:
        found.append(f"license:{page.licence}")
    found.append("region:us")
    return list(dict.fromkeys(found))


def counters(page: Page, seed: int) -> dict[str, Any]:
    """Return the times and counters of a page, those it states and those that follow from them."""
    rng = np.random.default_rng(seed_of(seed, "counters", page.repo_id))
    created = datetime.fromisoformat(page.created).replace(tzinfo=UTC) + timedelta(seconds=int(rng.integers(86_400)))
    changed = created + timedelta(seconds=int(rng.integers(60, 20 * 86_400)))
    months = max((MEASURED_ON - created).days / 30, 1.0)
    return {
        "createdAt": _instant(created),
        "lastModified": _instant(min(changed, MEASURED_ON)),
        "downloads": page.downloads,
        "downloadsAllTime": int(page.downloads * months * rng.uniform(0.6, 1.0)) if page.downloads else 0,
        "likes": page.likes,
        "trendingScore": int(page.likes * rng.uniform(0, 0.1)),
    }


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
