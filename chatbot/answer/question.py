"""What is asked: the parts of a question, and the readings that a conversation allows.

A question in several parts ("What is it, and who can have it?") is cut where a new interrogative clause begins; a story is
kept apart from the questions in it. A follow-up ("and compared to placebo?") is read alone and with the question before it;
an ordinal ("and the second one?") with the item that the earlier answer enumerates. Synonyms of the corpus are added to what
is searched, never put in the place of a typed word. No language model: rules over words, each with its test. What it leaves
out: pronouns that point further back than the question before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

from chatbot.errors import QuestionError
from chatbot.settings import MAX_PARTS, MAX_QUESTION_CHARACTERS

WH = r"(?:who|whom|whose|what|when|where|why|how|which)"
AUX = r"(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had)"
AT = r"(?:in|for|to|by|at|on|with|from)"
SOMEONE = r"(?:it|they|there|he|she|you|we|i)"
SUBJECT = (
    rf"(?:{SOMEONE}|this|that|these|those|the|people|patients|participants|researchers|therapists|any|anyone|everyone)"
)
DO = r"(?:does|did)\s+(?!(?:not|so|to|for|in|on|with|well|better)\b)\w+"  # not "what it is and does to people"
PART = re.compile(
    rf"\s*[,;]?\s+(?:and|but|or|&)\s+(?:also\s+)?(?=(?:{WH}|{AT}\s+{WH}|{AUX}\s+{SUBJECT}|{DO}|if\s+(?:so|not))\b)"
    rf"|(?<!\bif so)(?<!\bif not)\s*[,;]\s+(?=(?:{AT}\s+)?{WH}\b)",
    re.IGNORECASE,
)
# A part asks: it has an interrogative, begins with an auxiliary verb, or has one before its subject ("is it").
ASKS = re.compile(
    rf"\b{WH}\b|(?:^|[,;:]\s*|\b(?:and|but|or|so)\s+){AUX}\b|\b(?!have|has|had){AUX}\s+{SOMEONE}\b", re.IGNORECASE
)
# "When the trial ended", "As of when this was written": a clause that depends on the question, and asks nothing itself.
DEPENDS = re.compile(
    rf"^\W*(?:(?:as of|since|until|before|after|by|from)\s+)?when\b(?!\s+(?:\w+ly\s+)?{AUX}\b)", re.IGNORECASE
)
SENTENCE_END = re.compile(  # not after "et al.", "Dr." and the like
    r"(?<=[.!?])(?<!\bal\.)(?<!\bvs\.)(?<!\bDr\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\bProf\.)(?<!\be\.g\.)(?<!\bi\.e\.)\s+",
    re.IGNORECASE,
)
# A sentence without a question mark that asks all the same: "what is it. is it legal?", "Explain the trial."
OPENS = re.compile(
    rf"^\W*(?:(?:and|but|so|also|ok|okay|then|please)\W+)*(?:(?!when)(?:{AT}\s+)?{WH}(?:\s+(?!{SOMEONE}\b)\w+)?\s+{AUX}\b"
    rf"|{AUX}\s+{SOMEONE}\b|(?:explain|describe|define|summari[sz]e|compare)\b|tell\s+me\s+(?:about|more|whether|if|{WH})\b)",
    re.IGNORECASE,
)
ORDINALS = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3, "last": -1}
NTH = rf"({'|'.join(ORDINALS)})"
# "the second?", "the third is", "the last one"; not "the second aim", "first-line drugs", "how long does it last".
ORDINAL = re.compile(
    rf"\bthe\s+{NTH}(?=\s*[,;:.?!]|\W*$|\s+(?:of|is|are|was|does|do|about|mean|means|like|in|work|works|help|helps|differ|and)\b)"
    rf"|\b{NTH}\s+(?:one|part|element|item|point|aspect|component)\b|^\W*(?:and\s+|what\s+about\s+|how\s+about\s+)?{NTH}\W*$",
    re.IGNORECASE,
)
FOLLOW_UP = re.compile(
    r"^\W*(?:(?:and|but|so|or|ok|okay|then|also|what about|how about|what else|anything else|how so|really|such as|like what)\b"
    r"|why(?=\W*$|\s+(?:not|so|then)\b))"
    r"|\b(?:it|its|they|them|their|that|this|these|those|he|she|his|her|him|one|ones|there|then|afterwards|both|same|each|"
    r"first|second|third|other|others|more|else|former|latter)\b"
    rf"|{ORDINAL.pattern}",
    re.IGNORECASE,
)
# An "it" that stands for what comes after it: "is it hard to be kind to oneself", "it is common for people to ...", "makes it easier to
# talk about"; not "is it hard to get?".
EXPLETIVE = (
    r"(?:['’]s|\s+(?:is|was|can\s+be|could\s+be|would\s+be))?(?:\s+(?:so|very|too|really|more|even|still|often|always|actually|quite))?"
    r"\s+(?:hard|harder|difficult|easy|easier|possible|impossible|normal|common|usual|natural|typical|rare|important|necessary|essential"
    r"|helpful|true|likely|unlikely|known|clear|okay|ok|wrong|right|good|bad|better|healthy|selfish)"
    r"\s+(?:(?:that|if|when)\b|for\s+(?:\S+\s+){1,5}?to\b|to\s+\w+\s+\w)"
)
IT = rf"it(?!{EXPLETIVE})"
POINTS_BACK = re.compile(
    rf"\b(?:{IT}|its|they|them|their|theirs|he|she|his|her|him|those|these"
    r"|that(?!\s+(?:the|an?|people|they|we|you)\b)|this(?!\s+(?:article|page|text)\b)|the (?:other|former|latter|same)"
    rf"|other (?:one|part)|afterwards|else)\b|{ORDINAL.pattern}",
    re.IGNORECASE,
)
MAX_MARKS = 30  # combining marks on one letter, as in Unicode's stream-safe form; more make normalising slow
STOP = frozenset(
    """a about above after again all also am an and any are as at be because been before being below between both but by can
    could did do does doing done down during each either else ever every few for from further get gets getting give given go
    goes got had has have having he her here hers him his how however i if in into is it its itself just kind know let like
    lot made make makes many may me mean means might more most much must my need no nor not now of off on once one ones only
    or other our out over own people person please put really said same say says see seem seems she should show so some
    someone something sort such take tell than that the their them then there these they thing things this those through to
    too under up upon us use used using very want was way we well were what when where whether which while who whom whose why
    will with within without would yes yet you your yours""".split()
)


def clean(question: str) -> str:
    """The question as one line: NFC, no control or invisible characters, lone surrogates replaced, white space folded.

    Raises QuestionError for an empty or too long one; one four times too long is not even normalised.
    """
    text = question
    if len(text) <= 4 * MAX_QUESTION_CHARACTERS:
        text = text.encode("utf-8", "replace").decode("utf-8")
        text = " ".join(unicodedata.normalize("NFC", "".join(_visible(text))).split())
    if not text:
        raise QuestionError("the question is empty; type a question")
    if len(text) > MAX_QUESTION_CHARACTERS:
        raise QuestionError(
            f"the question has {len(text)} characters; at most {MAX_QUESTION_CHARACTERS} are read, so please shorten it"
        )
    return text


def _visible(text: str) -> Iterator[str]:
    """The characters that show, a space for each control character, at most MAX_MARKS combining marks in a row."""
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category == "Cf":
            continue
        letters = unicodedata.normalize("NFD", character)
        marks = marks + len(letters) if unicodedata.combining(letters[0]) else len(letters) - 1
        if category in ("Cc", "Zl", "Zp"):
            yield " "
        elif marks <= MAX_MARKS:
            yield character


def content_words(text: str) -> tuple[str, ...]:
    """Lower-case words that carry meaning, of any script, in order, each once.

    >>> content_words("How is the amygdala affected by MDMA?")
    ('amygdala', 'affected', 'mdma')
    """
    found = (w.rstrip("'-") for w in re.findall(r"[^\W_][\w'-]*", text.lower().replace("’", "'")))
    return tuple(dict.fromkeys(w for w in found if w not in STOP and (len(w) > 1 or w.isdigit())))


def asking_sentences(text: str) -> tuple[str, ...]:
    """The sentences that ask, when the text is a story with questions in it or asks in each sentence; else the whole text."""
    sentences = [s.strip() for s in SENTENCE_END.split(text) if s.strip()]
    asking = [s for s in sentences if s.endswith("?") or OPENS.search(s)]
    marked = any(s.endswith("?") for s in sentences)
    return tuple(asking) if len(sentences) > 1 and (marked or asking == sentences) else (text,)


def split_parts(text: str) -> tuple[str, ...]:
    """The parts of a question, at most MAX_PARTS; one when it is simple.

    >>> split_parts("Is it approved, and where can it be had?")
    ('Is it approved', 'where can it be had?')
    """
    parts: list[str] = []
    for sentence in asking_sentences(text):
        pieces = [p.strip(" ,;") for p in PART.split(sentence) if p and p.strip(" ,;")]
        cut: list[str] = []
        for at, piece in enumerate(pieces):
            if at and DEPENDS.search(pieces[at - 1]):
                cut[-1] = f"{cut[-1]}, {piece}"
            else:
                cut.append(piece)
        if any(len(re.findall(r"\w+", p)) < 2 or not ASKS.search(p) for p in cut):
            cut = [sentence]
        parts += cut
    return (
        tuple(parts[:MAX_PARTS])
        if len(parts) <= MAX_PARTS
        else (*parts[: MAX_PARTS - 1], " ".join(parts[MAX_PARTS - 1 :]))
    )


def is_follow_up(text: str) -> bool:
    """True when the words point to something said before, or are too few to stand alone."""
    return bool(FOLLOW_UP.search(text)) or len(content_words(text)) <= 1


def ordinal_of(text: str) -> int | None:
    """The index that "the second one" asks for (0-based, -1 the last), or None."""
    match = ORDINAL.search(text)
    return ORDINALS[next(word for word in match.groups() if word).lower()] if match else None


def enumerated(sentence: str) -> tuple[str, ...]:
    """The items of "three parts: a, b, and c", or none.

    >>> enumerated("It has three main parts: self-kindness, common humanity, and mindfulness (Neff, n.d.).")
    ('self-kindness', 'common humanity', 'mindfulness')
    """
    tail = re.split(r":\s", sentence, maxsplit=1)
    if len(tail) < 2:
        return ()
    listed = re.sub(r"\s*\([^)]*\)", "", tail[1]).rstrip(". ")
    items = [i.strip() for i in re.split(r",\s*(?:and\s+)?|\s+and\s+", listed) if i.strip()]
    return tuple(items) if len(items) >= 2 and all(len(i.split()) <= 5 for i in items) else ()


@cache
def _word(phrase: str) -> re.Pattern[str]:
    """A pattern for a phrase as whole words; "e" is neither in "e.g." nor in "e-mail"."""
    return re.compile(rf"(?<![\w-])(?<!\w\.){re.escape(phrase)}(?![\w-]|\.\w)", re.IGNORECASE)


def expand(query: str, synonyms: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """The query with the corpus's words for its lay words appended."""
    extra = [
        word for lay, words in synonyms if _word(lay).search(query) for word in words if not _word(word).search(query)
    ]
    return f"{query} {' '.join(dict.fromkeys(extra))}" if extra else query


