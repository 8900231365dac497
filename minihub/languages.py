"""Invented languages: endless text that a tiny model can learn, the same for the same seed.

A language has a lexicon of made-up words with Zipf frequencies, and each word has its favourite
followers, so that there is something to predict. No word is meant to mean anything anywhere.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEXICON_SIZE: Final = 2600
FOLLOWERS: Final = 12
"""How many favourite followers a word has."""
HABIT: Final = 0.75
"""How often a word is followed by one of its favourites."""
ZIPF_EXPONENT: Final = 1.05
SENTENCE_WORDS: Final = (5, 14)


@dataclass(frozen=True)
class Language:
    """How one invented language looks: its sounds and its marks."""

    name: str
    onsets: tuple[str, ...]
    nuclei: tuple[str, ...]
    codas: tuple[str, ...] = ("",)
    separator: str = " "
    stops: tuple[str, ...] = (".",)
    syllables: tuple[int, int] = (1, 4)


LANGUAGES: Final[dict[str, Language]] = {
    language.name: language
    for language in (
        Language(
            "asterish", tuple("bdfgklmnprstv"), tuple("aeiou"), ("", "", "n", "r", "s", "th"), stops=(".", ".", "?")
        ),
        Language(
            "romant",
            ("ch", "d", "j", "l", "m", "p", "qu", "r", "t", "v"),
            ("a", "é", "è", "ou", "i", "eau"),
            ("", "", "s", "x", "lle"),
        ),
        Language(
            "scriptic",
            ("if", "def", "ret", "var", "fn", "obj", "get"),
            ("_a", "_x", "Key", "Id", "(i)", "[0]"),
            ("", "=", ";", "()", " {", " }"),
            stops=(";\n", "\n\n"),
            syllables=(1, 3),
        ),
        Language(
            "talkish",
            tuple("bdghjklmwy"),
            ("aa", "ee", "o", "u", "ai"),
            ("", "k", "p", "ng"),
            stops=("!", "?", ".", " :)"),
        ),
        Language(
            "borealic",
            ("fj", "sk", "st", "h", "k", "l", "n", "r", "t", "v"),
            ("å", "ø", "e", "i", "u", "y"),
            ("", "d", "g", "rn", "st"),
        ),
        Language(
            "hanzic",
            tuple("山川日月木水火土金人大小天地中風雨花雪星"),
            tuple("心手口目耳足車馬魚鳥門家田石竹米紙筆書言"),
            ("", "的", "了"),
            "",
            ("。", "，"),
            (1, 2),
        ),
        Language(
            "numeric",
            tuple("123456789"),
            ("0", "00", "5", ".5", "+1", "-2", "x", "y"),
            ("", "=", "*", "%"),
            stops=(";", "\n"),
        ),
        Language(
            "cedric",
            ("br", "cl", "dr", "g", "h", "l", "m", "s", "w"),
            ("ae", "oa", "i", "o", "u"),
            ("", "ck", "dge", "m", "wn"),
            stops=(".", "—"),
        ),
        Language(
            "tallish",
            ("wh", "sh", "t", "b", "n", "r", "c", "p"),
            ("a", "e", "i", "oo", "ea"),
            ("", "ly", "ght", "nd", "rd"),
            stops=(".", "...", "!"),
        ),
        Language(
            "dunic",
            ("kh", "q", "z", "gh", "sh", "t", "d", "r", "b"),
            ("a", "u", "i", "aa", "uu"),
            ("", "b", "d", "m", "sh", "z"),
        ),
    )
}


def seed_of(*parts: object) -> int:
    """Return a seed in 0..2^63-1 that depends on every part and on nothing else."""
    text = "\x00".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1


def write_text(name: str, n_words: int, seed: int) -> str:
    """Return ``n_words`` words of the language ``name``, as sentences.

    The lexicon and its habits depend on the language alone; ``seed`` chooses what is said.
    """
    language = LANGUAGES[name]
    words, followers = _lexicon(language)
    rng = np.random.default_rng(seed_of("text", name, seed))
    n_sentences = n_words // (sum(SENTENCE_WORDS) // 2)
    chains = _walk(followers, n_sentences, SENTENCE_WORDS[1], rng)
    lengths = rng.integers(SENTENCE_WORDS[0], SENTENCE_WORDS[1] + 1, n_sentences)
    stops = rng.integers(0, len(language.stops), n_sentences)
    sentences = (
        language.separator.join(words[word] for word in chain[:length]) + language.stops[stop]
        for chain, length, stop in zip(chains, lengths, stops, strict=True)
    )
    return (language.separator or "").join(sentences)


@cache
def _lexicon(language: Language) -> tuple[list[str], NDArray[np.int64]]:
    rng = np.random.default_rng(seed_of("lexicon", language.name))
    parts = (language.onsets, language.nuclei, language.codas)
    found: dict[str, None] = {}
    while len(found) < LEXICON_SIZE:
        n_syllables = int(rng.integers(language.syllables[0], language.syllables[1] + 1))
        found["".join(_pick(rng, part) for _ in range(n_syllables) for part in parts)] = None
    followers = _zipf(rng, (LEXICON_SIZE, FOLLOWERS))
    return list(found), followers


def _pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[int(rng.integers(0, len(choices)))]


def _zipf(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.int64]:
    weights = 1.0 / np.arange(1, LEXICON_SIZE + 1) ** ZIPF_EXPONENT
    return rng.choice(LEXICON_SIZE, size=shape, p=weights / weights.sum())


def _walk(followers: NDArray[np.int64], n_chains: int, length: int, rng: np.random.Generator) -> NDArray[np.int64]:
    chains = np.empty((n_chains, length), dtype=np.int64)
    chains[:, 0] = _zipf(rng, (n_chains,))
    for step in range(1, length):
        habitual = followers[chains[:, step - 1], rng.integers(0, FOLLOWERS, n_chains)]
        chains[:, step] = np.where(rng.random(n_chains) < HABIT, habitual, _zipf(rng, (n_chains,)))
    return chains
