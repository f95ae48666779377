"""Keys of many makers, invented here with random letters, in the lines in which people keep them."""

from __future__ import annotations

import random
import re
import string
import time
import tomllib

import pytest

from shadowpen.daemon.privacy import update_provider_rules
from shadowpen.daemon.privacy.provider_rules import provider_rules
from shadowpen.daemon.privacy.redaction import find, redact
from shadowpen.daemon.privacy.rules import all_rules

_DICE = random.Random(23)
_LETTERS = {
    "a": string.ascii_letters + string.digits,
    "h": "0123456789abcdef",
    "A": string.ascii_uppercase + string.digits,
    "d": string.digits,
}

# `{a40}` is 40 letters and digits, h hexadecimal, A capitals, d digits; U a UUID.
KEYS = """
DB_PASSWORD=hunter2hunter
export GITHUB_TOKEN={a40}
SECRET_KEY_BASE={a64}
DJANGO_SECRET_KEY="{a50}"
POSTGRES_PASSWORD=correct horse battery
dbPassword: {a12}
"refresh_token": "{h40}"
X-Api-Key: {a32}
refresh_token={a40}
Cookie: session={a40}
Set-Cookie: sid={h32}; Path=/; HttpOnly
session_id={h32}
Authorization: Basic YWRtaW46UzNjcmV0IXB3
Authorization: Token {h40}
DATABASE_URL=postgres://app:{a16}@db.internal/app
redis://:{a20}@cache.internal:6379/0
https://example.org/hook?token={a24}
DefaultEndpointsProtocol=https;AccountName=x;AccountKey={a86}==
https://x.blob.core.windows.net/c?sv=2024-01-01&se=2025-01-01&sr=b&sig={a42}%3D
Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey={a43}=
{a3}8Q~{a34}
sk_live_{a24}
rk_live_{a24}
whsec_{a32}
key-{h32}
{h32}-{h8}-{h8}
shpat_{h32}
shpss_{h32}
dop_v1_{h64}
lin_api_{a40}
ntn_{a46}
secret_{a43}
gsk_{a52}
xai-{a80}
pplx-{a48}
PMAK-{h24}-{h34}
glsa_{a32}_{h8}
glc_{a60}
NRAK-{A27}
figd_{a40}
sk-{a48}
sk-proj-{a60}
sk-ant-api03-{a93}AA
sk-or-v1-{h64}
sk-lf-{U}
hf_{a34}
r8_{a37}
nvapi-{a64}
tvly-{a32}
fc-{h32}
csk-{a48}
pcsk_{a60}
tgp_v1_{a43}
ghp_{a36}
gho_{a36}
github_pat_{a22}_{a59}
glpat-{a20}
glrtr-{a20}
ATATT3{a180}
ATBB{a32}
AKIA{A16}
ABSK{a120}
AIza{a35}
ya29.{a60}
GOCSPX-{a28}
1//0{a40}
xoxb-{d12}-{d12}-{a24}
xapp-1-{A10}-{d12}-{h64}
https://hooks.slack.com/services/T{A8}/B{A8}/{a24}
https://discord.com/api/webhooks/{d18}/{a68}
M{a23}.{a6}.{a27}
npm_{a36}
pypi-AgEIcHlwaS5vcmc{a60}
rubygems_{h48}
dckr_pat_{a27}
SG.{a22}.{a43}
SK{h32}
{d9}:AA{a33}
xkeysib-{h64}-{a16}
{h32}-us14
dapi{h32}
hvs.{a40}
{a14}.atlasv1.{a64}
pul-{h40}
pscale_tkn_{a43}
sbp_{h40}
napi_{a64}
nfp_{a40}
tskey-auth-{a17}-{a32}
sntrys_eyJ{a120}
sgp_{h40}
squ_{h40}
pat-na1-{U}
pat{a14}.{h64}
dp.pt.{a43}
EZAK{a54}
duffel_live_{a43}
shippo_live_{h40}
access-production-{U}
EAAA{a60}
sq0csp-{a43}
A3-{A6}-{A11}-{A5}-{A5}-{A5}
AGE-SECRET-KEY-1{A58}
JBSW Y3DP EHPK 3PXP
otpauth://totp/x?secret={A16}
{A5}-{A5}-{A5}-{A5}-{A5}
xprv{a107}
lsv2_pt_{h32}_{h10}
api_token: {h40}
""".strip().splitlines()


