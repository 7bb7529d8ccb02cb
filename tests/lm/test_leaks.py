"""Promises about word rows: leaks into the held-out text, and what samples copy."""

from tests.lm.test_corpus import story
from weeklyai.lm import copies
from weeklyai.lm.grams import cut_out, words
from weeklyai.lm.leaks import GRAM, Leaks, Overlap

TRAINING = [(f"Times: {n}", story(n, 100)) for n in range(30)]


def test_texts_that_share_nothing_have_no_leak() -> None:
    leaks = Overlap(TRAINING, [("new", story(99, 100))]).report()

    assert leaks == Leaks(texts=1, touched=0, rows=100 - GRAM + 1, seen=0)


def test_a_shared_passage_is_counted_and_shown_with_its_place() -> None:
    passage = " ".join(TRAINING[7][1].split()[20:40])
    leaks = Overlap(
        TRAINING, [("new", f"{story(98, 60)} {passage.upper()}, {story(97, 20)}")]
    ).report()

    assert (leaks.touched, leaks.seen) == (1, 20 - GRAM + 1)
    assert words(leaks.worst[0].text) == words(passage)
    assert leaks.worst[0].source == "Times: 7"


def test_a_row_of_twelve_words_is_no_leak() -> None:
    passage = " ".join(TRAINING[7][1].split()[20:32])

    assert Overlap(TRAINING, [("new", passage + " " + story(98, 20))]).report().seen == 0


def test_a_text_seen_whole_has_share_one_and_a_short_one_none() -> None:
    overlap = Overlap(TRAINING, [("same", TRAINING[3][1]), ("short", "Only four words here")])

    assert overlap.shares.tolist() == [1.0, 0.0]
    assert overlap.report().texts == 1  # the first cannot stay held out


def test_nothing_held_out_and_nothing_trained_on_are_no_errors() -> None:
    assert Overlap([], [("a", "b c")]).report().touched == 0
    assert Overlap(TRAINING, []).report() == Leaks()


def test_the_longest_run_of_a_sample_is_found_wherever_it_stands() -> None:
    taken = TRAINING[12][1].split()
    samples = [
        f"{' '.join(taken[3:8])} {story(90, 9)} {' '.join(taken[40:57])}",
        story(91, 20),
        TRAINING[4][1],
        "three words only",
    ]
    found = copies.longest(samples, TRAINING)

    assert [(one.words, one.source) for one in found] == [
        (17, "Times: 12"), (0, ""), (100, "Times: 4"), (0, ""),
    ]  # fmt: skip
    assert found[0].text == " ".join(taken[40:57]).rstrip(".")
    assert len(found[2].text.split()) == copies.MOST_WORDS


def test_a_run_does_not_go_on_over_a_gap() -> None:
    taken = TRAINING[12][1].split()
    sample = " ".join([*taken[:6], "gap", *taken[6:11]])

    assert copies.longest([sample], TRAINING)[0].words == 6


def test_of_equal_runs_the_earliest_text_is_named() -> None:
    found = copies.longest([TRAINING[5][1]], [*TRAINING, ("later", TRAINING[5][1])])

    assert found[0].source == "Times: 5"


def test_the_report_begins_with_the_longest_run() -> None:
    report = copies.as_json(copies.longest([story(91, 20), TRAINING[4][1]], TRAINING))

    assert (report["samples"], report["longest"], report["runs"][0]["sample"]) == (2, 100, 1)


def test_no_samples_and_no_corpus_are_no_errors() -> None:
    assert copies.longest([], TRAINING) == []
    assert copies.longest(["one two three four five"], [])[0].words == 0


def test_words_are_cut_out_as_they_are_written() -> None:
    assert cut_out("One, two -- THREE; four.", 1, 2) == "two -- THREE"
