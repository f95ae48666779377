"""daemon/text/sentences.py: sentences of every script end where its readers say, in whatever reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.daemon.showing.candidate import CursorPlace
from shadowpen.daemon.showing.meeting import meets_suffix
from shadowpen.daemon.tasks.completion.extents import end_of, ends_sentence
from shadowpen.daemon.tasks.continuation import finish
from shadowpen.daemon.text.sentences import OWN_ENDS, SENTENCE_END
from shadowpen.daemon.text.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parents[3]
SENTENCES = {
    "Hindi": ["कल सुबह हम बंदरगाह की ओर गए।", " समुद्र धूसर था।"],
    "Sanskrit": ["धर्मक्षेत्रे कुरुक्षेत्रे समवेता युयुत्सवः॥", " मामकाः पाण्डवाश्चैव किमकुर्वत सञ्जय॥"],
    "Chinese": ["第二天早上我们走到港口。", "海是灰色的！"],
    "Japanese": ["翌朝、私たちは港へ下りた。」", "海は灰色だった？"],
    "Arabic": ["هل نزلت إلى الميناء في الصباح؟", " نعم، كان البحر رماديا."],
    "Urdu": ["کل صبح ہم بندرگاہ کی طرف گئے۔", " سمندر خاکستری تھا۔"],
    "Armenian": ["Առավոտյան մենք իջանք նավահանգիստ։", " Ծովը գորշ էր այդ օրը։"],
    "Amharic": ["በማግስቱ ጠዋት ወደ ወደብ ወረድን።", " ባሕሩ ግራጫ ነበር ዛሬ።"],
    "Khmer": ["ព្រឹកបន្ទាប់យើងចុះទៅកំពង់ផែ។", " សមុទ្រមានពណ៌ប្រផេះ។"],
    "Burmese": ["နောက်တစ်နေ့မနက် ဆိပ်ကမ်းကို ဆင်းသွားကြတယ်။", " ပင်လယ်က မီးခိုးရောင်။"],
    "Tibetan": ["སང་ཉིན་ཞོགས་པ་ང་ཚོ་གྲུ་ཁར་ཕྱིན།", "རྒྱ་མཚོ་སྐྱ་བོ་རེད།"],
    "Mongolian": ["ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡ ᠰᠠᠶᠢᠨ ᠪᠠᠶᠢᠨ᠎ᠠ᠃", " ᠲᠡᠷᠡ ᠮᠣᠷᠢ ᠤᠨᠤᠪᠠ ᠤᠤ᠃"],
    "Greek": ["Το επόμενο πρωί κατεβήκαμε στο λιμάνι.", " Η θάλασσα ήταν γκρίζα!"],
    "Russian": ["Утром мы спустились к гавани…", " Море было серым."],
    "German": ["Er sagte: »Komm nach Hause.«", " Sie blieb ganz still."],
}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_ends_with_its_own_mark(language: str) -> None:
    first, second = SENTENCES[language]
    text = first + second

    assert [text[: found.end()] for found in SENTENCE_END.finditer(text)][-2:] == [first, text]
    assert ends_sentence(first)
    assert not ends_sentence(first.rstrip("»«」")[:-1])


@pytest.mark.parametrize("language", SENTENCES)
def test_the_end_of_a_sentence_is_asked_for(language: str) -> None:
    first, second = SENTENCES[language]

    assert end_of(first + second, "sentence") == len(first)


@pytest.mark.parametrize("language", SENTENCES)
def test_a_continuation_ends_with_a_sentence(language: str) -> None:
    first, second = SENTENCES[language]

    assert finish(f"{first}{second[:-2]}", 400) == first


@pytest.mark.parametrize("mark", ["。", "।", "؟", "۔", "։", "።", "។", "။"])
def test_a_mark_behind_the_cursor_is_not_written_twice(mark: str) -> None:
    assert meets_suffix(f" abc def{mark} ghi", CursorPlace(prefix="abc", suffix=mark)) == " abc def"


def test_marks_of_all_scripts_are_marks_of_the_vocabulary() -> None:
    tokens = [mark.encode() for mark in (*OWN_ENDS, "،", "、", "፣", ",", ".")]

    assert Vocabulary([*tokens, b"word", " слово".encode()]).marks.tolist() == list(range(len(tokens)))


@pytest.mark.parametrize(
    "path",
    [
        "plugins/vscode/src/acceptWord.ts",
        "plugins/neovim/lua/shadowpen/accept.lua",
        "plugins/vim/autoload/shadowpen/accept.vim",
        "plugins/emacs/shadowpen-ghost.el",
    ],
)
def test_editors_accept_up_to_the_same_marks(path: str) -> None:
    assert f"[{OWN_ENDS}]" in (ROOT / path).read_text("utf-8")
