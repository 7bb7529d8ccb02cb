"""How much of a topic a sentence speaks of: all of it, a branch, one system of its source, or one field it is used in.

Only a sentence about the topic as a whole can open or close an article on it. Word rules: the words before and behind the
name, long names explained in brackets, articles, capitals inside a word.
"""

import re
from collections.abc import Sequence

from weeklyai import text
from weeklyai.drafting import cues, extract
from weeklyai.drafting.topics import Topic

_OPENS = re.compile(
    r"(?i:by|through|with|for|while|although|though|as|in|on|from|since|because|when|if|unlike|beyond|like|\w+ing)"
)
# "The RAG system integrates ..." is one system; "the RAG paradigm" is the topic.
_FIELD = re.compile(
    r"\s(?:\([^()]*\)\s)?(?:architectures?|paradigm|approach|techniques?|principle|idea|concept|field|process)\b"
)
# What may stand before a topic that a sentence begins with, and behind it, without narrowing it: "Transfer RL" and "CoT compression"
# are subjects of their own, "network quantization" is what all of it is about.
_WIDE_BEFORE = frozenset("the a an modern current existing most many such today's in with unlike recent typical network neural model llm deep post-training".split())  # fmt: skip
# "LLM empowered agents", "LLM applications are": the word behind the name belongs to a subject of its own.
_MADE_WITH = r"(?:em)?(?:powered|based|driven|enabled|enhanced|assisted|guided|aided|generated) (?!by|on|with|from)"
_MANY = r"\w+s (?:are|were|have|do|can|may|must|will|could|should|often)\b"
_WIDE_BEHIND = re.compile(
    r"\s?(?:$|[(,;:.]|(?:models?|systems?|methods?|techniques?|approach(?:es)?|architectures?|frameworks?|networks?|algorithms?|agents?|reasoning|prompting|technology|technologies|pipelines?)\b|"
    r"(?:\w+ly |can |may |must |will |not )*(?!"
    + _MADE_WITH
    + r"|"
    + _MANY
    + r"|as\b|its\b)(?:"
    + extract.VERB.pattern
    + r"|\w*[^\Ws]s\b))"
)
_IN_BRACKETS = re.compile(r"\s?\([A-Z][\w-]{1,9}\)")
# What people think of a topic, told without beginning with it: "There is growing interest in ...".
_REGARD = re.compile(
    r"\b(?:grow\w+|increas\w+|rising|recent|rapid|wide\w*) (?:\w+ )?(?:interest|attention|use|adoption|popularity|success|advance\w*|progress|developments?|emergence)\b|^The emergence\b",
    re.IGNORECASE,
)
# "for deploying Whisper on ...": a name of its own; terms have several capitals ("Large Language Models").
_CAPITALS = re.compile(r"(?<=[\w,;:)] )[A-Z][\w-]*(?:\s+[A-Z][\w-]*)*")
_LONE_NAME = re.compile(r"[A-Z][a-z]{2,}")
_SUCH_AS = re.compile(
    r"\b(?:such as|including|like|ranging|from|various|many|diverse|variety|across)\b"
)
# Another long name with its short one: the sentence is about that too, and more likely mostly.
_EXPLAINS = re.compile(r"\(([A-Z][A-Za-z-]*[A-Z][A-Za-z]*?)s?\)")
# Brackets, and names that are only examples.
EXAMPLES = re.compile(r"\([^()]*\)|\b(?:such as|like|including|e\.g\.,?|namely) .*")
_OF_PAPER = re.compile(
    r"^(?:The (?:paper|authors|study|work|evaluation|experiments?|results?|findings?)|Extensive|Comprehensive|Empirical|Experimental)\b|"
    r"\b(?:experiments?|results|findings|evaluations?) (?:on|with|across|show|demonstrate|reveal|indicate|suggest|confirm)\b|\bthe proposed\b|"
    r"\b(?:was|were|is|are) (?:\w+ly )?(?:evaluated|analy[sz]ed|tested|conducted|compared|employed|studied|investigated|examined|proposed|introduced|presented)\b",
    re.IGNORECASE,
)
# fmt: off
_COMMON = frozenset(
    "CNN DNN RNN CoT RAG MoE SFT GRPO PPO DPO LRM ReAct KD SSL AI LLM SLM VLM NLP ML RL QA GPU CPU TPU API KV IoT PEFT LoRA RLHF OCR ASR MLLM LVLM US EU UK OpenAI DeepMind GitHub JavaScript "
    "TypeScript PyTorch TensorFlow NVIDIA AMD IBM BERT GPT ImageNet ChatGPT DeepSeek YouTube PostgreSQL MySQL CSS HTML HTTP JSON SQL SDK CLI "
    "SVG PDF URL 3D 2D".split()
)
# fmt: on


# What nearly every text on machine learning says.
_EVERYWHERE = frozenset(
    text.stem(word)
    for word in "model language large llm llms learning deep neural network networks data task tasks method approach system framework based using use efficient "
    "efficiency evaluation evaluating benchmark study analysis survey towards via improving enhancing performance ai novel new training reasoning".split()
)
FRAMING = 3  # sentences before one that tell what it speaks of
TITLED = 2  # words that make a sentence one about its source's title


