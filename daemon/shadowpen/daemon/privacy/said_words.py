"""The words that announce a secret, as pieces of patterns for `said_rules`.

English, German, French, Spanish, Italian and Chinese throughout; of passwords and door codes also some words of
Portuguese, Dutch, Russian, Polish, Czech, Hungarian, Finnish, Swedish, Danish, Norwegian, Turkish, Japanese and Korean.
This file knows neither what follows the words nor how it is judged.
"""

from __future__ import annotations

PASSWORD = (
    r"(?:\bpass[ -]?(?:words?|phrases?|codes?)\b|(?<!/)\bpasswd\b|(?<![$(])\bpwd\b|\bpw\b|\blogin[ -]?(?:code|data"
    r"|details)\b|\bcredentials?\b"
    r"|\b(?:wi-?fi|wlan|wpa[23]?|wep|network)[ -](?:key|code|schlüssel|passwort)\b|\bwlan-?schlüssel\b|"
    r"\bnetzwerkschlüssel\b"
    r"|passw(?:ort|örter)s?\b|kennw(?:ort|örter)s?\b|\bzugangs(?:code|daten)\b|\bmots? de passe\b|\bmdp\b"
    r"|\bcode d['’]accès\b|\bclé wi-?fi\b|\bidentifiants?\b"
    r"|\bcontrase[ñn]as?\b|\bclave\b|\bcredenciales\b|\bparola d['’]ordine\b|\bchiave (?:di accesso|wi-?fi"
    r"|della rete)\b|\bcredenziali\b"
    r"|\bsenhas?\b|\bpalavras?[- ]passe\b|\bwachtwoord(?:en)?\b|\bпарол(?:ь|я|е|ю|ем|и|ей)\b|\bhas(?:ło|ła|łem)\b"
    r"|\blösenord\w{0,2}\b|\bpassord\w{0,2}\b|\badgangskode\w{0,2}\b|\bhesl[oaem]\w?\b|\bjelszó\w{0,3}\b"
    r"|\bsalasana\w{0,2}\b"
    r"|\bşifre\w{0,4}\b|\bparolă\b|パスワード|비밀번호"
    r"|密码(?!学)|密碼(?!學)|口令|暗号|密钥|密鑰)"
)
PASSWORD_LITERALS = (
    *("senha", "palavra", "wachtwoord", "парол", "hasł", "lösenord", "passord", "adgangskode", "hesl", "jelsz"),
    *("salasana", "şifre", "parolă", "パスワード", "비밀번호"),
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
IS = (
    r"(?:,?[ \t](?:is|was|are|remains|reads|ist|war|sind|c['’]est|lautet|lautete|bleibt|est|était|sont|reste|es|era"
    r"|fue|son|sigue siendo|è|sono|rimane|é|era|är|jest|now|jetzt)[ \t]*:?[ \t]+"
    r"|['’]s[ \t]+|[ \t]*(?:[:=：]|->|→|=>)[ \t]*|(?:就是|仍是|还是|是|为|為|叫|は)[ \t]*:?[ \t]*)"
)
TO = (
    r"[ \t](?:to|as|into|from|auf|in|zu|von|en|par|à|a|de|da|desde|por|con|come|als|[—–-]"
    r"|still|immer noch|weiterhin|toujours|encore|todavía|ancora|adesso|ahora|maintenant)[ \t]+"
)
QUOTED = r"[“\"'«„‘`「『][^\n“”\"'«»`「」『』]{3,80}[”\"'»“’`」』]"
VALUE = rf"(?P<secret>{QUOTED}|[“\"'«„‘`][^\n“”\"'«»`]{{3,80}}|[^\s，。；、！？「」]{{4,100}})"
# What a value is given for, said behind it: "Type x when it asks for a password", "x als Passwort".
FOR = r"(?:as|when|whenever|if|als|wenn|sobald|falls|comme|quand|lorsqu\w{1,3}|si|de|como|cuando|come|quando|se)[ \t]+"
LOGIN = (
    r"(?:\b(?:log|sign|get)[ -]?(?:in|on|into)\b|\blogin\b|\blogged in\b|\bssh\b|\banmelden\b|\bmeldest?\b"
    r"|\bmelde\b|\beinloggen\b|\blogg?e?\b|\bconnecte[rz]?\b|\bconnexion\b"
    r"|\binicia[r]? sesión\b|\bentra[r]?\b|\bacced[eio]\w{0,4}\b|\baccesso\b|\bcredentials?\b|\bzugangsdaten\b"
    r"|\bidentifiants?\b|\bcredenciales\b|\bcredenziali\b|登录|登入|账号|帳號)"
)
CODE = (
    r"(?:\bpin(?:[ -](?:code|number|nummer))?\b|\b(?:door|gate|entry|entrance|access|alarm|garage|lock|unlock"
    r"|key ?pad|locker|safe|vault|security|building|lift|elevator|voicemail|sim|puk"
    r"|verification|confirmation|one[- ]time|authenti(?:cation|cator)|login|otp|2fa|backup)[ -](?:code|pin"
    r"|combination|number)\b|\botp\b|\bpuk\b|\b(?:padlock|safe|locker|bike lock) combination\b"
    r"|\bcombination (?:of|for|to) (?:the|my|our) [\w ]{3,20}?\b|\bcode (?:for|to|of|on) (?:the|my"
    r"|our) (?:[a-z]+ )?(?:door|gate|safe|alarm|garage|lock|locker|house|flat|building|bike)\b"
    r"|\bcode (?:for|to) (?:the|my|our) (?:[a-z]+ )?[a-z]+(?=[ \t]*(?:[:=]|is\b))"
    r"|\bt[üu]rcode\b|\btorcode\b|\balarmcode\b|\bzugangscode\b|\bgeheimzahl\b|\bzahlenschloss\b|\bsafecode\b"
    r"|\bbestätigungscode\b|\bcode f[üu]r(?:s| die| das| den| mein\w{0,2}) [\w-]{3,20}\b"
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
    r"|\bcode (?:de (?:la |ma |mon )?|du )(?:carte(?: bleue| bancaire)?|téléphone|portable|cadenas|casier)\b"
    r"|\b(?:código|clave|pin) (?:de (?:la |mi )|del )(?:tarjeta|móvil|celular|teléfono|cajero|caja)\b"
    r"|\b(?:codice|pin) (?:del(?:la |l['’]| )|di )(?:bancomat|carta|telefono|cellulare|armadietto)\b"
    r"|\bpincode\b|\bпин(?:-?код\w{0,2})?\b|\bкод (?:от|двери|домофона|подтверждения)\b"
    r"|\bcódigo d[aeo] (?:porta|portão|alarme|acesso|verificação|segurança)\b|暗証番号"
    r"|门禁(?:密码|码)?|门锁密码|开门密码|验证码|驗證碼|安全码|取件码|保险箱密码|支付密码|银行卡密码)"
)
CODE_LITERALS = (
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
    *("门禁", "密码", "验证码", "驗證碼", "安全码", "取件码", "пин", "код ", "暗証番号"),
)
CVV = (
    r"(?:\bcvv2?\b|\bcvc2?\b|\bcsc\b|\b(?:karten)?prüf(?:nummer|ziffer)\b|\bcryptogramme(?: visuel)?\b"
    r"|\bcódigo cvv\b|\bsicherheitscode\b|\bcode de sécurité\b|\bcódigo de seguridad\b|\bcodice di sicurezza\b"
    r"|\bsecurity code\b|\bcard verification (?:code|value)\b|卡背|背面三位)"
)
DOCUMENT = (
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
SEED = (
    r"(?:\bseed(?: phrase| words?)?\b|\b(?:secret )?recovery (?:phrase|words)\b|\bmnemonic\b|\bwallet (?:words"
    r"|phrase)\b|\bbackup phrase\b|\bwiederherstellungs(?:phrase|wörter)\b|\bseed-?phrase\b"
    r"|\bphrase de récupération\b|\bphrase secrète\b|\bfrase (?:semilla|de recuperación|seed|di recupero|segreta)\b"
    r"|助记词|種子)"
)
BACKUP = (
    r"(?:\b(?:recovery|backup|back-up|emergency|scratch|rescue) (?:codes?|keys?)\b|\bwiederherstellungs(?:codes?"
    r"|schlüssel)\b|\bbackup-?codes?\b|\bnotfallcodes?\b|\bcodes? de (?:secours|récupération|sauvegarde)\b"
    r"|\bcódigos? de (?:recuperación|respaldo|seguridad)\b|\bcodic[ei] di (?:recupero|backup|emergenza)\b|恢复码|备用码"
    r"|备份码|恢复代码|恢复密钥)"
)
KEY = (
    r"(?:\b(?:api|secret|access|private|auth\w{0,11}|encryption|licen[cs]e)[ -]?(?:key|token)\b|\baccess token\b"
    r"|\bapi-?schlüssel\b|\bzugriffstoken\b|\bclé (?:d['’]api|api|secrète)\b|\bjeton d['’]accès\b"
    r"|\bclave (?:de |la )?api\b|\btoken de acceso\b|\bchiave (?:api|segreta)\b|\btoken di accesso\b|密钥|令牌)"
)
LOCK = (
    r"(?:\b(?:pad|bike |door )?lock(?:er)?\b|\bsafe\b|\bcombination\b|\b\w{0,20}schloss\b|\btresor\b|"
    r"\b(?:zahlen)?kombination\b"
    r"|\bcadenas\b|\bcoffre\b|\bcombinaison\b|\bcandado\b|\bcaja fuerte\b|\bcombinación\b|\blucchetto\b|\bcassaforte\b"
    r"|\bcombinazione\b)"
)
OPENS = (
    r"(?:[:=]|\b(?:is|ist|lautet|est|es|è)\b|\bopens (?:with|on|to|at)\b|\böffnet (?:sich )?(?:mit|bei)"
    r"\b|\bs['’]ouvre avec\b"
    r"|\bse abre con\b|\bsi apre con\b|\bcombination\b|\bkombination\b|\bcombinaison\b|\bcombinación\b|"
    r"\bcombinazione\b)"
)
AND_THEN = r"|(?:and|then|und|dann|et|puis|y|luego|e|poi)\b"
DEVICE = (
    r"(?:\b(?:laptop|computer|phone|tablet|ipad|iphone|pc|screen|account|key ?pad|alarm|safe|vault|gate|garage"
    r"|door|lock|padlock"
    r"|locker|handy|rechner|bildschirm|tresor|safe|tor|tür|haustür|alarmanlage|\w{0,12}schloss|téléphone"
    r"|ordinateur|portable"
    r"|alarme|coffre|porte|portail|cadenas|móvil|ordenador|portátil|alarma|caja fuerte|puerta|portal|candado|telefono"
    r"|cellulare|allarme|cassaforte|porta|cancello|lucchetto)\b)"
)
OPENS_WITH = (
    r"(?:\b(?:unlock|open|disarm|start)s? (?:with|by|on|to)|\b(?:turns|switches|goes) off with|\b(?:takes|wants|needs)"
    r"|\b(?:öffnet|entsperrt|entschärft) (?:sich |man )?(?:mit|durch)|\bgeht (?:auf )?mit|\bgeht aus mit"
    r"|\bs['’](?:ouvre|éteint|arrête) avec|\bse (?:déverrouille|désactive|débloque) avec|\bse (?:abre|apaga"
    r"|desbloquea|desactiva) con"
    r"|\bsi (?:apre|spegne|sblocca|disattiva) con)[ \t]+(?:(?:the|code|pin|der|dem|le|la|el|il|lo|código"
    r"|codice)[ \t]+){0,2}"
)
DEVICE_LITERALS = (
    *(
        "unlock",
        "open",
        "disarm",
        "starts",
        " off with",
        "takes",
        "wants",
        "needs",
        "öffnet",
        "entsperrt",
        "entschärft",
        " mit ",
    ),
    *(
        "ouvre",
        "éteint",
        "arrête",
        "déverrouille",
        "désactive",
        "débloque",
        "se abre",
        "apaga",
        "desbloquea",
        "desactiva",
    ),
    *("si apre", "spegne", "sblocca", "disattiva"),
)
SAID_CODE = (
    r"(?:\b(?:front |back |garage |garden )?(?:door|gate)\b|\b(?:garage|alarm|safe|lockbox|lock box|key ?box"
    r"|key safe|buzzer"
    r"|(?:haus|garten)?tür|(?:garten)?tor|tresor|klingel|schlüsselbox|porte|portail|interphone|alarme|coffre"
    r"|boîte à clés|puerta|portal"
    r"|portero|alarma|caja fuerte|porta|portone|cancello|citofono|allarme|cassaforte)\b|门禁|门锁)[ \t]*[:：=][ \t]*"
)
ENTER = (
    r"\b(?:press|enter|type|dial|key in|punch in|tap in|drücke?|tippe?|gib|wähle?|tape[rz]?|compose[rz]?"
    r"|saisis|saisissez|marca|teclea"
    r"|introduce|escribe|digita|premi|inserisci|scrivi)[ \t]+(?:the |code |den |le |la |el |il )?"
)
LOCKED = (
    r"\b(?:locked|unlock\w{0,3}|log ?in|session|sign ?in|(?:ge|ent)sperr\w{0,3}|anmeld\w{0,4}|verrouill\w{0,4}"
    r"|déverrouill\w{0,4}"
    r"|bloque\w{0,4}|desbloque\w{0,4}|sesión|sblocc\w{0,4}|bloccat\w|accedere)\b"
)
# Letters and digits in one, which no ordinary word has.
MIXED = r"(?P<secret>(?=[^\s，。]{0,60}\d)(?=[^\s，。]{0,60}[^\W\d_][^\s，。]{0,60}[^\W\d_])[\w!@#$%^&*+=?.~-]{6,60})"
PRODUCT_KEY = (
    r"(?:\b(?:licen[cs]e|product|activation|serial|registration|redemption|voucher)[ -]?(?:key|code|number)s?\b"
    r"|\b(?:lizenz|produkt|aktivierungs|serien|registrierungs)-?(?:schlüssel|code|nummer)\b"
    r"|\b(?:clé|code|numéro) (?:de (?:licence|produit|série)|d['’]activation)\b"
    r"|\b(?:clave|código|número) de (?:licencia|producto|activación|serie)\b"
    r"|\b(?:chiave|codice|numero) di (?:licenza|attivazione|serie)\b|序列号|激活码|许可证)"
)
COMBINATION = r"(?:\b(?:lock|safe) combination\b|\bzahlenkombination\b)"
