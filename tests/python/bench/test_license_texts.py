"""The second reading of licences' texts: which text it is, and what its words ask."""

import pytest

from bench.license_texts import differences, name_of, read_flags

MIT = (
    "MIT License\n\nPermission is hereby granted, free of charge, to any person, to modify it. The above copyright\n"
    "notice and this permission notice shall be included in all copies."
)
CASES = [
    (MIT, "mit", (True, False, True)),
    ("Everything is allowed, but to alter nothing.", None, (False, False, False)),
    (
        "  GNU GENERAL PUBLIC LICENSE\n     Version 2, June 1991\nYou may modify it; keep intact all the notices. "
        "You must cause any work to be licensed as a whole under the terms of\nthis License.",
        "gpl-2.0",
        (True, True, True),
    ),
    (
        "Apache License\nVersion 2.0\nYou must give any other recipients of Derivative Works a copy of this License.",
        "apache-2.0",
        (True, False, True),
    ),
]


@pytest.mark.parametrize(("text", "name", "flags"), CASES)
def test_what_a_text_is_and_asks(text: str, name: str | None, flags: tuple[bool, ...]) -> None:
    assert name_of(text) == name
    assert tuple(read_flags(text).values()) == flags


def test_where_two_readings_differ() -> None:
    terms = {"is_notice_owed": "false", "is_same_license_owed": "false", "are_changes_allowed": "true"}
    assert differences(read_flags(MIT), terms) == ["is_notice_owed"]
