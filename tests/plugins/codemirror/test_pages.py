"""The pages of `shadowpen open` in a real browser: what is drawn while one writes, and that everybody can use them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.screens import browser
from support.web.pages import serving_pages

from shadowpen.daemon.base import config, store
from shadowpen.daemon.base.translation import language

HERE = Path(__file__).parent
WHOLE_S = 120
PATHS = ["/", "/learned", "/learned/forget?kind=phrase&value=quay", "/versions", "/report", "/settings", "/write"]


@pytest.mark.slow
@pytest.mark.usefixtures("writing")
def test_ghost_text_on_the_page_to_write_on(layout: store.Layout) -> None:
    with serving_pages(layout) as pages:
        told = browser.run_script(HERE / "write_page.mjs", {"link": pages.link}, WHOLE_S)
    steps = {line.pop("step"): line for line in told}

    # The model repeats the text before the cursor.
    assert steps["drawn"] == {"ghost": "One two. Three", "text": "One two. Three"}
    assert steps["word"] == {"ghost": " two. Three", "text": "One two. ThreeOne"}
    assert steps["sentence"] == {"ghost": " Three", "text": "One two. ThreeOne two."}
    assert steps["typed along"] == {"ghost": "ree", "text": "One two. ThreeOne two. Th"}
    assert steps["all"] == {"text": "One two. ThreeOne two. Three"}
    assert steps["dismissed"] == {"ghost": steps["all"]["text"], "text": steps["all"]["text"]}
    assert steps["undone"]["text"] != steps["all"]["text"]
    both = "天气好。我们走。"
    assert steps["sentence without blanks"] == {"ghost": "我们走。", "text": f"{both}天气好。"}
    assert steps["composed"] == {"ghost": f"{both}天气好。はい"}
    assert steps["expanded"]["text"].startswith("1. ferry late")
    assert steps["nothing selected"] == {"told": "Select your notes first."}


@pytest.mark.slow
def test_what_a_form_asks_for_is_done(layout: store.Layout) -> None:
    with serving_pages(layout) as pages:
        told = browser.run_script(HERE / "forms.mjs", {"link": pages.link}, WHOLE_S)

    assert [(line["status"], line["path"]) for line in told] == [(303, "/"), (303, "/learned")]
    assert config.load(layout.config_file).learning.enabled == "on"


@pytest.mark.slow
@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_every_page_can_be_used_by_everybody(layout: store.Layout, spoken: str) -> None:
    language.speak(lambda: spoken)
    given = {"paths": PATHS, "bypassCSP": True}  # axe is run in the page
    with serving_pages(layout) as pages:
        told = browser.run_script(HERE / "all_pages.mjs", given | {"link": pages.link}, WHOLE_S)
    assert len(told) == 2 * len(PATHS)
    assert [line for line in told if line["violations"] or line["isWide"] or "Shadowpen" not in line["title"]] == []
