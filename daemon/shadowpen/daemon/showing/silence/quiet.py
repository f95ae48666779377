"""Rules of silence that depend on the place, so that the model need not run.

Each rule has a name, which is the reason that the author is told. Whoever asks for text by a key is refused where a
secret belongs, and nowhere else.
"""

from __future__ import annotations

import re

from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.markup import headings, spots
from shadowpen.daemon.showing.silence import presets
from shadowpen.daemon.showing.silence.presets import DocumentKind
from shadowpen.daemon.wire.protocol import Complete

_NO_BLANKS_FROM = "\u2e80"  # Chinese and Japanese write words without blanks between them
_AFTER = {"deleted": "after_deletion", "pasted": "after_paste", "undone": "after_undo"}


def why_never(request: Complete) -> str:
    """The name of the rule that forbids to suggest anything here, even if asked; "" when none does."""
    return "asks_for_secret" if asks_for_secret(request.prefix) else ""


def why_silent(request: Complete, settings: CompletionSettings, *, mends_words: bool = True) -> str:
    """The name of the rule that forbids to suggest anything here; "" when none does.

    `mends_words`: what is typed between two letters mends the word that they are in, as far as anybody knows.
    """
    if request.explicit:
        return ""
    if request.language in settings.off_languages:
        return "off_language"
    if mends_words and _is_inside_word(request.prefix[-1:], request.suffix[:1]):
        return "inside_word"
    if request.last_edit in _AFTER:
        return _AFTER[request.last_edit]
    if presets.preset(request.language).kind is DocumentKind.CODE:
        return _in_program(request, settings)
    if settings.off_headings and _is_under(settings.off_headings, request):
        return "off_heading"
    spot = spots.spot(request.prefix, request.language)
    return f"in_{spot}" if spot in spots.SILENT else ""


def _is_under(names: list[str], request: Complete) -> bool:
    return headings.is_under(headings.above(request.prefix, request.language, request.headings), names)


def _is_inside_word(before: str, after: str) -> bool:
    return before.isalnum() and after.isalnum() and max(before, after) < _NO_BLANKS_FROM


def _in_program(request: Complete, settings: CompletionSettings) -> str:
    if settings.code == "on" or (settings.code == "comments" and presets.in_comment(request.prefix)):
        return ""
    return "in_code"


