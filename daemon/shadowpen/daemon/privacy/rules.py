"""The table of what counts as a secret: credentials, account numbers, ways to reach a person.

Each rule is a pattern, literals of which one must occur before the pattern is tried (most text holds none, and
that is what makes scanning cheap), and a check that throws out look-alikes. Card and account numbers are proved by
their check digits. Keys that are known by their maker's shape are data (`provider_rules`), what is said of passwords
in words stands in `said_rules`. This file knows neither files nor the journal; `redaction` applies it.
"""

from __future__ import annotations

import re
from functools import cache

from shadowpen.daemon.privacy.look_alikes import (
    has_digits_and_letters,
    is_assigned,
    is_base32,
    is_card,
    is_chinese_id,
    is_chinese_mobile,
    is_encoded,
    is_phone,
    is_random,
    is_said_phone,
    trim_iban,
)
from shadowpen.daemon.privacy.provider_rules import provider_rules
from shadowpen.daemon.privacy.rule import Rule, only, rule
from shadowpen.daemon.privacy.said_rules import SAID_RULES

# A key may not go on to the left: `ask-...` holds no `sk-...`.
_START = r"(?<![A-Za-z0-9_-])"
# What a name may have before and after these: DB_PASSWORD, secretKeyBase, X-Api-Key.
_NAME_START = r"(?:(?<![A-Za-z])|(?-i:(?<=[a-z0-9])(?=[A-Z])))"
_NAME_END = r"(?:[_-][A-Za-z0-9_-]{1,40}|(?-i:[A-Z][A-Za-z0-9]{1,30}))?(?![A-Za-z0-9_])"
_ASSIGNED = (
    r"(?:(?:api|app|access|secret|private|account|auth|encryption|signing|master|service|license|shared|storage"
    r"|webhook)"
    r"[_ -]?(?:access[_ -]?)?key|client[_ -]?secret|secret|token|passwd|password|passphrase|pwd|pass|pw"
    r"|credentials?|apikey"
    r"|(?:php|j|asp(?:\.net_)?)?sess(?:ion)?[_-]?id|authorization|mdp|kennwort|passwort)"
)
_ASSIGNED_LITERALS = ("key", "secret", "token", "pass", "pwd", "pw", "credential", "sess", "auth", "mdp", "kennwort")
_QUOTED_OR_WORD = r"\"[^\"\n]{4,200}\"|'[^'\n]{4,200}'|[^\s,;\"')\]}&]{4,}"

KEY_RULES: tuple[Rule, ...] = (
    rule(
        "private-key",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
        "private key",
        flags=re.DOTALL,
    ),
    rule(
        "private-key",
        r"(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/=]{16,}+\s{1,8}+){1,200}+-----END [A-Z0-9 ]*PRIVATE KEY",
        "-----end ",
    ),
    rule("api-key", _START + r"sk-(?:proj-|svcacct-|admin-|ant-|or-)?[A-Za-z0-9_-]{20,}", "sk-"),
    rule("api-key", _START + r"hf_[A-Za-z0-9]{20,}", "hf_"),
    rule("api-key", _START + r"(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})", "gh", "github_pat_"),
    rule("api-key", _START + r"gl(?:pat|dt|rt|cbt|ptt|ft)-[A-Za-z0-9_-]{20,}", "gl"),
    rule(
        "api-key", _START + r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}\b", "akia", "asia", "abia", "acca", "a3t"
    ),
    rule("api-key", _START + r"AIza[A-Za-z0-9_-]{35}", "aiza"),
    rule("api-key", _START + r"(?:GOCSPX-[A-Za-z0-9_-]{20,}|ya29\.[A-Za-z0-9_-]{20,})", "gocspx-", "ya29."),
    rule("api-key", _START + r"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}", "xox", "xapp-"),
    rule("api-key", r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_+-]{20,}", "hooks.slack.com"),
    rule("api-key", _START + r"[srp]k_(?:live|test|prod)_[A-Za-z0-9]{10,}", "k_live_", "k_test_", "k_prod_"),
    rule("api-key", _START + r"npm_[A-Za-z0-9]{30,}", "npm_"),
    rule("api-key", _START + r"pypi-AgEI[A-Za-z0-9_-]{30,}", "pypi-agei"),
    rule("api-key", _START + r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}", "sg."),
    rule("api-key", _START + r"(?:SK|AC)[0-9a-f]{32}\b", "sk", "ac"),
    rule("api-key", _START + r"\d{8,10}:AA[A-Za-z0-9_-]{30,}", ":aa"),
    rule("api-key", _START + r"AGE-SECRET-KEY-1[A-Z0-9]{50,}", "age-secret-key-"),
    rule("token", _START + r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?", "eyj"),
    rule("token", r"\b[Bb]earer\s+(?P<secret>[A-Za-z0-9._~+/-]{16,}=*)", "bearer", trim=only(is_random)),
    rule("password", r"\b[A-Za-z][A-Za-z0-9+.-]{0,30}://(?P<secret>[^\s/:@<>\"']{0,200}:[^\s/@<>\"']{1,300})@", "://"),
    rule(
        "token",
        r"^[ \t>]*(?:set-)?cookie2?[ \t]*:[ \t]*(?P<secret>[^\s=;]{1,80}=[^\n]{4,})",
        "cookie",
        flags=re.IGNORECASE | re.MULTILINE,
    ),
    rule(
        "token",
        r"\bauthorization[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"']?(?:basic|bearer|token|digest"
        r"|apikey)[ \t]{1,3}(?P<secret>[^\s\"',`]{6,})",
        "authorization",
        trim=is_encoded,
        flags=re.IGNORECASE,
    ),
    rule(  # a line of an environment file, to its end
        "password",
        r"^[ \t>]*(?:export[ \t]+|set[ \t]+|\$env:)?(?=[A-Z0-9_]{0,60}(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN"
        r"|API_?KEY"
        r"|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?)[A-Z0-9_]{0,40}=)[A-Z0-9_]{1,110}=(?P<secret>[^\s#][^\n]{3,})",
        *("password", "passwd", "passphrase", "secret", "token", "key", "credential"),
        trim=is_assigned,
        flags=re.MULTILINE,
    ),
    rule(
        "password",
        rf"{_NAME_START}{_ASSIGNED}{_NAME_END}[\"'`]?[ \t]{{0,8}}(?::=|=>"
        rf"|[:=])[ \t]{{0,8}}(?P<secret>{_QUOTED_OR_WORD})",
        *_ASSIGNED_LITERALS,
        trim=is_assigned,
        flags=re.IGNORECASE,
    ),
)

