"""Whether two titles are of one work, and whether one is of a text about the other."""

from __future__ import annotations

import pytest

from chatbot.corpus.titles import about, alike

WORK = "MDMA-assisted therapy for severe PTSD"


@pytest.mark.parametrize(
    "title",
    [
        f"Comment on “{WORK}”",
        f"Comments on: {WORK}",
        f"Commentary: {WORK}",
        f"Reply to: {WORK}",
        f"Author Correction: {WORK}",
        f"Publisher Correction: {WORK}",
        f"Correction to: {WORK}",
        f"Erratum for {WORK}",
        f"Corrigendum to '{WORK}'",
        f"Retraction Note: {WORK}",
        f"RETRACTED: {WORK}",
        f"Expression of Concern: {WORK}",
        f"Letter to the editor: {WORK}",
        f"A review of {WORK}",
        f"Re: {WORK}",
        f"Author’s response to {WORK}",
    ],
)
def test_a_text_about_the_work_is_not_the_work(title: str) -> None:
    assert about(WORK, title)
    assert not alike(WORK, title, 80.0)
    assert alike(title, title, 80.0)  # unless it is what is cited


@pytest.mark.parametrize(
    "title",
    [
        WORK,
        f"{WORK}: a randomized trial",
        f"{WORK} | A journal",
        f"Notable results of {WORK}",
        f"Responsible use of {WORK}",
        f"Reviewing {WORK}",
    ],
)
def test_a_title_that_only_begins_alike_is_of_no_text_about_it(title: str) -> None:
    assert not about(WORK, title)
    assert alike(WORK, title, 80.0)
