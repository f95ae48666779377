import pytest

from shadowpen.daemon.tasks.expansion.pieces import read_notes
from shadowpen.daemon.tasks.expansion.placing import put_back


@pytest.mark.parametrize(
    ("notes", "text", "expected"),
    [
        # A link is around its words, in the form that the text has for them.
        ("see [roof survey](s.md)", "Three roof surveys were made.", "Three [roof surveys](s.md) were made."),
        ("see [Roof survey](s.md)", "The roof survey is out.", "The [roof survey](s.md) is out."),
        ("see [Harvest Fair](f.md)", "At the harvest fair.", "At the [Harvest Fair](f.md)."),
        ("see [the roof survey](s.md)", "The survey of the roof is out.", "The [survey of the roof](s.md) is out."),
        ("go to [[Roof]]", "We went onto roofs.", "We went onto [[Roof|roofs]]."),
        ("ask [Anna](a.md)", "Annabel asked Hannah. Anna came.", "Annabel asked Hannah. [Anna](a.md) came."),
        ("call [Anna](a.md) or [Anna](b.md)", "Anna saw Anna.", "[Anna](a.md) saw [Anna](b.md)."),
        ("去[屋顶](w.md)看看", "我们去屋顶看看。很好。", "我们去[屋顶](w.md)看看。很好。"),
        # Where a word occurs twice, its note tells which one is meant.
        ("budget of [Anna](a.md)", "Anna came. The budget of Anna.", "Anna came. The budget of [Anna](a.md)."),
        # Code and placeholders are as their author wrote them.
        ("write to {{first_name}}", "Write to First Name today.", "Write to {{first_name}} today."),
        ("run `Make Offers`", "We make offers.", "We `Make Offers`."),
        ("@smith2020 doubts it", "Smith has doubts.", "@smith2020 has doubts."),
        # A mark is at the end of the clause that tells the words before it, or behind its word.
        ("copper rose [@a]", "Copper rose again, sadly. It fell.", "Copper rose again [@a], sadly. It fell."),
        ("copper rose[^1]", "It fell. Copper rose by 1,500 pounds.", "It fell. Copper rose by 1,500 pounds[^1]."),
        ("copper [1] and tin [2] rose", "Tin and copper rose.", "Tin [2] and copper [1] rose."),
        ("copper rose [1][2] [@a]", "Copper rose.", "Copper rose [1][2] [@a]."),
        ("roof leaks, https://x.org", "It is true. The roof leaks!", "It is true. The roof leaks (https://x.org)!"),
        ("ask Smith [1]", "We asked Mr. Smith. Then we left.", "We asked Mr. Smith [1]. Then we left."),
        ("ask [Anna](a.md) [1]", "They asked Anna.", "They asked [Anna](a.md) [1]."),
        ("roof ![a photo](r.jpg)", "The roof leaks. Nobody cares.", "The roof leaks. ![a photo](r.jpg) Nobody cares."),
        # What finds no words is at the end of the sentence that tells most of its note.
        ("roof by [builders](b.md)", "Roof done. Good.", "Roof done ([builders](b.md)). Good."),
        ("[builders](b.md) [1]", "They came. Good.", "They came. Good ([builders](b.md)) [1]."),
        ("run `make offer`", "Nothing here", "Nothing here (`make offer`)"),
        ("roof, [@a]", "他们来了。屋顶漏水。", "他们来了。屋顶漏水 [@a]。"),
    ],
)  # fmt: skip
def test_each_piece_has_its_place(notes: str, text: str, expected: str) -> None:
    assert put_back(text, read_notes(notes).pieces) == expected


def test_without_markup_a_text_stays_as_it_is() -> None:
    assert put_back(" As it is. ", read_notes("as it is").pieces) == " As it is. "


def test_all_are_there_once_in_a_paragraph_of_many() -> None:
    sources = [f"[word{i}](u{i}.md)" for i in range(9)] + [f"[^{i}]" for i in range(9)] + ["`c`", "{{c}}", "[TK]"]
    pieces = read_notes("\n".join(f"the note {source} of it" for source in sources)).pieces
    text = put_back("Note it, as word3 and word5 do. Then note c or c, of word3.", pieces)
    assert all(text.count(source) == 1 for source in sources)