# What is told to programs on their command line, and between the tags of a settings file.
COMMAND_RULES: tuple[Rule, ...] = (
    rule(
        "password",
        r"\bmy(?:sql(?:dump|admin)?|cli)\b[^\n|;&]{0,200}?[ \t](?:-p|--password=)(?P<secret>[^\s\"']{4,100}|"
        r"\"[^\"\n]{4,100}\"|'[^'\n]{4,100}')",
        "mysql",
        "mycli",
    ),
    rule(
        "password",
        r"\b(?:curl|wget|rclone|svn|smbclient|ldapsearch)\b[^\n|;&]{0,200}?[ \t](?:-u|-U|-a|--user|--auth|"
        r"--proxy-user)[ \t=]{0,2}"
        r"[\"']?[\w.@+\\%-]{1,60}[:%](?P<secret>[^\s\"']{4,100})",
        *("curl", "wget", "rclone", "svn", "smbclient", "ldapsearch"),
    ),
    rule(
        "password",
        r"\b(?:sshpass[ \t]+-p|redis-cli\b[^\n|;&]{0,120}?[ \t]-a|(?:docker|podman|helm|az|oc|npm)"
        r"[ \t][^\n|;&]{0,160}?\blogin\b"
        r"[^\n|;&]{0,120}?[ \t]-p|ldap\w{1,12}\b[^\n|;&]{0,160}?[ \t]-w|"
        r"htpasswd[ \t]+-[a-zA-Z]*b[a-zA-Z]*[ \t]+\S{1,100}[ \t]+\S{1,60})"
        r"[ \t]{0,2}(?P<secret>\"[^\"\n]{4,100}\"|'[^'\n]{4,100}'|[^\s\"']{4,100})",
        *("sshpass", "redis-cli", "login", "ldap", "htpasswd"),
    ),
    rule(
        "password",
        r"(?<!\S)--?(?:pass(?:word|wd|phrase)?|pwd|token|secret|api-?key|auth-?token|access-?token|passin)"
        r"[ \t=](?:pass:)?"
        r"(?P<secret>\"[^\"\n]{4,200}\"|'[^'\n]{4,200}'|[^\s\"'-][^\s\"']{3,200})",
        *("-pass", "-pwd", "-token", "-secret", "-api", "-auth", "-access"),
        trim=is_assigned,
        flags=re.IGNORECASE,
    ),
    rule(
        "password",
        r"<(?P<tag>[\w:.-]{0,40}(?:password|passwd|pwd|passphrase|secret|token|api-?key))(?:[ \t][^<>\n]{0,100})?>"
        r"(?P<secret>[^<>\s][^<>\n]{3,200})</(?P=tag)>",
        *("password>", "passwd>", "pwd>", "passphrase>", "secret>", "token>", "key>"),
        trim=is_assigned,
        flags=re.IGNORECASE,
    ),
)

