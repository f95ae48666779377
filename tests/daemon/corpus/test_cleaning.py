"""A file's text becomes its author's paragraphs, and nothing else."""

# ruff: noqa: E501 (a text of another script reads best in one line)

from __future__ import annotations

import random
import unicodedata

import pytest

from shadowpen.daemon.corpus.cleaning import clean

_POST = """---
title: "Of boats"
date: 2024-03-01T10:00:00Z
---

# Of boats

I have always liked boats, and the [old one](https://example.org/boat?id=3) by the
quay most of all; it is
described [elsewhere][1] and at https://example.org/more.[^1]

> Someone else's words
> that go on,
lazily.

```python
print("not prose")
```

| name | age |
|------|-----|
| Ann  | 7   |

    indented code

![a boat](boat.png)

- first the rope, which was too short to reach the other side of the water
  and broke;
- then the *sail*.

<!-- a note
over two lines -->
<div class="x">She said <em>yes</em> &amp; left.</div>

{{< figure src="x.png" >}}

***

[1]: https://example.org/elsewhere
[^1]: A foot note.
"""


def test_markdown_becomes_the_authors_paragraphs() -> None:
    cleaned = clean(_POST)

    assert cleaned.text.split("\n\n") == [
        "# Of boats",
        "I have always liked boats, and the old one by the quay most of all; it is described elsewhere and at ⟦link⟧.",
        "- first the rope, which was too short to reach the other side of the water and broke;\n- then the *sail*.",
        "She said yes & left.",
        "A foot note.",
    ]
    assert cleaned.date == "2024-03-01"
    assert {"front matter", "quote", "code", "table", "image", "html", "link target"} <= set(cleaned.dropped)


def test_hard_wraps_are_taken_back_and_verse_is_not() -> None:
    wrapped = (
        "It was a long way down to the harbour and nobody\nhad thought of bringing a lamp, so that we went\nslowly."
    )
    verse = "The sea, the sea,\nthe open sea,\nit never was so\nwide to me."

    assert clean(f"{wrapped}\n\n{verse}").text == wrapped.replace("\n", " ") + "\n\n" + verse


@pytest.mark.parametrize(
    ("suffix", "text", "expected"),
    [
        (".txt", "    An indented first line is prose here.", "    An indented first line is prose here."),
        (".txt", "a < b and <b> is no tag in plain text here", "a < b and <b> is no tag in plain text here"),
        (".org", "#+TITLE: x\n* Heading\nSome words.\n#+begin_src c\nint x;\n#+end_src\nAnd [[u][more]].",
         "* Heading\nSome words.\n\nAnd more."),
        (".tex", "\\documentclass{a}\n\\begin{document}\nSome words. % no\n\\begin{equation}\nx\n\\end{equation}\n"
         "\\maketitle\n\\end{document}", "Some words."),
        (".rst", "Title here\n==========\n\nSome words::\n\n   code here\n\nMore.\n\n.. note:: x\n   y\n\nEnd.",
         "Title here\n\nSome words:\n\nMore.\n\nx\ny\n\nEnd."),
        (".md", "1. one thing\n2. another thing\n\n   with a paragraph of its own", None),
        (".md", "A\n\n    A paragraph that somebody indented with the tabulator key.\n\n    x = [1]\n",
         "A\n\n    A paragraph that somebody indented with the tabulator key."),
        (".md", "+++\ndate = 2021-02-03\n+++\nText.", "Text."),
        (".md", "---\n\nNot front matter, a rule before.", "Not front matter, a rule before."),
        (".md", "\ufeffzero\u200bwidth \x07bell\r\nline", "zerowidth bell\nline"),
    ],
)  # fmt: skip
def test_other_markup(suffix: str, text: str, expected: str | None) -> None:
    cleaned = clean(text, suffix).text

    if expected is None:
        assert "paragraph of its own" in cleaned
    else:
        assert cleaned == expected


@pytest.mark.parametrize(
    ("paragraph", "reason"),
    [
        ("x" * 5_000, "huge line"),
        ('{"a": [1, 2, 3, {"b": "c"}]}, ' * 200, "huge line"),
        ("3.14 15926 5358 97932 38462 64338 | 3 + 4 = 7", "not prose"),
        ("all work and no play makes him dull. " * 40, "repetition"),
    ],
)
def test_what_cannot_be_prose_is_left_out(paragraph: str, reason: str) -> None:
    cleaned = clean(f"A good line.\n\n{paragraph}\n\nAnother.", ".txt")

    assert cleaned.text == "A good line.\n\nAnother."
    assert cleaned.dropped[reason] >= len(paragraph.strip())


def test_a_long_paragraph_of_a_diary_is_prose() -> None:
    dice = random.Random(3)
    words = [
        "up",
        "and",
        "by",
        "water",
        "to",
        "the",
        "office",
        "where",
        "all",
        "morning",
        "busy",
        "with",
        "others",
        "dined",
    ]
    sentences = " ".join(" ".join(dice.choices(words, k=14)) + "." for _ in range(60))
    assert len(sentences) > 3_000

    assert clean(sentences, ".txt").text == sentences


