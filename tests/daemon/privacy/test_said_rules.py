"""Secrets said in words, in six languages, and sentences that only speak of them."""

from __future__ import annotations

import pytest

from shadowpen.daemon.privacy.redaction import redact

# Each phrasing with its secret in braces.
SAID = """
use the password {hunter22}
Please use the password {hunter22} to open it.
the password {Tr0ub4dor&3} still works
My password's {hunter2!}
pw: {hunter2x}
PW {Winter2023!} for the router
the pwd is {letmein99}
Password: {swordfish}
password = {swordfish}
the passphrase is {correct horse battery staple}
Our wifi password is {Blue-Heron-42!}
the Wi-Fi key is {9f8e7d6c5b}
The network key: {homenet2019}
Login with admin / {S3cret!pw}
log in as root, {t00r!pass}
log in with user bob and password {Gr33nTea!}
Sign in with jane.doe and {Sunny#Day1}
ssh in as deploy with password {d3pl0y-me!}
I changed the password to {Summer2024!}
he reset my password to {qwerty123}
{hunter22} is the password
{Winter2023!} was my old password
The credentials are {admin:Pa55word}
username: alice, password: {p4ssw0rd}
user bob pass: {b0bspass1}
the passcode is {x7k9q2}
my password ({open!sesame77})
the password was “{open sesame}”
your temporary password is {Tmp-8841-xy}
The root password remains {r00t4ever}
The door code is {4711#}
door code {4711}
The gate code: {1234}
the alarm code is still {907856}
code for the front door is {2580}
The combination of the safe is {12-34-56}
Her PIN is {4711}
my SIM PIN {0852}
The garage code is {5567}
CVV {123}
the CVC on the card is {4821}
{493021} is your Google verification code
your verification code is {493021}
the locker combination is {17-04-33}
passport number {C01X00T47}
My passport is {AB1234567}
driver's license {D1234567}
account number {12345678}
NHS number {943 476 5919}
write to jane dot doe at example dot com: {jane dot doe at example dot com}
reach me at {jane (at) example (dot) com}
mail {jane[at]example.com} please
{jane.doe at gmail.com}
seed phrase: {abandon ability able about above absent absorb abstract absurd abuse access accident}
recovery codes: {1a2b-3c4d 5e6f-7a8b 9c0d-1e2f}
backup code {8842-1190}
Das Passwort ist {Sommer2024!}
Das Passwort lautet {Sommer2024!}
Das WLAN-Passwort ist {Blaubeere77}
Kennwort: {geheim}
Mein Passwort für die Bank war {Katze99!}
Nimm das Passwort {Hund2020}
Das Masterpasswort lautet {Xk9!trueb}
Melde dich mit admin / {S3cret!pw} an.
Anmelden mit Benutzer anna und Passwort {Anna#2020}
{Sommer2024!} ist das Passwort
Der Türcode ist {4711}
Die Geheimzahl lautet {8642}
Code für die Haustür ist {1397}
Reisepass {C01X00T478}
Kartenprüfnummer {321}
{jane (ät) beispiel (punkt) de}
Wiederherstellungscodes: {1a2b-3c4d 5e6f-7a8b}
Le mot de passe est {Soleil2023}
mot de passe : {Soleil2023}
Le mot de passe du wifi, c'est {Soleil2023!}
mon mdp est {azerty12}
mdp: {azerty12}
connecte-toi avec admin / {S3cret!pw}
Utilise le mot de passe {Nuage77!}
Le code de la porte est {4711B}
Le digicode : {A4711}
le code de l'alarme est {9078}
passeport {12AB34567}
cryptogramme visuel {123}
codes de secours : {8842 1190 3321 7765}
La contraseña es {Verano2024!}
contraseña: {secreto}
Usa la contraseña {Verano2024}
mi clave es {Gato123!}
Inicia sesión con admin / {S3cret!pw}
El código de la puerta es {4711}
pasaporte {XDB123456}
La password è {Estate2024!}
La parola d'ordine è {Estate2024}
Accedi con admin / {S3cret!pw}
Il codice della porta è {4711}
il codice di verifica è {493021}
passaporto {YA1234567}
usa la password {Mare2024}
密码是{hunter22}，别告诉别人。
密码：{hunter22}
WiFi密码为{Blue42heron}
用admin / {S3cret!pw}登录
登录用 admin / {S3cret!pw}
验证码是{493021}
门禁密码{4711}
我的银行卡密码是{862413}
护照号码{E12345678}
身份证号{11010519491231002X}
我的口令是{zhima99kaimen}
I changed my password from {oldPass!23} to another one
log in as root with {toor4ever!}
user admin pass {adm1nPass}
The creds are admin:{sup3rs3cr3t}
security code 12/27 {932}
the lock opens with {5-9-2-7}
my password? {Fluffy2019}
It was {tr0ub4dor} (the password)
the password I use everywhere, {Dragon#77}, is old
Use {739201} as your one-time code
WEP key {1A2B3C4D5E}
The API key is {b19b8f89a50f8a8e9bb8bdb5eba456bf}
Alarmanlage: Code {998877}
Das Schloss am Fahrrad hat die Kombination {4-7-1-1}
Die TAN: {482910}
Zahlenkombination {36-12-24}
Der Code vom Handy: {775533}
Le digicode {15B83} est nouveau
le code de la carte bleue est {5821}
le cadenas s'ouvre avec {7-3-9}
la combinación del candado es {4-8-1-5}
el código de seguridad de la tarjeta: {774}
il codice del bancomat è {48152}
la combinazione della cassaforte è {48-15-16}
The shell has mysql -u root -p{S3cretDb}
Then curl -u admin:{pa55word} http://x
The line sshpass -p {Secr3t99} ssh root@x
It says redis-cli -a {R3disPw!}
Try docker login -u me -p {d0ckerPw1}
Try tool --password {hunter22x} --verbose
The file has <password>{xmlPw12}</password>
wifi: {bluewhale88}
the key on the sticker is {Tr0ub4dor}
Her laptop unlocks with {9Lives!cat}
The keypad on the garage takes {1928}
Type {m00nlight} when it asks for a passphrase
The passcode for the shared drive is still {opensesame42}
I set the vault password as {rainbow-otter-19}.
New password (do not share!): {Lotus77x}
If the screen is locked, enter {Zebra!45}
Press {9021} and then the bell.
Her PIN? {5543}, same as mine.
Redeem the licence key {Q7-KLM-22-PPZ-910}
Gib einfach {Erdbeer77} als Passwort ein.
Das Passwort ist übrigens {Bergsee21}.
Nimm {Bergsee21}, das ist das Passwort.
Der Code fürs Fahrradschloss ist {6612}
J'ai mis {Loulou75} comme mot de passe
Mon code de carte bleue, c'est le {2905}
Appelle-moi au {06 12 34 56 78}
Interphone : {A4821B}
Puse {toro2022} de contraseña
Llámame al {612 345 678}
El portal se abre con el {3399}
Ho messo {Gelato2021} come password
我的手机号是{13812345678}
发到{wo.de@qq.com}给我
A senha do wifi é {girafa22}
Het wachtwoord is {tulp1999}
Пароль от вайфая: {yabloko55}
Hasło do wifi to {zaba1234}
パスワードは{sakura22}です
The header is PHPSESSID={fa5ff5180bc0dbc0e15637ebb8e3b91d}
""".strip().splitlines()

