"""Why a model could not be measured, asked for by tests."""

from collections.abc import Callable

import pytest

from extract.overlap.reasons import MeasurementFailed


def reason_of(call: Callable[[], object]) -> str:
    """Return the reason that ``call`` fails for."""
    with pytest.raises(MeasurementFailed) as caught:
        call()
    return caught.value.reason