def _drawn(what: str) -> str:
    if what == "U":
        return "-".join("".join(_DICE.choices(_LETTERS["h"], k=length)) for length in (8, 4, 4, 4, 12))
    drawn = _DICE.choices(_LETTERS[what[0]], k=int(what[1:]))
    if what[0] != "d" and len(drawn) > 3:
        drawn[1], drawn[2] = "4", "A" if what[0] != "h" else "a"
    return "".join(drawn)


@pytest.mark.parametrize("shape", KEYS)
def test_a_key_is_taken_out(shape: str) -> None:
    for _ in range(5):
        drawn = [_drawn(wanted) for wanted in re.findall(r"\{(\w+)\}", shape)]
        line = re.sub(r"\{\w+\}", "{}", shape).format(*drawn)

        cleaned, findings = redact(f"so I wrote\n{line}\nand went on")

        assert findings, line
        assert not [piece for piece in drawn if len(piece) >= 12 and piece in cleaned], (line, cleaned)


def test_there_are_as_many_kinds_as_were_promised() -> None:
    assert len(KEYS) >= 96


def test_every_rule_can_be_read_and_names_what_must_occur() -> None:
    assert len({rule.source for rule in provider_rules()}) >= 100
    for rule in provider_rules():
        assert rule.pattern
        assert rule.literals
        assert all(literal == literal.lower() for literal in rule.literals)


_SEEDS = (
    *(
        "a",
        "1 ",
        "aB3",
        "a@",
        "AB12 ",
        "x=",
        "a-",
        "a_",
        "0",
        "1-",
        "1.",
        "password ",
        "password is ",
        "a at ",
        " dot ",
    ),
    *("token=", "secret_", "-----BEGIN PRIVATE KEY", "a://", "pin ", "密码", "ABCD ", "abcde-", "\n", "eyJa.", "sk-"),
    *("login with ", "seed phrase ", "1. word ", "cookie: ", "12 34 ", "A2B3 ", "&sig=", "passport ", "recovery code "),
)


@pytest.mark.parametrize("seed", _SEEDS)
def test_no_text_of_the_longest_edit_takes_long(seed: str) -> None:
    text = (seed * 16_000)[:16_000]

    steps = [_spent(rule.pattern, text) for rule in all_rules()]

    assert max(steps) < 5  # seconds of this thread, where a pattern that goes astray takes hours


def _spent(pattern: re.Pattern[str], text: str) -> float:
    start = time.thread_time()
    for _ in pattern.finditer(text + " password: private key ://"):
        pass
    return time.thread_time() - start


_CONFIGURATION = r"""
[[rules]]
id = "house"
regex = '''(?i)[\w.-]{0,50}?(?:house)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|:)[\x60'"\s=]{0,5}([a-z0-9]{8})(?:;|$)\z'''
keywords = ["house"]

[[rules]]
id = "flagged"
regex = '''\b(p8e-(?i)[[:xdigit:]]{4})(?:;|$)'''
entropy = 2
keywords = ["p8e-"]

[[rules]]
id = "files"
path = '''\.p12$'''

[[rules]]
id = "unreadable"
regex = '''\pL+'''
keywords = ["x"]
"""


def test_a_configuration_of_gitleaks_becomes_a_table() -> None:
    taken, left_out = update_provider_rules.converted(tomllib.loads(_CONFIGURATION))

    house, flagged = taken
    assert re.search(house["regex"], "my HOUSE: ab12cd34")["secret"] == "ab12cd34"  # type: ignore[index]
    assert re.search(flagged["regex"], "p8e-ABCD;")["secret"] == "p8e-ABCD"  # type: ignore[index]
    assert flagged["entropy"] == 2
    assert [line.partition(":")[0] for line in left_out] == ["files", "unreadable"]


def test_letters_that_change_their_number_in_lower_case_move_no_place() -> None:
    text = "İİİİ the password is hunter22 and more"

    (finding,) = find(text)

    assert text[finding.start : finding.end] == "hunter22"
