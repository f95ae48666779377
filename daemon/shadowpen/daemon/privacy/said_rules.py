"""Rules for secrets stated in words: passwords, log-ins, door codes, seed phrases, document numbers.

The words that announce one stand in `said_words`. A pattern finds the word that announces a secret
and what may be one after it; the checks of `look_alikes` tell it from the sentence's end. Every gap is bounded, so
that no text makes a pattern slow. This file knows nothing of keys that are known by their shape.
"""

from __future__ import annotations

import re

from shadowpen.daemon.privacy.look_alikes import (
    is_encoded_run,
    is_hidden_email,
    is_id,
    is_line,
    is_phrase,
    is_said_password,
    is_seed,
    is_strong,
)
from shadowpen.daemon.privacy.rule import Rule, rule
from shadowpen.daemon.privacy.said_words import (
    AND_THEN,
    BACKUP,
    CODE,
    CODE_LITERALS,
    COMBINATION,
    CVV,
    DEVICE,
    DEVICE_LITERALS,
    DOCUMENT,
    ENTER,
    FOR,
    IS,
    KEY,
    LOCK,
    LOCKED,
    LOGIN,
    MIXED,
    OPENS,
    OPENS_WITH,
    PASSWORD,
    PASSWORD_LITERALS,
    PRODUCT_KEY,
    SAID_CODE,
    SEED,
    TO,
    VALUE,
)

_I = re.IGNORECASE
_REACH, _LONG_REACH = 300, 1_000  # the longest matches, with room to see what follows
_AT = r"[ \t]{0,2}(?:\(at\)|\[at\]|\{at\}|<at>|\(a\)|\(ät\)|\(arobase\)|\(arroba\)|\(chiocciola\)|（at）)[ \t]{0,2}"
_DOT = r"[ \t]{0,2}(?:\.|\(dot\)|\[dot\]|\{dot\}|<dot>|\(punkt\)|\(point\)|\(punto\))[ \t]{0,2}"
_TLD = r"(?:com|org|net|edu|gov|io|co|dev|me|info|eu|uk|de|fr|es|it|cn|at|ch|nl)"

