"""daemon/text/code_pages.py and encodings.py: a text is read rightly whatever code page it was written in."""

from __future__ import annotations

import pytest

from shadowpen.daemon.text.code_pages import likeliest_code_page
from shadowpen.daemon.text.encodings import decode

# ruff: noqa: E501 (a text reads best in one line)
TEXTS = [
    ("cp1252", 'My sister’s letter said “come home” – but I stayed in the café near the harbour, where nobody knew me. It cost 5 € and I paid without a word.'),
    ("cp1252", 'My sister’s letter arrived at last, and I read it twice before I put it away.'),
    ("cp1252", 'We met in the café by the water, and nobody knew us there.'),
    ("cp1252", '“Good morning”, said the owner of the café — it’s twenty £ for the whole week, naïve though it seems, and I believed him all the same.'),
    ("latin-1", 'Über den Dächern lag Nebel, und die Bäume am Ufer waren kaum zu sehen. Mein Bruder trug die Lampe, ich die Ruder; es war kalt.'),
    ("latin-1", 'Mañana por la mañana bajaremos al puerto, y mi señora no quiere que los niños vayan con nosotros. ¿Quién sabe?'),
    ("latin-1", 'Não há ninguém no porto hoje; as crianças estão em casa, e a avó não quer sair à rua por causa do vento.'),
    ("latin-1", 'Næste morgen gik vi ned til havnen, og ingen havde tænkt på at tage en lampe med. Det var koldt, og søen var grå.'),
    ("latin-1", 'Nästa morgon gick vi ned till hamnen och ingen hade tänkt på att ta med en lampa. Det var kallt och sjön var grå.'),
    ("latin-1", 'Seuraavana aamuna menimme alas satamaan, eikä kukaan ollut ajatellut ottaa lamppua mukaan. Oli kylmä ja meri oli harmaa.'),
    ("latin-1", 'Næsta morgun fórum við niður að höfninni og enginn hafði hugsað um að taka lampa með. Það var kalt og sjórinn var grár.'),
    ("latin-1", 'La mattina dopo siamo scesi al porto, e nessuno aveva pensato di portare una lampada: perché era già giorno, così dicevano.'),
    ("iso-8859-15", "Le cœur de la ville était vide, et l'œuvre coûtait 5 € à peine; le matin nous sommes descendus vers le port sans rien dire."),
    ("cp1252", 'Le matin, nous sommes descendus vers le port sans rien dire, parce que le vent était trop fort et que personne n’avait envie de parler.'),
    ("cp1250", 'Příští ráno jsme šli dolů k přístavu a nikdo nemyslel na to, vzít si lampu. Bylo zima a moře bylo šedé, žádný člověk nikde.'),
    ("cp1250", 'Następnego ranka zeszliśmy do portu i nikt nie pomyślał o tym, żeby zabrać lampę. Było zimno, a morze było szare i ciche.'),
    ("cp1250", 'Másnap reggel lementünk a kikötőbe, és senki sem gondolt arra, hogy lámpát vigyen. Hideg volt, és a tenger szürke, az idő hűvös.'),
    ("iso-8859-2", 'Następnego ranka zeszliśmy do portu i nikt nie pomyślał o tym, żeby zabrać lampę. Było zimno, a morze było szare i ciche.'),
    ("iso-8859-2", 'Příští ráno jsme šli dolů k přístavu a nikdo nemyslel na to, vzít si lampu. Bylo zima a moře bylo šedé, žádný člověk nikde.'),
    ("cp1251", 'На следующее утро мы спустились к гавани, и никто не подумал взять с собой лампу. Было холодно, и море было серым.'),
    ("cp1251", 'Наступного ранку ми спустилися до гавані, і ніхто не подумав узяти з собою лампу. Було холодно, і море було сірим, її не було.'),
    ("koi8-r", 'На следующее утро мы спустились к гавани, и никто не подумал взять с собой лампу. Было холодно, и море было серым.'),
    ("cp866", 'На следующее утро мы спустились к гавани, и никто не подумал взять с собой лампу. Было холодно, и море было серым.'),
    ("iso-8859-5", 'На следующее утро мы спустились к гавани, и никто не подумал взять с собой лампу. Было холодно, и море было серым.'),
    ("mac-roman", 'My sister’s letter said “come home” – but I stayed in the café near the harbour, where nobody knew me. It cost a lot.'),
    ("mac-roman", 'Über den Dächern lag Nebel, und die Bäume am Ufer waren kaum zu sehen. Mein Bruder trug die Lampe, ich die Ruder; es war kalt.'),
    ("cp850", 'Über den Dächern lag Nebel, und die Bäume am Ufer waren kaum zu sehen. Mein Bruder trug die Lampe, ich die Ruder; es war kalt.'),
    ("cp437", 'Le matin, nous sommes descendus vers le port sans rien dire, parce que le vent était trop fort et que la mère était là.'),
    ("cp1253", 'Το επόμενο πρωί κατεβήκαμε στο λιμάνι και κανείς δεν σκέφτηκε να πάρει μια λάμπα. Έκανε κρύο και η θάλασσα ήταν γκρίζα.'),
    ("cp1254", 'Ertesi sabah limana indik ve hiç kimse bir lamba almayı düşünmedi. Hava soğuktu ve deniz griydi, kimse konuşmuyordu.'),
    ("cp1257", 'Kitą rytą nusileidome į uostą ir niekas nepagalvojo pasiimti lempos. Buvo šalta, o jūra buvo pilka, žmonės miegojo.'),
    ("cp1257", 'Nākamajā rītā mēs nokāpām uz ostu, un neviens neiedomājās paņemt lampu. Bija auksts, un jūra bija pelēka.'),
    ("shift_jis", '翌朝、私たちは港へ下りていったが、誰もランプを持っていこうとは思わなかった。寒くて、海は灰色だった。'),
    ("euc-jp", '翌朝、私たちは港へ下りていったが、誰もランプを持っていこうとは思わなかった。寒くて、海は灰色だった。'),
    ("iso2022_jp", '翌朝、私たちは港へ下りていったが、誰もランプを持っていこうとは思わなかった。寒くて、海は灰色だった。'),
    ("gb18030", '第二天早上，我们走到港口，没有人想到要带一盏灯。天气很冷，海是灰色的，谁也不说话。'),
    ("big5", '第二天早上，我們走到港口，沒有人想到要帶一盞燈。天氣很冷，海是灰色的，誰也不說話。'),
    ("shift_jis", 'その晩、古い渡し船は遅れて着き、私たちは雨がやむまで小屋の屋根の下で待っていました。'),
    ("euc-jp", 'その晩、古い渡し船は遅れて着き、私たちは雨がやむまで小屋の屋根の下で待っていました。'),
    ("euc-kr", '다음 날 아침 우리는 항구로 내려갔고 아무도 등불을 가져갈 생각을 하지 않았다. 추웠고 바다는 회색이었다.'),
    ("cp1255", 'למחרת בבוקר ירדנו לנמל ואיש לא חשב לקחת מנורה. היה קר והים היה אפור, ואיש לא דיבר.'),
    ("cp1256", 'في صباح اليوم التالي نزلنا إلى الميناء ولم يفكر أحد في أخذ مصباح. كان الجو باردا والبحر رماديا.'),
    ("cp874", 'เช้าวันรุ่งขึ้นเราเดินลงไปที่ท่าเรือ และไม่มีใครคิดจะเอาตะเกียงไปด้วย อากาศหนาวและทะเลเป็นสีเทา'),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_a_text_in_a_code_page(encoding: str, text: str) -> None:
    decoded = decode(text.encode(encoding))

    assert decoded is not None
    assert decoded.text == text


def test_a_letter_of_dos_is_no_quotation_mark() -> None:
    text = "We met in the café by the water, and the à la carte was naïve."

    decoded = decode(text.encode("cp850"))

    assert decoded is not None
    assert decoded.text == text


@pytest.mark.parametrize("word", ["café", "naïve", "‘quoted’", "5 £", "Grün"])
def test_one_byte_is_enough(word: str) -> None:
    text = f"A week later the letter arrived at last, and {word} was all that I read in it."

    decoded = decode(text.encode("cp1252"))

    assert decoded is not None
    assert decoded.text == text


def test_bytes_of_chance_are_of_no_code_page() -> None:
    assert likeliest_code_page("Nobody thought of the café.".encode("cp1252")) == "cp1252"
    assert decode(bytes(range(256)) * 40) is None