def replace_synonyms(query: str, synonyms: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """The query with each lay word followed, in brackets, by the corpus's first word for it: what the second stage reads."""
    out = query
    for lay, words in synonyms:
        if not _word(words[0]).search(out):
            out = _word(lay).sub(lambda m, w=words[0]: f"{m.group()} ({w})", out, count=1)  # type: ignore[misc]
    return out


def leans_on_history(text: str) -> bool:
    """True when a question cannot stand alone: it points back, or is short and begins like a continuation."""
    words = len(content_words(text))
    return words < 3 or bool(POINTS_BACK.search(text)) or (words <= 4 and is_follow_up(text))


def is_pointer(text: str) -> bool:
    """True for a question with no word of its own: it says only that something said before is meant.

    >>> is_pointer("And the second one?"), is_pointer("And what did it cost?")
    (True, False)
    """
    return not content_words(ORDINAL.sub(" ", text))


PRONOUN = re.compile(  # "this" before a noun ("this article") is no pronoun
    rf"\b(?:{IT}|they|them)\b|\b(?:this|these|those)\b(?=\s+{AUX}\b|\W*$)", re.IGNORECASE
)


def with_antecedent(text: str, named: str) -> str:
    """The text with its first pronoun replaced by what it stands for.

    >>> with_antecedent("where can it be had?", "the therapy")
    'where can the therapy be had?'
    """
    return PRONOUN.sub(lambda _: named, text, count=1)


def since_named(history: Sequence[str]) -> Sequence[str]:
    """The earlier questions from the latest one without a pronoun, which names what those after it speak of; the last where all have one.

    >>> since_named(["Is it legal?", "What is shame?", "How does it feel?"])
    ['What is shame?', 'How does it feel?']
    """
    named = (at for at in reversed(range(len(history))) if not PRONOUN.search(history[at]))
    return history[next(named, -1) :]


def with_history(text: str, history: Sequence[str]) -> str:
    """The question with the one before it, as the second stage was trained to read a conversation, or with the one that names what its
    pronoun stands for.

    >>> with_history("Can it be treated?", ["What is shame?", "How does it feel?"])
    'What is shame? Can it be treated?'
    """
    if not history:
        return text
    return f"{since_named(history)[0] if PRONOUN.search(text) else history[-1]} {text}"
