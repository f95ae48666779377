"""The table of what counts as a secret: credentials, account numbers, ways to reach a person.

Each rule is a pattern, literals of which one must occur before the pattern is tried (most text holds none, and
that is what makes scanning cheap), and a check that throws out look-alikes. The patterns of provider keys follow
the public gitleaks rules; card and account numbers are proved by their check digits. This file knows neither
files nor the journal; `redaction` applies it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from shadowpen.daemon.privacy.look_alikes import is_card, is_phone, is_random, is_said_password, trim_iban


@dataclass(frozen=True)
class Rule:
    """`kind` names the placeholder; the group `secret`, else the whole match, is what is taken out.

    `literals` are lower case and looked for in the lower-cased text; none means: always try.
    `trim` may shorten what was matched, "" refuses it.
    """

    kind: str
    pattern: re.Pattern[str]
    literals: tuple[str, ...] = ()
    trim: Callable[[str, str], str] | None = None


def _rule(
    kind: str, pattern: str, *literals: str, trim: Callable[[str, str], str] | None = None, flags: int = 0
) -> Rule:
    return Rule(kind, re.compile(pattern, flags), literals, trim)


def _only(check: Callable[[str], bool]) -> Callable[[str, str], str]:
    return lambda secret, _before: secret if check(secret) else ""


# A key may not go on to the left: `ask-...` holds no `sk-...`.
_START = r"(?<![A-Za-z0-9_-])"
_ASSIGNED = (
    r"(?:api[_ -]?key|access[_ -]?key|secret[_ -]?key|client[_ -]?secret|private[_ -]?key"
    r"|secret|token|passwd|password|pwd)"
)
_SAID = r"\b(?:password|passphrase|pass ?code|pass ?word|passwort|kennwort|mot de passe|contraseña)\b"

RULES: tuple[Rule, ...] = (
    _rule(
        "private-key",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
        "private key",
        flags=re.DOTALL,
    ),
    _rule(
        "private-key",
        r"(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/=]{16,}+\s{1,8}+){1,200}+-----END [A-Z0-9 ]*PRIVATE KEY",
        "-----end ",
    ),
    _rule("api-key", _START + r"sk-(?:proj-|svcacct-|admin-|ant-|or-)?[A-Za-z0-9_-]{20,}", "sk-"),
    _rule("api-key", _START + r"hf_[A-Za-z0-9]{20,}", "hf_"),
    _rule("api-key", _START + r"(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})", "gh", "github_pat_"),
    _rule("api-key", _START + r"gl(?:pat|dt|rt|cbt|ptt|ft)-[A-Za-z0-9_-]{20,}", "gl"),
    _rule(
        "api-key", _START + r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}\b", "akia", "asia", "abia", "acca", "a3t"
    ),
    _rule("api-key", _START + r"AIza[A-Za-z0-9_-]{35}", "aiza"),
    _rule("api-key", _START + r"(?:GOCSPX-[A-Za-z0-9_-]{20,}|ya29\.[A-Za-z0-9_-]{20,})", "gocspx-", "ya29."),
    _rule("api-key", _START + r"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}", "xox", "xapp-"),
    _rule("api-key", r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_+-]{20,}", "hooks.slack.com"),
    _rule("api-key", _START + r"[srp]k_(?:live|test|prod)_[A-Za-z0-9]{10,}", "k_live_", "k_test_", "k_prod_"),
    _rule("api-key", _START + r"npm_[A-Za-z0-9]{30,}", "npm_"),
    _rule("api-key", _START + r"pypi-AgEI[A-Za-z0-9_-]{30,}", "pypi-agei"),
    _rule("api-key", _START + r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}", "sg."),
    _rule("api-key", _START + r"(?:SK|AC)[0-9a-f]{32}\b", "sk", "ac"),
    _rule("api-key", _START + r"\d{8,10}:AA[A-Za-z0-9_-]{30,}", ":aa"),
    _rule("api-key", _START + r"AGE-SECRET-KEY-1[A-Z0-9]{50,}", "age-secret-key-"),
    _rule("token", _START + r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?", "eyj"),
    _rule("token", r"\b[Bb]earer\s+(?P<secret>[A-Za-z0-9._~+/-]{16,}=*)", "bearer", trim=_only(is_random)),
    _rule("password", r"\b[A-Za-z][A-Za-z0-9+.-]*://(?P<secret>[^\s/:@<>\"']*:[^\s/@<>\"']+)@", "://"),
    _rule(
        "password",
        rf"^[ \t>*+-]*(?:[\w']+ ){{0,3}}{_SAID}[ \t]*[:=][ \t]*(?P<secret>\S+(?: \S+){{0,7}})[ \t]*$",
        *("pass", "kennwort", "contraseña"),
        flags=re.IGNORECASE | re.MULTILINE,
    ),
    _rule(
        "password",
        rf"\b{_ASSIGNED}\b[\"']?[ \t]*[:=][ \t]*(?P<secret>\"[^\"\n]{{4,}}\"|'[^'\n]{{4,}}'|[^\s,;\"')\]}}]{{4,}})",
        *("key", "secret", "token", "passwd", "password", "pwd"),
        trim=is_said_password,
        flags=re.IGNORECASE,
    ),
    _rule(
        "password",
        rf"{_SAID}[^.\n]{{0,30}}?(?:[ \t](?:is|was|ist|est|es|are)|:)[ \t]+"
        r"(?P<secret>[“\"'«„‘`][^\n“”\"'«»`]{3,80}|\S{4,})",
        *("pass", "kennwort", "contraseña"),
        trim=is_said_password,
        flags=re.IGNORECASE,
    ),
    _rule(
        "pin",
        r"\bPIN(?: (?:code|number))?\b[^.\n]{0,25}?(?:\s(?:is|was|ist)|:|=)?\s*(?P<secret>\d{4,8})\b",
        "pin",
        flags=re.IGNORECASE,
    ),
    _rule("iban", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b", trim=trim_iban),
    _rule("card", r"(?<![\d.-])(?:\d[ -]?){12,18}\d(?![\d-])", trim=_only(is_card)),
    _rule("id-number", r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])", "-"),
    _rule("email", r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}\b", "@"),
    _rule(
        "phone",
        r"(?<![\w.+/-])(?<!\d )(?:\+|00)[1-9]\d{0,2}(?:[ ./-]?\(?\d{1,5}\)?){2,6}(?![\w-])",
        trim=_only(is_phone),
    ),
    _rule("phone", r"(?<![\w.+/-])(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4}(?![\w-])"),
    _rule("phone", r"(?<![\w.+/-])(?<!\d )0\d{2,5}[ /]\d{3,4}(?:[ -]?\d{2,5}){1,3}(?![\w-])", trim=_only(is_phone)),
    # Addresses are passed over whole: what is secret in one is assigned with = or stands before an @.
    _rule(
        "token",
        r"https?://\S+|(?<![\w+/=-])(?P<secret>[A-Za-z0-9+/_-]{20,}={0,2})(?![\w+/=])",
        trim=_only(is_random),
    ),
)
