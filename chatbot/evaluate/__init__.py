"""How good is it: questions with known answers in, figures with intervals out.

    datasets, questions     folders -> sets and cases
    replay, ranking         cases -> rows: what the chatbot replied, what a ranker put first
    runs                    rows -> a Run on disk, a table, a comparison of two
    floors, plots           a Run -> what fell below its pinned floor; the refusal curve

These steps do not import one another. They stand on `values`, `metrics`, `targets`, `lines` and `verbatim`, which
import no step. The chatbot is seen only through its replies: what asks, searches, ranks and splits is an argument.
"""
