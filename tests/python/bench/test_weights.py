"""What a sketch reads of a model of 0.5 and of 70 B parameters, whose files are sparse."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import minihub
from bench.weights import ARCHITECTURES, safetensors_repo, stored_bytes
from extract.overlap.hub_files import HubFiles
from extract.weights.reading import sketch_model
from minihub.repositories import Build


def test_at_most_5_mb_are_read_and_1_mb_is_stored_and_the_ratio_grows(tmp_path: Path) -> None:
    chosen = [one for one in ARCHITECTURES if one.name in ("0.5B", "70B")]
    repos = [safetensors_repo(tmp_path, one) for one in chosen]
    ratios = []
    with minihub.serving(Build(tmp_path, tuple(repos))) as hub, ThreadPoolExecutor(4) as pool:
        for repo in repos:
            found = sketch_model(HubFiles(hub.endpoint, tmp_path), pool, repo.repo_id, repo.sha)
            assert found.failures == ()
            assert found.bytes_read < 5_000_000
            assert stored_bytes(found, tmp_path) < 1_000_000
            headers = [json.loads(row["header"]) for row in found.files]
            assert all(header["skipped"] == {} for header in headers)
            assert found.n_tensors == sum(sum(header["dtypes"].values()) for header in headers)
            ratios.append(sum(row["size_bytes"] for row in found.files) / found.bytes_read)
    small, large = ratios
    assert large > 50 * small > 5000