PERSONAL_RULES: tuple[Rule, ...] = (
    rule("iban", r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])", trim=trim_iban),
    rule("card", r"(?<![\d.-])(?:\d[ -]?){12,18}\d(?![\d-])", trim=only(is_card)),
    rule("id-number", r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])", "-"),
    rule(
        "email",
        r"[A-Za-z0-9._%+'-]{1,64}[@＠][A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}\.[A-Za-z]{2,24}(?![A-Za-z0-9])",
        "@",
        "＠",
    ),
    rule(
        "phone",
        r"(?<![A-Za-z0-9À-ɏ_.+/-])(?<!\d )(?:\+|00)[1-9]\d{0,2}(?:[ ./-]?\(?\d{1,5}\)?){2,6}(?![A-Za-z0-9À-ɏ_-])",
        trim=only(is_phone),
    ),
    rule("phone", r"(?<![A-Za-z0-9À-ɏ_.+/-])(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4}(?![A-Za-z0-9À-ɏ_-])"),
    rule(
        "phone",
        r"(?<![A-Za-z0-9À-ɏ_.+/-])(?<!\d )0\d{2,5}[ /]\d{3,4}(?:[ -]?\d{2,5}){1,3}(?![A-Za-z0-9À-ɏ_-])",
        trim=only(is_phone),
    ),
    rule("phone", r"(?<![A-Za-z0-9À-ɏ_.+/-])(?<!\d )0[1-9](?:([ .-])\d\d)(?:\1\d\d){3}(?![A-Za-z0-9À-ɏ_-])"),
    rule(  # a number without any sign of one, behind a word that asks to be called
        "phone",
        r"(?:\b(?:call|ring|text|phone|reach|dial|whatsapp|mobile|cell|tel|nummer|handy|mobil|ruf|anrufen|appelle[rz]?(?:-moi)?|tél|téléphone"
        r"|portable|numéro|ll[aá]ma\w{0,4}|teléfono|móvil|chiama\w{0,3}|telefono|cellulare|numero|número)\b|电话|手机)[^.\n\d]{0,25}?"
        r"(?P<secret>(?<![\d.+/-])\d{2,5}(?:[ .-]?\d{2,5}){2,4})(?![A-Za-z0-9À-ɏ_-])",
        *(
            "call",
            "ring",
            "text",
            "phone",
            "reach",
            "dial",
            "whatsapp",
            "mobil",
            "cell",
            "tel",
            "nummer",
            "handy",
            "ruf",
        ),
        *("appelle", "tél", "portable", "num", "ll", "móvil", "chiama", "núm", "电话", "手机"),
        trim=only(is_said_phone),
        flags=re.IGNORECASE,
        reach=120,
    ),
    rule("id-number", r"\b[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]\b"),  # codice fiscale
    rule(
        "id-number",
        r"(?<![\dA-Za-z])[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dXx](?![\dA-Za-z])",
        trim=only(is_chinese_id),
    ),
    rule(
        "phone",
        r"(?<![A-Za-z0-9À-ɏ_.+/-])(?<!\d )1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![A-Za-z0-9À-ɏ_-])(?![.]\d)",
        trim=only(is_chinese_mobile),
    ),
    rule(  # a one-time password's secret, as it is shown for typing
        "token",
        r"(?<![A-Za-z0-9-])(?:[A-Z2-7]{4}[ -]){3,15}[A-Z2-7]{4}(?![A-Za-z0-9])"
        r"|(?<![a-z0-9-])(?:[a-z2-7]{4} ){3,15}[a-z2-7]{4}(?![a-z0-9])",
        trim=only(is_base32),
    ),
    rule("token", r"otpauth://[^\s\"'<>]+", "otpauth://"),
    rule(
        "api-key",
        r"(?<![A-Za-z0-9-])[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4}(?![A-Za-z0-9-])",
        "-",
        trim=only(has_digits_and_letters),
    ),
    rule(
        "private-key",
        r"(?<![A-Za-z0-9])(?:[xyz]prv[A-Za-z0-9]{100,112}|(?=[a-z0-9]{1,40}[A-Z])[5KL][1-9A-HJ-NP-Za-km-z]{50,51})(?![A-Za-z0-9])",
        trim=is_encoded,
    ),
    rule("token", r"(?<![\d-])\d{6}(?:-\d{6}){7}(?![\d-])", "-"),  # a disk's recovery key
    # Addresses and embedded pictures are passed over whole: what is secret in an address is assigned with = or stands
    # before an @.
    rule(
        "token",
        r"https?://\S+|data:[\w/+.;=-]{1,100},[A-Za-z0-9+/=%_-]+|\b(?:hyper|ipfs|magnet|did|urn|doi):\S+"
        r"|(?<![\w+/-])(?P<secret>[A-Za-z0-9+/_-]{20,}={0,2})(?![\w+/=])",
        trim=only(is_random),
    ),
)


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, those that prove most first: of two that overlap the earlier stands."""
    return (*KEY_RULES, *provider_rules(), *SAID_RULES, *COMMAND_RULES, *PERSONAL_RULES)