SAID_RULES: tuple[Rule, ...] = (
    rule(  # a seed phrase that is announced, in one line or a numbered list
        "token",
        rf"{SEED}[^\n]{{0,60}}?(?:[:：]|\b(?:is|ist|est|es|è)\b|是"
        rf"|\n)[\s“\"«`]{{0,6}}(?P<secret>(?:(?:\d{{1,2}}[.):]?[ \t]{{0,3}})?"
        rf"[a-z]{{3,8}}(?![ \t]*[:：])[\s,]{{1,4}}){{11,23}}"
        rf"(?:\d{{1,2}}[.):]?[ \t]{{0,3}})?[a-z]{{3,8}}(?![a-z]*[ \t]*[:：]))\b",
        *(
            "seed",
            "recovery",
            "mnemonic",
            "wallet",
            "backup phrase",
            "wiederherstellung",
            "phrase",
            "frase",
            "助记词",
            "種子",
        ),
        flags=_I,
        reach=_LONG_REACH,
    ),
    rule(
        "token", r"^[ \t>*-]{0,6}(?P<secret>(?:[a-z]{3,8} ){11,23}[a-z]{3,8})[ \t]*$", trim=is_seed, flags=re.MULTILINE
    ),
    rule(
        "token",
        rf"{BACKUP}[^\n\d]{{0,50}}?[:：\s][\s>*•-]{{0,8}}(?P<secret>(?=[^\n]{{0,12}}\d)[A-Za-z0-9]{{3,8}}"
        rf"(?:[ -][A-Za-z0-9]{{3,8}}){{0,7}}(?:[\s,;"
        rf"|>*•-]{{1,8}}(?=[^\n]{{0,12}}\d)[A-Za-z0-9]{{3,8}}(?:[ -]"
        rf"(?=[^\n]{{0,8}}\d)[A-Za-z0-9]{{3,8}}){{0,7}}){{0,19}})(?![A-Za-z0-9])",
        *(
            "recovery",
            "backup",
            "back-up",
            "emergency",
            "scratch",
            "rescue",
            "wiederherstellung",
            "notfall",
            "secours",
            "récupération",
            "sauvegarde",
        ),
        *("recuperación", "respaldo", "recupero", "emergenza", "恢复", "备用", "备份"),
        trim=is_id,
        flags=_I,
        reach=_LONG_REACH,
    ),
    rule(
        "password",
        rf"^[ \t>*+-]*(?:[\w'’-]+ ){{0,3}}(?:[\w-]*{PASSWORD})[ \t]*[:=：][ \t]*(?P<secret>[^\s:=]\S{{0,100}}"
        rf"(?: \S{{1,100}}){{0,7}})[ \t]*$",
        *PASSWORD_LITERALS,
        trim=is_line,
        flags=_I | re.MULTILINE,
        reach=_LONG_REACH,
    ),
    rule(
        "password",
        rf"{PASSWORD}[^.\n。]{{0,40}}?{IS}{VALUE}",
        *PASSWORD_LITERALS,
        trim=is_said_password,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"{PASSWORD}[^.\n。]{{0,40}}?{IS}(?P<secret>(?:[^\W\d_]{{3,12}}[ -]){{3,11}}[^\W\d_]{{3,12}})(?=[ \t]*"
        rf"(?:[.,;!?\n]|\Z))",
        *PASSWORD_LITERALS,
        trim=is_phrase,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"{PASSWORD}[^.\n。]{{0,40}}?{TO}{VALUE}",
        *PASSWORD_LITERALS,
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"{PASSWORD}(?:\?? ?[ \t][(]?|[^.\n。]{{0,40}}?,[ \t](?=[^\s,]{{4,100}},)|(?<=[码碼令])){VALUE}",
        *PASSWORD_LITERALS,
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"(?<!\S)(?P<secret>[^\s，。]{{5,60}})(?:[ \t]+(?:is|was|ist|war|est|était|es|era|è|works as"
        rf"|dient als)[ \t]+|[ \t]*(?:是|就是)[ \t]*|[ \t]{{1,2}}\()(?:[\w'’]{{1,12}}[ \t]+){{0,3}}{PASSWORD}",
        *PASSWORD_LITERALS,
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"(?<!\S)(?P<secret>[^\s，。]{{5,60}})(?=[ \t]+(?:[\w'’-]{{1,12}}[ \t]+){{0,2}}?{FOR}(?:[\w'’]{{1,12}}[ \t]+)"
        rf"{{0,4}}?{PASSWORD})",
        *PASSWORD_LITERALS,
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"{PASSWORD}[^.\n。]{{0,60}}?(?<![^\s：(，]){MIXED}",
        *PASSWORD_LITERALS,
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"(?<![^\s：(]){MIXED}(?=[^.\n。]{{0,30}}?{PASSWORD})",
        *PASSWORD_LITERALS,
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"{LOCKED}[^.\n]{{0,40}}?{ENTER}{VALUE}",
        *(
            "lock",
            "login",
            "log in",
            "session",
            "sign",
            "sperr",
            "anmeld",
            "verrouill",
            "bloque",
            "sesión",
            "blocc",
            "accedere",
        ),
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "pin",
        rf"{SAID_CODE}(?P<secret>[#*]?(?-i:[A-Z]?\d{{4,8}}[A-Z]?)[#*]?)(?![\w-]|[.,:]\d)",
        *(
            "door",
            "gate",
            "garage",
            "alarm",
            "safe",
            "box",
            "buzzer",
            "tür",
            "tor",
            "klingel",
            "port",
            "interphone",
            "coffre",
        ),
        *("puerta", "caja", "cancello", "citofono", "allarme", "cassaforte", "门禁", "门锁"),
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "pin",
        rf"{ENTER}(?!(?:1[5-9]|20)\d\d\b)(?P<secret>[#*]?\d{{4,8}}[#*]?)(?=[ \t]*(?:[.,;!?)\n]|\Z{AND_THEN}))",
        *(
            "press",
            "enter",
            "type",
            "dial",
            "key in",
            "punch in",
            "tap in",
            "drück",
            "tipp",
            "gib",
            "wähl",
            "tape",
            "compose",
        ),
        *("saisis", "marca", "teclea", "introduce", "escribe", "digita", "premi", "inserisci", "scrivi"),
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"(?:\b(?:wi-?fi|wlan|hotspot)\b[^.\n:：]{{0,20}}|无线网|无线)[:：=][ \t]*{VALUE}",
        "wifi",
        "wi-fi",
        "wlan",
        "hotspot",
        "无线",
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"\b(?:key|schlüssel|clé|llave|chiave)\b[^.\n。]{{0,40}}?{IS}{VALUE}",
        *("key", "schlüssel", "clé", "llave", "chiave"),
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(  # the laptop unlocks with x, the keypad takes 1928
        "pin",
        rf"{DEVICE}[^.\n\d]{{0,30}}?{OPENS_WITH}(?P<secret>[#*]?\d{{4,8}}[#*]?)(?=[ \t]*(?:[.,;!?)\n]|\Z{AND_THEN}))",
        *DEVICE_LITERALS,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"{DEVICE}[^.\n\d]{{0,30}}?{OPENS_WITH}{VALUE}",
        *DEVICE_LITERALS,
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "api-key",
        rf"{PRODUCT_KEY}[^.\n。]{{0,30}}?(?P<secret>(?<![A-Za-z0-9-])(?-i:[A-Z0-9]{{1,8}}(?:-[A-Z0-9]{{2,8}}){{2,9}}))(?![\w-])",
        *("licen", "product", "activation", "serial", "registration", "redemption", "voucher", "lizenz", "produkt"),
        *(
            "aktivierung",
            "serien",
            "registrierung",
            "activación",
            "série",
            "serie",
            "licen",
            "attivazione",
            "序列号",
            "激活码",
        ),
        trim=is_id,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"{LOGIN}[^.\n。]{{0,40}}?(?:\b(?:with|as|using|mit|als|avec|comme|con|como|come)\b|[:：]"
        rf"|用)[ \t]*(?:(?:user(?:name)?|benutzer|utilisateur|usuario|utente|用户名?)[ \t:]{{0,3}})?[\w.@+-]{{1,40}}"
        rf"[ \t]*(?:[/|,;:+，、]|\band\b|\bwith\b|\busing\b|\bund\b|\bmit\b|\bet\b|\bavec\b|\by\b|\be\b|\bcon\b|"
        rf"和|加)[ \t]*(?:[\w'’]{{1,10}}[ \t]+){{0,2}}"
        rf"{VALUE}",
        *(
            "log in",
            "log-in",
            "log on",
            "log into",
            "logged in",
            "sign in",
            "sign-in",
            "sign into",
            "get in",
            "login",
            "ssh ",
            "anmeld",
            "melde",
            "einlogg",
        ),
        *("logge", "connecte", "connexion", "inicia", "entra ", "entrar ", "acced", "accesso", "credential"),
        *("zugangsdaten", "identifiant", "credenci", "credenz", "登录", "登入", "账号", "帳號"),
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(  # who and with what, side by side: user admin pass x, creds are admin:x
        "password",
        rf"(?:\b(?:user(?:name)?|login|benutzer(?:name)?|usuario|utente|utilisateur)[ \t:=]{{1,3}}[\w.@+-]{{1,40}}"
        rf"[ \t,;/]{{1,3}}pass[ \t:=]{{1,3}}"
        rf"|\b(?:creds?|credentials?|log-?in|zugangsdaten|identifiants?|credenciales|credenziali)\b[^.\n:]{{0,20}}?"
        rf"[ \t:][\w.@+-]{{1,40}}:){VALUE}",
        *(
            "user",
            "login",
            "log-in",
            "benutzer",
            "usuario",
            "utente",
            "utilisateur",
            "cred",
            "zugangsdaten",
            "identifiant",
        ),
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "api-key",
        rf"{KEY}[^.\n。]{{0,30}}?{IS}(?P<secret>(?=[A-Za-z_-]{{0,40}}\d)[A-Za-z0-9_-]{{16,200}})(?![\w-])",
        *("key", "token", "schlüssel", "clé", "clave", "chiave", "密钥", "令牌"),
        trim=is_encoded_run,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "pin",
        rf"(?:{LOCK}[^.\n\d]{{0,40}}?{OPENS}|{COMBINATION})[ \t]*(?P<secret>\d{{1,2}}(?:-\d{{1,2}}){{2,5}})"
        rf"(?![\d-])",
        *("lock", "safe", "combination", "schloss", "tresor", "kombination", "cadenas", "coffre", "combinaison"),
        *("candado", "caja fuerte", "combinaci", "lucchetto", "cassaforte", "combinazione"),
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"用[ \t]?[A-Za-z0-9.@_+-]{{1,40}}[ \t]{{0,2}}[/，、和][ \t]{{0,2}}{VALUE}",
        "登录",
        "登入",
        trim=is_strong,
    ),
    rule(
        "pin",
        rf"{CVV}[^.\n\d]{{0,25}}?(?:\d\d/\d\d(?:\d\d)?[ ,;]{{1,3}})?(?P<secret>(?<![\w.])\d{{3,4}})(?![\w.-]\d|\w)",
        "cvv",
        "cvc",
        "csc",
        "prüf",
        "cryptogramme",
        "verification",
        "security code",
        "sicherheitscode",
        "de sécurité",
        "de seguridad",
        "di sicurezza",
        "卡背",
        "背面",
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "pin",
        rf"{CODE}(?:\?[ \t])?[^.\n\d。？！?!]{{0,30}}?(?P<secret>(?<![A-Za-z0-9_.-])(?:[#*]"
        rf"|(?-i:[A-Z]))?\d(?:[ -]?\d){{3,9}}(?:[#*]|(?-i:[A-Z])\b)?|(?-i:\d{{1,3}}[A-Z]\d{{2,4}}))"
        rf"(?![A-Za-z0-9_-]|[.,:]\d)",
        *CODE_LITERALS,
        trim=lambda secret, before: (
            ""
            if re.search(
                r"\b(?:in|since|from|by|until|of|the|and|page|seit|ab|im|depuis|desde|dal|nel)[ \t]\Z", before, _I
            )
            and re.fullmatch(r"(?:1[5-9]|20)\d\d", secret)
            else secret
        ),
        flags=_I,
        reach=_REACH,
    ),
    rule("pin", r"(?:密码|密碼)[^。\n\dA-Za-z]{0,8}?(?P<secret>\d{4,10})(?!\d|年|个|位)", "密码", "密碼"),
    rule(
        "pin",
        r"(?<![\w-])(?:[A-Z]-)?(?P<secret>\d{4,8}) (?:is|as|ist|lautet|als|est|comme|es|como|è|come) (?:your|"
        r"my|the|dein|ihr|mein"
        r"|der|votre|ton|mon|tu|su|mi|el|il tuo|il|la)\w{0,2} [\w' -]{0,30}(?:code|código|codice|TAN|PIN)\b",
        *("code", "código", "codice", "tan", "pin"),
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "id-number",
        rf"{DOCUMENT}[^.\n\d]{{0,30}}?[ \t:：#.号是为]{{0,6}}(?P<secret>"
        rf"(?<![A-Za-z0-9-])[A-Z]{{0,3}}[ ]?\d[A-Z0-9]{{0,11}}(?:[ -][A-Z0-9]{{1,6}}){{0,5}})(?![A-Za-z0-9])",
        *(
            "passport",
            "passeport",
            "pasaporte",
            "passaporto",
            "reisepass",
            "passnummer",
            "pass-nr",
            "ausweis",
            "carte d",
            "carta d",
            "dni",
            "driver",
            "driving l",
        ),
        *(
            "führerschein",
            "permis de",
            "national insurance",
            "nhs number",
            "social security",
            "ssn",
            "tax id",
            "steuer",
            "sozialvers",
            "numéro d",
            "numéro f",
        ),
        *(
            "codice fiscale",
            "número de",
            "account n",
            "kontonummer",
            "routing number",
            "sort code",
            "numero di",
            "card number",
            "visa number",
        ),
        *("护照", "身份证", "银行", "账号"),
        trim=is_id,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "email",
        rf"\b[\w.+-]{{1,64}}{_AT}[\w-]{{1,40}}(?:{_DOT}[\w-]{{1,40}}){{0,4}}{_DOT}[A-Za-z]{{2,12}}\b",
        "(at)",
        "[at]",
        "{at}",
        "<at>",
        "(a)",
        "(ät)",
        "arobase",
        "arroba",
        "chiocciola",
        "（at）",
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "email",
        rf"\b[\w.+-]{{1,40}}(?: dot [\w+-]{{1,40}}){{0,3}} at [\w-]{{1,40}}"
        rf"(?: dot [\w-]{{1,40}}){{0,3}} dot {_TLD}\b",
        " dot ",
        trim=is_hidden_email,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "email",
        r"\b[\w.+-]{1,40}(?: punkt [\w+-]{1,40}){0,3} (?:at"
        r"|ät) [\w-]{1,40}(?: punkt [\w-]{1,40}){0,3} punkt [a-z]{2,6}\b",
        " punkt ",
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "email",
        r"\b[\w.+-]{1,40}(?: (?:point|punto) [\w+-]{1,40}){0,3} (?:arobase|arroba"
        r"|chiocciola) [\w-]{1,40}(?: (?:point|punto) [\w-]{1,40}){0,3} (?:point|punto) [a-z]{2,6}\b",
        " point ",
        " punto ",
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "email",
        r"(?<![\w.])(?:[a-z]{2,20}[._]?\d{1,6}|[a-z]{1,20}[._][a-z]{2,20}\d{0,6}) at (?:gmail|outlook|hotmail|yahoo"
        r"|icloud|proton(?:mail)?|gmx|web|live)\.[a-z]{2,4}\b",
        *("at gmail", "at outlook", "at hotmail", "at yahoo", "at icloud", "at proton", "at gmx", "at web", "at live"),
        flags=_I,
        reach=_REACH,
    ),
)
