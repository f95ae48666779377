"""daemon/text/languages.py: which language is written at the end of a text."""

from __future__ import annotations

import pytest

from shadowpen.daemon.text.languages import language_at_end

ENGLISH = "I spoke to my sister about the weather yesterday, and we could not agree on whether it was too warm for May."
GERMAN = "Ich habe gestern mit meiner Schwester über das Wetter gesprochen, und wir sind uns nicht einig."


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", ENGLISH),
        ("de", GERMAN),
        ("fr", "J'ai parlé hier avec ma sœur du temps qu'il fait, et nous ne sommes pas d'accord sur la question."),
        ("es", "Ayer hablé con mi hermana sobre el tiempo, y no estamos de acuerdo en si hace calor para mayo."),
        ("it", "Ieri ho parlato con mia sorella della pioggia, e non siamo d'accordo su che cosa sia più bello."),
        ("ru", "Вчера я говорил с сестрой о погоде."),
        ("el", "Χθες μίλησα με την αδελφή μου."),
        ("ko", "어제 누나와 날씨에 대해 이야기했다."),
        ("ja", "昨日は姉と天気について話しました。"),
        ("zh", "我昨天和姐姐谈天气，我们的看法不一样。"),
        ("zh", "狂人日记"),
        ("", ""),
        ("", "Ich bin da"),
        ("", "fn main() { let mut x: u32 = 0; println!(x, y, z, buffer, length, offset); }"),
    ],
)
def test_a_text_is_told_by_its_script_or_its_small_words(language: str, text: str) -> None:
    assert language_at_end(text) == language


@pytest.mark.parametrize(
    "text",
    [
        f"{ENGLISH} She said: „{GERMAN[:40]}“, which is how she speaks to me at home when she is cross.",
        f"{ENGLISH}\n\n> {GERMAN}\n\nThat is",
        f"{ENGLISH} The word for it is 天气, or погода, and there is also καιρός, as they say in those parts.",
        f"{ENGLISH}\n\nDie Zeit",
        f"{GERMAN}\n\n{ENGLISH}",
    ],
)
def test_english_with_foreign_words_stays_english(text: str) -> None:
    assert language_at_end(text) == "en"


def test_the_last_paragraph_counts_once_it_is_long_enough() -> None:
    assert language_at_end(f"{ENGLISH}\n\n{GERMAN}") == "de"
    assert language_at_end(f"{ENGLISH}\n\n我昨天") == "zh"
    assert language_at_end(f"{GERMAN}\n\n{ENGLISH} {GERMAN[:30]}") == "en"


def test_a_declared_language_needs_less() -> None:
    short = "Wir haben das Konzept gestern mehrmals besprochen, geprüft und verworfen."
    assert (language_at_end(short), language_at_end(short, {"en", "de"})) == ("", "de")
    ukrainian = "Учора я говорив із сестрою про погоду."
    assert (language_at_end(ukrainian), language_at_end(ukrainian, {"uk"})) == ("ru", "uk")
