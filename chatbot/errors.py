"""One error tree. Each message names the value, the place and the next step.

ChapterError                what a caller may catch; the command turns it into exit code 1 and one line
├── CorpusError             a file under corpus/ is missing, malformed or contradicts another
│   └── UnreadableSource    a source's file is not what it says it is, or takes too much to read
├── FetchError              a source cannot be had over the network
│   ├── NotThere            the host answers that it has no such document (404, 410)
│   └── Refused             it may not be had: by our rules, by robots.txt, or by the host (401, 402, 403, 451)
├── IndexUnusable           a generation cannot be used as it is
│   ├── IndexMissing        nothing was built yet
│   ├── IndexStale          corpus, settings or model changed since it was built
│   └── IndexDamaged        a file of the generation is not what its manifest says
├── ModelError              a model's files are missing or are not the expected ones
├── QuestionError           a question is empty or too long
├── RequestError            a request over the web gets no reply
│   ├── Busy                too many questions wait
│   ├── TooSlow             no reply within the deadline
│   ├── Gone                what it points to is kept no longer
│   └── Malformed           a body that is not of the form
├── LogError                the answer log cannot be opened, read or proved
├── ReviewError             a verdict, case or account is not valid
│   ├── Forbidden           whoever asks may not do it
│   └── NoSuch              there is no such record, proposal or gap
└── EvaluationError         an evaluation folder or run file cannot be read
"""

from __future__ import annotations


class ChapterError(Exception):
    """Root of every error this package raises on purpose."""


class CorpusError(ChapterError):
    """A file under corpus/ is missing, malformed or contradicts another."""


class UnreadableSource(CorpusError):
    """A source's file is not what it says it is, or takes too much to read."""


class FetchError(ChapterError):
    """A source cannot be had over the network."""


class NotThere(FetchError):
    """The host answers that it has no such document (404, 410)."""


class Refused(FetchError):
    """What is asked for may not be had: by our rules, by robots.txt, or by the host (401, 402, 403, 451)."""


class IndexUnusable(ChapterError):
    """A generation cannot be used as it is."""


class IndexMissing(IndexUnusable):
    """Nothing was built yet."""


class IndexStale(IndexUnusable):
    """Corpus, settings or model changed since the generation was built."""


class IndexDamaged(IndexUnusable):
    """A file of the generation is not what its manifest says."""


class ModelError(ChapterError):
    """A model's files are missing or are not the expected ones."""


class QuestionError(ChapterError):
    """A question is empty or too long."""


class RequestError(ChapterError):
    """A request over the web gets no reply."""


class Busy(RequestError):
    """Too many questions wait."""


class TooSlow(RequestError):
    """No reply within the deadline."""


class Gone(RequestError):
    """What a request points to is kept no longer."""


class Malformed(RequestError):
    """A body that is not of the form."""


class LogError(ChapterError):
    """The answer log cannot be opened, read or proved."""


class ReviewError(ChapterError):
    """A verdict, case or account is not valid."""


class Forbidden(ReviewError):
    """Whoever asks may not do it."""


class NoSuch(ReviewError):
    """There is no such record, proposal or gap."""


class EvaluationError(ChapterError):
    """An evaluation folder or run file cannot be read."""