HONEST = """
The password is wrong, and the passphrase was too long to type.
A password should be at least twelve characters long.
Passwords are hashed with SHA-256 and bcrypt2.
The password was always stored hashed somewhere.
I forgot my password in 2019 and again in 2020.
The password manager 1Password keeps them all.
Two-factor login (2FA) is better than a password alone.
The login page is at login.html, the password field below it.
He said that the password to happiness is patience.
The password for the meeting will be sent by mail.
Sign in with Google / Facebook / Apple.
Log in with your user name and a password of 12 characters.
The pin was on page 1999 of the almanac.
The dress code was black tie, the area code unknown.
The building code of 1984 is strict, the civil code of 1804 older.
In 1660 the code of honour still held.
Genesis 12:34, Psalm 119:105 and John 3:16 were read.
ISBN 978-0-306-40615-7, ISSN 0012-9658 and doi:10.1000/182.
See https://doi.org/10.1038/s41586-020-2649-2 for details.
Fixed in commit 9fceb02d0ae598e95dc970b74767f19372d61af8 last week.
The id is 123e4567-e89b-12d3-a456-426614174000.
The checksum is e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.
![dot](data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4) stands here.
max_tokens=512 and temperature=0.7 are the defaults.
The tokenizer splits 3,000 tokens: 12 a line.
token = get_token() and secret = os.environ["SECRET"]
password = None
api_key = settings.api_key
The key: patience. The secret: none.
He passed the bar: a pass: nothing more.
My passport was stolen in 2014 in Rome.
Her driving licence came in 1999.
He has an account, number unknown, at the bank.
The recovery took 12 weeks, the backup 3 hours.
Seed the lawn in spring: choose a mix of three kinds.
A cookie: the one thing that every child wants.
We met at noon at the dot com office.
The RoundRobinLoadBalance class and GetProductInfoCommandGroup are odd names.
LOUD WORDS STAY LOUD, EVEN WITH FOUR EACH: THIS THAT HERE COME BACK SOON.
On 2024-01-02 13:14:15, from 1660 to 1669, pages 1234-5678.
The safe was opened in 1987 by two men.
Das Passwort war falsch, das Kennwort zu kurz.
Ein gutes Passwort ist lang und einmalig.
Le mot de passe est trop court, dit la page.
La contraseña es demasiado corta.
La password è troppo corta.
密码学是一门学问,密码是很重要的。
La clave es la paciencia.
He moved to 12 Cedar Lane, flat 4711.
red green blue yellow black white brown purple orange silver golden violet crimson
The 16-pin ULN2003 and the 18-pin ULN2803 drive motors.
It weighs 12345678 grams, or 0.1234567 of that.
Apt-get install python3-pip works; pip install numpy==2.1.0 too.
The tan leather lasted 2000 years.
The lock was opened with a 12-13-14 set of picks.
Run git log --author name and grep -p pattern in 2019.
She was on the safe side of 3-4-5 triangles.
The key is 12 bars long, and the token is 1.
My router has wifi: 2.4GHz and 5GHz.
The garage takes 1928 cars, and the door opens to 40 guests.
The key was Claude 3.5, the mode B-flat minor.
Call the years 1914 1918 the great war.
I never call you ( 2021-06-05 ).
Hash passwords with Argon2 or Bcrypt.
其实密码是一场**灾难**。
Entra con María y José por la puerta.
Le téléphone a sonné 3 fois en 1962.
Type slowly when it asks for the password.
La parola è «amore», non altro.
Das Kennwort, das er 1968 vergaß, kannte sie noch.
""".strip().splitlines()


@pytest.mark.parametrize("phrasing", SAID)
def test_what_is_said_is_taken_out(phrasing: str) -> None:
    secret = phrasing[phrasing.index("{") + 1 : phrasing.rindex("}")]

    cleaned, findings = redact(phrasing.replace("{", "").replace("}", ""))

    assert findings
    assert secret not in cleaned
    assert cleaned.startswith(phrasing[: min(phrasing.index("{"), 3)])


@pytest.mark.parametrize("sentence", HONEST)
def test_speaking_of_secrets_is_none(sentence: str) -> None:
    assert redact(sentence) == (sentence, ())