def is_subject(sentence: str, mention: re.Match[str]) -> bool:
    """Say whether a sentence begins with the topic: at most two words before it, none that opens a clause."""
    before = sentence[: mention.start()].split()
    return len(before) <= 2 and not any(_OPENS.fullmatch(word) for word in before)


def is_instance(sentence: str, topic: Topic) -> bool:
    """Say whether a sentence is about one system of its source ("AntMan extends ...", "A sparse MoE module then ...")."""
    mention = topic.pattern.search(sentence)
    if not mention:
        return False
    before = sentence[: mention.start()]
    tied = re.search(r"\b(?:of|in|for|with|behind|to)\b", before)
    words = len(before.split())
    return (
        any(map(distinctive, text.WORD.findall(EXAMPLES.sub("", before))))
        or (mention.start() > 0 and distinctive(sentence.split(maxsplit=1)[0]))
        or bool(re.match(r"An? ", sentence) and words <= 5 and not tied)
        or bool(re.match(r"The |All |Each |Every ", sentence) and words > 2 and not tied)
        or bool(
            re.match(r"(?:All|Each|Every|Both) ", sentence)
            and not sentence[mention.end() :].startswith(" models")
        )
        or bool(
            words > 2
            and re.match(r"(?:\S+ ){1,8}?(?:is|are) (?!used|needed|required)\w+ed\b", before)
        )
        or bool(
            re.match(r"The ", sentence) and words <= 2 and not _FIELD.match(sentence, mention.end())
        )
        or bool(re.search(r"^(?:\S+ ){1,4}(?:also|further)\b|\b(?:is|are) also\b", sentence))
        or bool(re.match(r"[^,;]{0,70}\bthen \w+s\b", sentence))
    )


def is_narrower(sentence: str, mention: re.Match[str], topic: Topic) -> bool:
    """Say whether a sentence is about a branch of the topic ("Masked diffusion models"), or about something else it explains."""
    # "Post-training quantization (PTQ)" explains a form of the topic itself.
    ends = {found.end() for found in topic.pattern.finditer(sentence)}
    strange = [
        found[1]
        for found in _EXPLAINS.finditer(sentence)
        if found[1] not in _COMMON and found[1] != topic.short and found.start() - 1 not in ends
    ]
    if strange:
        return True
    if not is_subject(sentence, mention):
        return False
    before = {word.lower().strip(",") for word in sentence[: mention.start()].split()}
    wide = all(word in _WIDE_BEFORE or word.endswith("ly") for word in before)
    # "Vision-language model (VLM) driving agents": the short name in brackets does not end the subject.
    explained = _IN_BRACKETS.match(sentence, mention.end())
    behind = explained.end() if explained else mention.end()
    return not wide or not _WIDE_BEHIND.match(sentence, behind)


def general(sentence: str, topic: Topic) -> bool:
    """Say whether a sentence is about the topic as a whole: not in one field of work, nor where it meets another topic."""
    mention = topic.pattern.search(sentence)
    bare = EXAMPLES.sub(" ", topic.pattern.sub(" ", sentence))
    others = set(_EXPLAINS.findall(sentence)) - {topic.short, "AI", "LLM"}
    fields = cues.fields(topic.pattern.sub(" ", sentence))
    about = mention and (is_subject(sentence, mention) or _REGARD.search(sentence))
    wide = not fields or (len(fields) > 1 and _SUCH_AS.search(sentence))
    return (
        bool(about)
        and bool(wide)
        and not others
        and not any(map(_LONE_NAME.fullmatch, _CAPITALS.findall(bare)))
    )


def frame_lost(sentence: str, before: Sequence[str], title: str, topic: Topic) -> bool:
    """Say whether a sentence lacks the subject that its source's title and the sentences before it are about.

    In a text on football tactics "Reinforcement learning approaches use player positions ..." speaks of football.
    """
    frame = _own_stems(title, topic) & _own_stems(" ".join(before[-FRAMING:]), topic)
    return bool(frame) and frame.isdisjoint(text.content_stems(sentence))


def of_its_title(sentence: str, title: str, topic: Topic) -> bool:
    """Say whether a sentence speaks of what its source's title is about, beside the topic: of one use, not of all."""
    return len(_own_stems(title, topic) & set(text.content_stems(sentence))) >= TITLED


def _own_stems(passage: str, topic: Topic) -> set[str]:
    """Return the stems of a passage that are neither the topic's nor said of nearly everything in its field."""
    return set(text.content_stems(passage)) - topic.stems - _EVERYWHERE


def of_paper(sentence: str, title: str) -> bool:
    """Say whether a sentence of a paper tells of the paper itself or of what its headline names, and not of the field at large."""
    names = {word for word in text.WORD.findall(title) if distinctive(word)}
    return bool(_OF_PAPER.search(sentence)) or not names.isdisjoint(text.WORD.findall(sentence))


def distinctive(word: str) -> bool:
    """Say whether a word looks like a product's or system's own name: capitals or digits inside, and not in common use."""
    parts = word.removesuffix("'s").removesuffix("’s").split("-")
    return any(
        (
            any(c.isupper() for c in part[1:])
            or (any(c.isdigit() for c in part) and part[:1].isalpha())
        )
        and part.removesuffix("s") not in _COMMON
        for part in parts
    )
