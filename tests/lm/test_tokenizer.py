"""Promises of the tokenizer."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weeklyai.dates import Week
from weeklyai.errors import WeeklyError
from weeklyai.lm.batches import encode
from weeklyai.lm.corpus import Document
from weeklyai.lm.tokenizer import CONTROL, Tokenizer, fitting_vocabulary

TEXT = ["The cat sat on the mat.", "A model reads the news, and the news reads on.", "In 2024 the"]
TOKENIZER = Tokenizer.train(TEXT, 300)


@given(st.text())
def test_any_text_comes_back(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == text


SPELLED = [f"<|{name}|>" for name in CONTROL]
PIECES = st.sampled_from([*SPELLED, "<|", "|>", "<", "|", *CONTROL, "\x00", "\ud7ff", "\U0010ffff"])
HOSTILE = st.lists(st.one_of(PIECES, st.text()), max_size=12).map("".join)


@given(HOSTILE)
def test_no_text_becomes_a_control_token(text: str) -> None:
    assert not set(TOKENIZER.encode(text)) & set(TOKENIZER.control.values())


@given(st.tuples(HOSTILE, HOSTILE, HOSTILE))
def test_a_document_holds_the_control_tokens_of_its_layout_and_no_other(
    texts: tuple[str, str, str],
) -> None:
    title, body, blurb = texts
    document = Document((("title", title), ("body", body), ("blurb", blurb)), Week(2024, 29), False)
    found = [t for t in encode(document, TOKENIZER).tolist() if t in TOKENIZER.control.values()]

    assert found == [TOKENIZER.control[name] for name in ("title", "body", "blurb", "end")]


@given(st.lists(st.integers(0, TOKENIZER.size - 1)))
def test_control_tokens_leave_nothing_in_decoded_text(tokens: list[int]) -> None:
    plain = [token for token in tokens if token not in TOKENIZER.control.values()]

    assert TOKENIZER.decode(tokens) == TOKENIZER.decode(plain)
    assert not set(TOKENIZER.encode(TOKENIZER.decode(tokens))) & set(TOKENIZER.control.values())


@pytest.mark.parametrize("name", CONTROL)
def test_a_control_token_is_never_decoded(name: str) -> None:
    assert not TOKENIZER.decode([TOKENIZER.control[name]] * 3)
    assert TOKENIZER.decode(TOKENIZER.encode(f"<|{name}|>")) == f"<|{name}|>"


def test_training_repeats_exactly() -> None:
    assert Tokenizer.train(TEXT, 300).hash == TOKENIZER.hash


def test_a_saved_tokenizer_loads_as_itself(tmp_path: Path) -> None:
    TOKENIZER.save(tmp_path / "t")

    assert Tokenizer.load(tmp_path / "t").ranks == TOKENIZER.ranks


@pytest.mark.parametrize("damage", ["", "# weeklyai tokenizer 1\n", "junk\njunk\nAA== 0\n"])
def test_a_damaged_file_is_named_in_one_sentence(tmp_path: Path, damage: str) -> None:
    (tmp_path / "t").write_text(damage)

    with pytest.raises(WeeklyError, match="weeklyai train --fresh"):
        Tokenizer.load(tmp_path / "t")


def test_a_missing_single_byte_is_refused() -> None:
    with pytest.raises(ValueError, match="1 single bytes"):
        Tokenizer([bytes([n]) for n in range(255)])


def test_the_vocabulary_fits_the_corpus() -> None:
    assert [fitting_vocabulary(n) for n in (0, 100_000, 110_000, 10**9)] == [512, 512, 1024, 8192]


def test_bytes_of_tokens_add_up() -> None:
    tokens = TOKENIZER.encode(TEXT[1])

    assert sum(TOKENIZER.num_bytes[tokens]) == len(TEXT[1].encode())


def test_endless_white_space_is_cut_short_not_choked_on() -> None:
    tokenizer = Tokenizer([bytes([byte]) for byte in range(256)])

    assert (
        tokenizer.decode(tokenizer.encode("a" + " " * 1_200_000 + "7")) == "a" + " " * 10_000 + "7"
    )