# Prompts for a secret at the cursor: "Password:", "login token", "recovery answer".
#
# Whatever a model puts there is made up, or somebody's. Labels are known in English, German, French, Spanish, Italian,
# Portuguese and Chinese. A label counts where it is all of its line, or where a colon or an equals sign follows it; a
# sentence about passwords is like any other.
_ENGLISH = r"""
    (?:[\w-]+\ )?(?:password|passphrase|passcode|passwd|pwd) | (?:sim\ |card\ )?pin(?:[\ -](?:code|number))? | puk
  | (?:(?:personal\ )?access|login|log-in|sign-in|api|auth|authentication|authorization|bearer|session|refresh|security
      |verification|confirmation|secret|recovery|reset|backup|one[\ -]time|two[\ -]factor|2fa|unlock|activation|deploy
      |bot|app)\ (?:token|codes?|key|answer|phrase|secret|words?|pin)
  | (?:seed|mnemonic)(?:\ (?:phrase|words?))? | otp | cvv | cvc | card\ security\ code | client\ secret | secret | token
  | (?:private|encryption)\ key
  | answer\ to\ (?:the|your|my)\ (?:security|secret|recovery)\ question
"""
_GERMAN = r"""
    [\w-]*(?:passwort|kennwort|passphrase) | pin(?:-(?:code|nummer))? | geheimzahl | geheimnummer | tan-?(?:code|nummer)
  | (?:zugangs|zugriffs|anmelde|login|api|sicherheits|wiederherstellungs|bestätigungs|einmal|freischalt|geheim)-?
    (?:token|codes?|schlüssel|antwort|phrase|wörter) | prüfziffer | kartenprüfnummer | privater\ schlüssel
  | antwort\ auf\ die\ (?:sicherheits|geheim)frage
"""
_FRENCH = r"""
    mots?\ de\ passe | mdp
  | code\ (?:pin|secret|confidentiel|d['’]accès|de\ (?:sécurité|vérification|validation|récupération|connexion))
  | jeton(?:\ (?:d['’](?:accès|authentification)|de\ (?:connexion|session)))?
  | phrase\ (?:secrète|de\ (?:passe|récupération)) | cryptogramme(?:\ visuel)?
  | réponse\ (?:secrète|de\ (?:sécurité|récupération)|à\ la\ question\ (?:secrète|de\ (?:sécurité|récupération)))
  | clé\ (?:secrète|privée|api|d['’]api|de\ récupération)
"""
_SPANISH = r"""
    contraseña | clave(?:\ (?:secreta|privada|api|de\ (?:acceso|api|recuperación)))?
  | código\ (?:pin|secreto|de\ (?:acceso|seguridad|verificación|recuperación))
  | token\ de\ (?:acceso|sesión|inicio\ de\ sesión|autenticación)
  | respuesta\ (?:secreta|de\ (?:seguridad|recuperación)|a\ la\ pregunta\ (?:secreta|de\ seguridad))
  | frase\ (?:secreta|semilla|de\ (?:contraseña|recuperación))
"""
_ITALIAN_AND_PORTUGUESE = r"""
    parola\ d['’]ordine | senha | palavra[\ -]passe
  | (?:codice|código)\ (?:pin|segreto|secreto|d[ie]\ (?:accesso|acesso|sicurezza|segurança|verifica|verificação|recupero
      |recuperação))
  | token\ d[ie]\ (?:accesso|acesso|login|autenticazione|autenticação)
  | (?:chiave|chave)\ (?:segreta|secreta|privata|privada|api|d[ie]\ (?:accesso|acesso|api|recupero|recuperação))
  | (?:risposta|resposta)\ (?:segreta|secreta|d[ie]\ (?:sicurezza|segurança|recupero|recuperação))
  | (?:risposta\ alla\ domanda|resposta\ à\ pergunta)\ (?:segreta|secreta|de\ segurança|di\ sicurezza)
  | frase\ (?:segreta|secreta|seed|semente|d[ie]\ (?:recupero|recuperação))
"""
_CHINESE = r"""
    [\w]{0,6}(?:密码|密碼|口令|密钥|金鑰|令牌|权杖|權杖|验证码|驗證碼|校验码|助记词|助記詞|私钥|私鑰|通行码|通行碼)
  | (?:密保|安全|恢复|恢復|找回|安全问题的?|安全問題的?|密保问题的?)(?:答案|码|碼|短语|短語) | pin\ ?[码碼]
"""
_LABEL = "|".join((_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _ITALIAN_AND_PORTUGUESE, _CHINESE))
# "Password for the router", "mot de passe du compte": what it is the secret of.
_OWNER = (
    r"(?:\ (?:for|of|to|from|für|vom|von|zum|zur|des|der|du|de|del|della|di|do|da|para|pour|per)(?:\ [\w'’.@-]+){1,3})?"
)
_MARKS = r"[\s\"'“”*_`)\]]*"
_FLAGS = re.IGNORECASE | re.VERBOSE
_SENTENCE_WORDS = "the|an?|his|her|their|this|that|no|das|ein|la|el|le|une?|o|um"  # with one of them it is no prompt
_BEFORE = rf"[\s>|+*\-#\d.)(\[\]_`\"'“]*(?:(?!(?:{_SENTENCE_WORDS})\ )[\w'’.-]+\ ){{0,2}}"
_WHOLE_LINE = re.compile(rf"{_BEFORE}(?:{_LABEL})(?:{_MARKS}|{_OWNER}{_MARKS}[:=：?]{_MARKS})\Z", _FLAGS)
_MOST_WORDS = 4  # of the secret: a recovery answer may have a few
_ANSWERED = re.compile(
    rf"(?<!\w)(?:{_LABEL}){_OWNER}{_MARKS}(?:\([^)]*\))?\s*[:=：]{_MARKS}(?:\S+\ +){{0,{_MOST_WORDS - 1}}}\S*\Z", _FLAGS
)
_LONGEST_LINE = 160
_ENDS_ON_COLON = re.compile(r"[:：]\W*\Z")


def asks_for_secret(prefix: str) -> bool:
    """Whether what would come at the end of `prefix` is a secret, or the rest of one."""
    above, line = ("", *prefix[-2 * _LONGEST_LINE :].split("\n"))[-2:]
    if _is_prompt(line):
        return True
    return bool(_ENDS_ON_COLON.search(above)) and len(line.split()) <= 1 and bool(_WHOLE_LINE.match(above))


def _is_prompt(line: str) -> bool:
    line = line[-_LONGEST_LINE:]
    return bool(_WHOLE_LINE.match(line) or _ANSWERED.search(line))
