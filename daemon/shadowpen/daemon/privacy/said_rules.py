"""Rules for secrets stated in words: passwords, log-ins, door codes, seed phrases, document numbers.

Written for English, German, French, Spanish, Italian and Chinese. A pattern finds the word that announces a secret
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

_PASSWORD = (
    r"(?:\bpass[ -]?(?:words?|phrases?|codes?)\b|(?<!/)\bpasswd\b|(?<![$(])\bpwd\b|\bpw\b|\blogin[ -]?(?:code|data"
    r"|details)\b|\bcredentials?\b"
    r"|\b(?:wi-?fi|wlan|wpa[23]?|wep|network)[ -](?:key|code|schlüssel|passwort)\b|\bwlan-?schlüssel\b|"
    r"\bnetzwerkschlüssel\b"
    r"|passw(?:ort|örter)s?\b|kennw(?:ort|örter)s?\b|\bzugangs(?:code|daten)\b|\bmots? de passe\b|\bmdp\b"
    r"|\bcode d['’]accès\b|\bclé wi-?fi\b|\bidentifiants?\b"
    r"|\bcontrase[ñn]as?\b|\bclave\b|\bcredenciales\b|\bparola d['’]ordine\b|\bchiave (?:di accesso|wi-?fi"
    r"|della rete)\b|\bcredenziali\b"
    r"|密码(?!学)|密碼(?!學)|口令|暗号|密钥|密鑰)"
)
_PASSWORD_LITERALS = (
    *(
        "password",
        "pass word",
        "pass-word",
        "passwort",
        "passwört",
        "phrase",
        "pass code",
        "pass-code",
        "passcode",
        "passwd",
        "pwd",
        "pw",
    ),
    *(
        "kennw",
        "zugangs",
        "de passe",
        "mdp",
        "contrase",
        "clave",
        "parola",
        "chiave",
        "clé",
        "code d",
        "credenci",
        "credenz",
    ),
    *(
        "credential",
        "identifiant",
        "schlüssel",
        "wlan",
        "wifi",
        "wi-fi",
        "wpa",
        "wep ",
        "network ",
        "login",
        "密码",
        "密碼",
        "口令",
        "暗号",
        "密钥",
        "密鑰",
    ),
)
_IS = (
    r"(?:,?[ \t](?:is|was|are|remains|reads|ist|war|sind|c['’]est|lautet|lautete|bleibt|est|était|sont|reste|es|era"
    r"|fue|son|sigue siendo|è|sono|rimane|now|jetzt)[ \t]*:?[ \t]+"
    r"|['’]s[ \t]+|[ \t]*(?:[:=：]|->|→|=>)[ \t]*|(?:就是|仍是|还是|是|为|為|叫)[ \t]*:?[ \t]*)"
)
_TO = r"[ \t](?:to|as|into|from|auf|in|zu|von|en|par|à|a|de|da|desde|por|con|come|als)[ \t]+"
_QUOTED = r"[“\"'«„‘`「『][^\n“”\"'«»`「」『』]{3,80}[”\"'»“’`」』]"
_VALUE = rf"(?P<secret>{_QUOTED}|[“\"'«„‘`][^\n“”\"'«»`]{{3,80}}|[^\s，。；、！？「」]{{4,100}})"
_LOGIN = (
    r"(?:\b(?:log|sign|get)[ -]?(?:in|on|into)\b|\blogin\b|\blogged in\b|\bssh\b|\banmelden\b|\bmeldest?\b"
    r"|\bmelde\b|\beinloggen\b|\blogg?e?\b|\bconnecte[rz]?\b|\bconnexion\b"
    r"|\binicia[r]? sesión\b|\bentra[r]?\b|\bacced[eio]\w{0,4}\b|\baccesso\b|\bcredentials?\b|\bzugangsdaten\b"
    r"|\bidentifiants?\b|\bcredenciales\b|\bcredenziali\b|登录|登入|账号|帳號)"
)
_CODE = (
    r"(?:\bpin(?:[ -](?:code|number|nummer))?\b|\b(?:door|gate|entry|entrance|access|alarm|garage|lock|unlock"
    r"|key ?pad|locker|safe|vault|security|building|lift|elevator|voicemail|sim|puk"
    r"|verification|confirmation|one[- ]time|authenti(?:cation|cator)|login|otp|2fa|backup)[ -](?:code|pin"
    r"|combination|number)\b|\botp\b|\bpuk\b|\b(?:padlock|safe|locker|bike lock) combination\b"
    r"|\bcombination (?:of|for|to) (?:the|my|our) [\w ]{3,20}?\b|\bcode (?:for|to|of|on) (?:the|my"
    r"|our) (?:[a-z]+ )?(?:door|gate|safe|alarm|garage|lock|locker|house|flat|building|bike)\b"
    r"|\bt[üu]rcode\b|\btorcode\b|\balarmcode\b|\bzugangscode\b|\bgeheimzahl\b|\bzahlenschloss\b|\bsafecode\b"
    r"|\bbestätigungscode\b|\bcode f[üu]r (?:die|das|den) [\w-]{3,20}\b"
    r"|\b(?:digi)?code (?:de (?:la |l['’])?|du |d['’])(?:porte|portail|entrée|immeuble|alarme|coffre|garage"
    r"|vérification|sécurité|accès|cadenas)\b|\bdigicode\b|\bcode (?:secret|pin)\b"
    r"|\b(?:código|clave) (?:de (?:la |el )?|del )(?:puerta|portal|alarma|acceso|garaje|caja fuerte|seguridad"
    r"|verificación|candado)\b"
    r"|\bcodice (?:del(?:la |l['’]| )|di |d['’]|della )(?:porta|portone|cancello|allarme|accesso|cassaforte"
    r"|sicurezza|verifica|lucchetto)\b|\bcodice (?:pin|segreto)\b"
    r"|\balarmanlage\b[^.\n\d]{0,15}?\bcode\b|\b(?:entsperr|sperr|handy|geräte)code\b"
    r"|\bcode (?:vom|von der|von meinem|der|des|zum|zur) (?:handy|alarm\w{0,8}|(?:haus)?tür|safe|tresor|"
    r"garage|fahrrad\w{0,8}"
    r"|schloss|schließfach|tor)|(?-i:\b(?:SMS-|m)?TAN\b)"
    r"|\bcode (?:de (?:la |ma |mon )|du )(?:carte(?: bleue| bancaire)?|téléphone|portable|cadenas|casier)\b"
    r"|\b(?:código|clave|pin) (?:de (?:la |mi )|del )(?:tarjeta|móvil|celular|teléfono|cajero|caja)\b"
    r"|\b(?:codice|pin) (?:del(?:la |l['’]| )|di )(?:bancomat|carta|telefono|cellulare|armadietto)\b"
    r"|门禁(?:密码|码)?|门锁密码|开门密码|验证码|驗證碼|安全码|取件码|保险箱密码|支付密码|银行卡密码)"
)
_CODE_LITERALS = (
    *(
        "pin",
        "code",
        "combination",
        "otp",
        "puk",
        "geheimzahl",
        "zahlenschloss",
        "código",
        "clave d",
        "tan",
        "codice",
        "backup number",
    ),
    *("门禁", "密码", "验证码", "驗證碼", "安全码", "取件码"),
)
_CVV = (
    r"(?:\bcvv2?\b|\bcvc2?\b|\bcsc\b|\b(?:karten)?prüf(?:nummer|ziffer)\b|\bcryptogramme(?: visuel)?\b"
    r"|\bcódigo cvv\b|\bsicherheitscode\b|\bcode de sécurité\b|\bcódigo de seguridad\b|\bcodice di sicurezza\b"
    r"|\bsecurity code\b|\bcard verification (?:code|value)\b|卡背|背面三位)"
)
_DOCUMENT = (
    r"(?:\bpassport\b|\b(?:reise)?pass(?:nummer|-nr)\b|\breisepass\b|\bpersonalausweis(?:nummer)?\b"
    r"|\bausweisnummer\b|\bpasseport\b|\bcarte d['’]identité\b|\bpasaporte\b|\bdni\b|\bpassaporto\b"
    r"|\bcarta d['’]identità\b|\bdriv(?:er|ing)['’]?s? licen[cs]e\b|\bführerschein(?:nummer)?\b"
    r"|\bpermis de conduire\b|\bnational insurance\b|\bnhs number\b|\bsocial security\b|\bssn\b|\btax id\b"
    r"|\bsteuer-?(?:id|nummer)\b"
    r"|\bsozialversicherungsnummer\b|\bnuméro (?:de sécurité sociale|fiscal)\b|\bcodice fiscale\b"
    r"|\bnúmero de la seguridad social\b|\baccount (?:number|no\.?)|\bkontonummer\b|\brouting number\b|\bsort code\b"
    r"|\bnuméro de compte\b|\bnúmero de cuenta\b|\bnumero di conto\b|\bgreen card number\b|\bvisa number\b"
    r"|护照(?:号码?)?|身份证(?:号码?)?|银行(?:账号|卡号)|账号)"
)
_SEED = (
    r"(?:\bseed(?: phrase| words?)?\b|\b(?:secret )?recovery (?:phrase|words)\b|\bmnemonic\b|\bwallet (?:words"
    r"|phrase)\b|\bbackup phrase\b|\bwiederherstellungs(?:phrase|wörter)\b|\bseed-?phrase\b"
    r"|\bphrase de récupération\b|\bphrase secrète\b|\bfrase (?:semilla|de recuperación|seed|di recupero|segreta)\b"
    r"|助记词|種子)"
)
_BACKUP = (
    r"(?:\b(?:recovery|backup|back-up|emergency|scratch|rescue) (?:codes?|keys?)\b|\bwiederherstellungs(?:codes?"
    r"|schlüssel)\b|\bbackup-?codes?\b|\bnotfallcodes?\b|\bcodes? de (?:secours|récupération|sauvegarde)\b"
    r"|\bcódigos? de (?:recuperación|respaldo|seguridad)\b|\bcodic[ei] di (?:recupero|backup|emergenza)\b|恢复码|备用码"
    r"|备份码|恢复代码|恢复密钥)"
)
_KEY = (
    r"(?:\b(?:api|secret|access|private|auth\w{0,11}|encryption|licen[cs]e)[ -]?(?:key|token)\b|\baccess token\b"
    r"|\bapi-?schlüssel\b|\bzugriffstoken\b|\bclé (?:d['’]api|api|secrète)\b|\bjeton d['’]accès\b"
    r"|\bclave (?:de |la )?api\b|\btoken de acceso\b|\bchiave (?:api|segreta)\b|\btoken di accesso\b|密钥|令牌)"
)
_LOCK = (
    r"(?:\b(?:pad|bike |door )?lock(?:er)?\b|\bsafe\b|\bcombination\b|\b\w{0,20}schloss\b|\btresor\b|"
    r"\b(?:zahlen)?kombination\b"
    r"|\bcadenas\b|\bcoffre\b|\bcombinaison\b|\bcandado\b|\bcaja fuerte\b|\bcombinación\b|\blucchetto\b|\bcassaforte\b"
    r"|\bcombinazione\b)"
)
_OPENS = (
    r"(?:[:=]|\b(?:is|ist|lautet|est|es|è)\b|\bopens (?:with|on|to|at)\b|\böffnet (?:sich )?(?:mit|bei)"
    r"\b|\bs['’]ouvre avec\b"
    r"|\bse abre con\b|\bsi apre con\b|\bcombination\b|\bkombination\b|\bcombinaison\b|\bcombinación\b|"
    r"\bcombinazione\b)"
)
_COMBINATION = r"(?:\b(?:lock|safe) combination\b|\bzahlenkombination\b)"
_I = re.IGNORECASE
_REACH, _LONG_REACH = 300, 1_000  # the longest matches, with room to see what follows
_AT = r"[ \t]{0,2}(?:\(at\)|\[at\]|\{at\}|<at>|\(a\)|\(ät\)|\(arobase\)|\(arroba\)|\(chiocciola\)|（at）)[ \t]{0,2}"
_DOT = r"[ \t]{0,2}(?:\.|\(dot\)|\[dot\]|\{dot\}|<dot>|\(punkt\)|\(point\)|\(punto\))[ \t]{0,2}"
_TLD = r"(?:com|org|net|edu|gov|io|co|dev|me|info|eu|uk|de|fr|es|it|cn|at|ch|nl)"

SAID_RULES: tuple[Rule, ...] = (
    rule(  # a seed phrase that is announced, in one line or a numbered list
        "token",
        rf"{_SEED}[^\n]{{0,60}}?(?:[:：]|\b(?:is|ist|est|es|è)\b|是"
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
        rf"{_BACKUP}[^\n\d]{{0,50}}?[:：\s][\s>*•-]{{0,8}}(?P<secret>(?=[^\n]{{0,12}}\d)[A-Za-z0-9]{{3,8}}"
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
        rf"^[ \t>*+-]*(?:[\w'’-]+ ){{0,3}}(?:[\w-]*{_PASSWORD})[ \t]*[:=：][ \t]*(?P<secret>[^\s:=]\S{{0,100}}"
        rf"(?: \S{{1,100}}){{0,7}})[ \t]*$",
        *_PASSWORD_LITERALS,
        trim=is_line,
        flags=_I | re.MULTILINE,
        reach=_LONG_REACH,
    ),
    rule(
        "password",
        rf"{_PASSWORD}[^.\n。]{{0,40}}?{_IS}{_VALUE}",
        *_PASSWORD_LITERALS,
        trim=is_said_password,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"{_PASSWORD}[^.\n。]{{0,40}}?{_IS}(?P<secret>(?:[^\W\d_]{{3,12}}[ -]){{3,11}}[^\W\d_]{{3,12}})(?=[ \t]*"
        rf"(?:[.,;!?\n]|\Z))",
        *_PASSWORD_LITERALS,
        trim=is_phrase,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"{_PASSWORD}[^.\n。]{{0,40}}?{_TO}{_VALUE}",
        *_PASSWORD_LITERALS,
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"{_PASSWORD}(?:\?? ?[ \t][(]?|[^.\n。]{{0,40}}?,[ \t](?=[^\s,]{{4,100}},)|(?<=[码碼令])){_VALUE}",
        *_PASSWORD_LITERALS,
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"(?<!\S)(?P<secret>[^\s，。]{{5,60}})(?:[ \t]+(?:is|was|ist|war|est|était|es|era|è|works as"
        rf"|dient als)[ \t]+|[ \t]*(?:是|就是)[ \t]*|[ \t]{{1,2}}\()(?:[\w'’]{{1,12}}[ \t]+){{0,3}}{_PASSWORD}",
        *_PASSWORD_LITERALS,
        trim=is_strong,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"{_LOGIN}[^.\n。]{{0,40}}?(?:\b(?:with|as|using|mit|als|avec|comme|con|como|come)\b|[:：]"
        rf"|用)[ \t]*(?:(?:user(?:name)?|benutzer|utilisateur|usuario|utente|用户名?)[ \t:]{{0,3}})?[\w.@+-]{{1,40}}"
        rf"[ \t]*(?:[/|,;:+，、]|\band\b|\bwith\b|\busing\b|\bund\b|\bmit\b|\bet\b|\bavec\b|\by\b|\be\b|\bcon\b|"
        rf"和|加)[ \t]*(?:[\w'’]{{1,10}}[ \t]+){{0,2}}"
        rf"{_VALUE}",
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
        rf"[ \t:][\w.@+-]{{1,40}}:){_VALUE}",
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
        rf"{_KEY}[^.\n。]{{0,30}}?{_IS}(?P<secret>(?=[A-Za-z_-]{{0,40}}\d)[A-Za-z0-9_-]{{16,200}})(?![\w-])",
        *("key", "token", "schlüssel", "clé", "clave", "chiave", "密钥", "令牌"),
        trim=is_encoded_run,
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "pin",
        rf"(?:{_LOCK}[^.\n\d]{{0,40}}?{_OPENS}|{_COMBINATION})[ \t]*(?P<secret>\d{{1,2}}(?:-\d{{1,2}}){{2,5}})"
        rf"(?![\d-])",
        *("lock", "safe", "combination", "schloss", "tresor", "kombination", "cadenas", "coffre", "combinaison"),
        *("candado", "caja fuerte", "combinaci", "lucchetto", "cassaforte", "combinazione"),
        flags=_I,
        reach=_REACH,
    ),
    rule(
        "password",
        rf"用[ \t]?[A-Za-z0-9.@_+-]{{1,40}}[ \t]{{0,2}}[/，、和][ \t]{{0,2}}{_VALUE}",
        "登录",
        "登入",
        trim=is_strong,
    ),
    rule(
        "pin",
        rf"{_CVV}[^.\n\d]{{0,25}}?(?:\d\d/\d\d(?:\d\d)?[ ,;]{{1,3}})?(?P<secret>(?<![\w.])\d{{3,4}})(?![\w.-]\d|\w)",
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
        rf"{_CODE}[^.\n\d。？！?!]{{0,30}}?(?P<secret>(?<![A-Za-z0-9_.-])(?:[#*]"
        rf"|(?-i:[A-Z]))?\d(?:[ -]?\d){{3,9}}(?:[#*]|(?-i:[A-Z])\b)?|(?-i:\d{{1,3}}[A-Z]\d{{2,4}}))"
        rf"(?![A-Za-z0-9_-]|[.,:]\d)",
        *_CODE_LITERALS,
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
        rf"{_DOCUMENT}[^.\n\d]{{0,30}}?[ \t:：#.号是为]{{0,6}}(?P<secret>"
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
