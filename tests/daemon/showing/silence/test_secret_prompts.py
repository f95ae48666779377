"""daemon/showing/silence/quiet.py: where a secret is asked for, and where secrets are only spoken of."""

import pytest

from shadowpen.daemon.showing.silence.quiet import asks_for_secret


@pytest.mark.parametrize(
    "prefix",
    [
        *("Password:", "Password: ", "- Password: hun", "login token", "Login token ", "recovery answer", "My PIN: "),
        *("Recovery answer: my first", "**Wi-Fi password:** ", "API key = ", "Notes\nPassword:\n", "Security code:"),
        *("Password for the router: ", "user: anna, password: ", "1. Password: ", "> Enter your password: "),
        *("Passwort: ", "WLAN-Passwort:", "Sicherheitsantwort: ", "Anmelde-Token", "Zugangscode: "),
        *("Mot de passe : ", "Code PIN : ", "réponse secrète :", "jeton de connexion"),
        *("Contraseña: ", "clave de acceso:", "Respuesta de seguridad:", "Token de inicio de sesión"),
        *("Parola d'ordine: ", "Risposta segreta: ", "Senha: ", "Chave privada:", "Resposta de segurança: "),
        *("密码：", "登录令牌", "恢复答案: ", "WiFi密码: ", "验证码"),
    ],
)
def test_a_bare_prompt_asks_for_a_secret(prefix: str) -> None:
    assert asks_for_secret(prefix)


@pytest.mark.parametrize(
    "prefix",
    [
        *("The password is checked by", "We talked about the password and", "A login token is", "Passwords: why they"),
        *("Token rings were popular in", "Password policy: ", "The pin was on the", "the secret to good bread is"),
        *("He kept the secret", "Das Passwort wird nie gespeichert und", "La clave del éxito es", "密码学是研究"),
        *("Answer: ", "Key points: ", "", "Password:\n\nA new paragraph begins", "Password: x\nThen we go"),
    ],
)
def test_a_sentence_about_secrets_is_like_any_other(prefix: str) -> None:
    assert not asks_for_secret(prefix)
