## Einstellungen
settings-pages = Einstellungen
settings-account-title = Konto
settings-profile-title = Profil
settings-security-title = Sicherheit
settings-look = Aussehen
settings-language = Sprache
settings-audience = Neue Beiträge beginnen als
settings-audience-aspects = Für alle meine Aspekte
settings-audience-public = Öffentlich
mode-auto = Wie mein Gerät
mode-auto-help = Hell am Tag und dunkel in der Nacht, wenn dein Gerät das so macht.
mode-light = Hell
mode-dark = Dunkel

## Sicherheit
factor-title = Zweiter Faktor
factor-off-words = Mit einem zweiten Faktor reicht ein gestohlenes Passwort nicht: Zum Anmelden braucht es auch einen Code von deinem Telefon.
factor-switch-on = Zweiten Faktor einrichten
factor-switch-off = Zweiten Faktor abschalten
factor-scan = Lies dieses Bild mit einer Authenticator-App ein und tippe dann den Code, den sie zeigt.
factor-qr = QR-Code mit dem Schlüssel darunter
factor-key = Oder tippe diesen Schlüssel in die App:
factor-code = Code aus der App
factor-code-help = Sechs Ziffern; alle 30 Sekunden kommt ein neuer.
factor-confirm = Bestätigen und einschalten
factor-cancel = Jetzt nicht: diesen Schlüssel vergessen
factor-on-words = Der zweite Faktor ist an.
codes-title = Deine Ersatzcodes
codes-words = Jeder gilt einmal, wenn dein Telefon nicht zur Hand ist. Sie stehen jetzt hier und nie wieder: Schreib sie auf oder leg sie in einen Passwortspeicher.
codes-left = { $count ->
    [0] Kein Ersatzcode ist übrig: Mach neue.
    [one] Ein Ersatzcode ist übrig.
   *[other] { $count } Ersatzcodes sind übrig.
}
codes-new = Neue Ersatzcodes machen
password-title = Passwort
password-words = Wenn du es änderst, wirst du überall sonst abgemeldet.
password-current = Passwort jetzt
password-new = Neues Passwort
password-button = Passwort ändern
sessions-title = Wo du angemeldet bist
sessions-current = dieses Gerät
sessions-seen = Zuletzt gesehen
sessions-since = angemeldet am
sessions-end = Abmelden
sessions-end-name = { $label } abmelden

## Nach einem Formular gesagt
flash-saved = Gespeichert.
flash-posted = Dein Beitrag ist unterwegs.
flash-deleted = Gelöscht.
flash-shared = Du teilst jetzt mit ihnen.
flash-signed-out = Du bist abgemeldet.
flash-welcome = Willkommen! Nimm ein paar Leute in deine Aspekte auf und schreib deinen ersten Beitrag.

## Das Konto schließen, Weitergesagtes
flash-reshared = Du hast es weitergesagt.
flash-closed = Dein Konto ist geschlossen.
close-account = Dieses Konto schließen
close-account-words = Deine Beiträge, Fotos, Kontakte und dein Profil werden hier und auf den Pods gelöscht, an die sie gingen. Kommentare und Nachrichten an andere bleiben, ohne deinen Namen. Deinen Benutzernamen bekommt nie wieder jemand. Das lässt sich nicht rückgängig machen.
close-account-button = Endgültig schließen
rule-only-admin = Du bist der einzige Admin. Mach zuerst jemand anderen dazu.