def test_secrets_become_placeholders() -> None:
    cleaned = clean("Write to jane@example.org, the password is hunter2.", ".txt")

    assert cleaned.text == "Write to ⟦email⟧, the password is ⟦password⟧."
    assert cleaned.dropped["secrets"] == len("jane@example.orghunter2")


_OF_SCRIPTS = {
    "Thai": "เช้าวันรุ่งขึ้นเราเดินลงไปที่ท่าเรือและไม่มีใครคิดจะเอาตะเกียงไปด้วย อากาศหนาวและทะเลเป็นสีเทา พี่ชายของฉันถือเชือกส่วนฉันถือไม้พาย ",
    "Lao": "ເຊົ້າມື້ຕໍ່ມາພວກເຮົາຍ່າງລົງໄປທີ່ທ່າເຮືອແລະບໍ່ມີໃຜຄິດຈະເອົາໂຄມໄປນຳ ອາກາດໜາວແລະທະເລເປັນສີເທົາ ອ້າຍຂອງຂ້ອຍຖືເຊືອກ ",
    "Khmer": "ព្រឹកបន្ទាប់យើងដើរចុះទៅកំពង់ផែហើយគ្មាននរណាគិតយកចង្កៀងទៅជាមួយឡើយ។ អាកាសធាតុត្រជាក់ហើយសមុទ្រមានពណ៌ប្រផេះ។ បងប្រុសរបស់ខ្ញុំកាន់ខ្សែពួរ។ ",
    "Burmese": "နောက်တစ်နေ့မနက် ကျွန်တော်တို့ ဆိပ်ကမ်းကို ဆင်းသွားကြပြီး ဘယ်သူမှ မီးအိမ်ယူဖို့ မစဉ်းစားမိဘူး။ ရာသီဥတုက အေးပြီး ပင်လယ်က မီးခိုးရောင်ပဲ။ ",
    "Tibetan": "སང་ཉིན་ཞོགས་པ་ང་ཚོ་གྲུ་ཁར་མར་ཕྱིན་པ་དང་སུས་ཀྱང་སྒྲོན་མེ་འཁྱེར་བར་བསམས་མེད། གནམ་གཤིས་གྲང་མོ་དང་རྒྱ་མཚོ་སྐྱ་བོ་རེད། ",
    "Hindi": "कल सुबह हम बंदरगाह की ओर उतरे और किसी ने भी दीपक साथ लेने के बारे में नहीं सोचा। मौसम ठंडा था और समुद्र धूसर दिखाई देता था। मेरे भाई ने रस्सी पकड़ी। ",
    "Tamil": "மறுநாள் காலையில் நாங்கள் துறைமுகத்திற்கு இறங்கினோம், யாரும் விளக்கை எடுத்துச் செல்ல நினைக்கவில்லை. குளிராக இருந்தது, கடல் சாம்பல் நிறமாக இருந்தது. ",
    "Amharic": "በማግስቱ ጠዋት ወደ ወደቡ ወረድን፣ ማንም መብራት ለመውሰድ አላሰበም ነበር። ቀዝቃዛ ነበር፣ ባሕሩም ግራጫ ይመስል ነበር። ወንድሜ ገመዱን ያዘ። ",
    "Armenian": "Հաջորդ առավոտյան մենք իջանք նավահանգիստ, և ոչ ոք չէր մտածել լապտեր վերցնելու մասին։ Ցուրտ էր, և ծովը գորշ էր։ ",
    "Urdu": "اگلی صبح ہم بندرگاہ کی طرف اترے اور کسی نے چراغ ساتھ لینے کا نہیں سوچا۔ سردی تھی اور سمندر خاکستری تھا۔ میرے بھائی نے رسی پکڑی۔ ",
    "Chinese": "第二天早上我们走到港口，没有人想到要带一盏灯。天气很冷，海是灰色的。我哥哥拿着绳子，我拿着桨，谁也不说话。",
    "Korean": "다음 날 아침 우리는 항구로 내려갔고 아무도 등불을 가져갈 생각을 하지 않았다. 추웠고 바다는 회색이었다. 형은 밧줄을 들었다. ",
}  # fmt: skip


@pytest.mark.parametrize("language", _OF_SCRIPTS)
def test_a_long_paragraph_of_any_script_is_prose(language: str) -> None:
    dice, sample = random.Random(7), _OF_SCRIPTS[language]
    shuffled = [sample[at : at + 4] for at in dice.choices(range(0, len(sample) - 4, 2), k=900)]
    paragraph = unicodedata.normalize("NFC", " ".join("".join(shuffled).split()))
    assert len(paragraph) > 3_000

    assert clean(paragraph, ".txt").text == paragraph


def test_chinese_that_is_wrapped_gets_no_blanks() -> None:
    wrapped = "第二天早上我们走到港口，没有人想到要带一盏灯，因为天还没有黑\n下来。天气很冷，海是灰色的，谁也不说话，一直走到最后那一条\n船。"
    verse = "床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。"

    assert clean(f"{wrapped}\n\n{verse}", ".txt").text == wrapped.replace("\n", "") + "\n\n" + verse
