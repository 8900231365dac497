"""Set-up of the fingerprint tests: one thread, so that they do not slow each other down."""

import os

import pytest
import torch

os.environ.setdefault("MKL_CBWR", "AVX2,STRICT")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
