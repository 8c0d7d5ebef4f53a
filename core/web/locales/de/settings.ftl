## Einstellungen
settings-pages = Einstellungen
settings-account-title = Konto
settings-profile-title = Profil
settings-security-title = Sicherheit
settings-look = Aussehen
settings-language = Sprache
settings-timezone = Zeitzone
settings-timezone-help = Wo deine Uhren gehen, zum Beispiel Europe/Berlin. Was Plugins morgens für dich tun, tun sie an deinem Morgen.
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
## Umziehen
settings-moving-title = Umziehen
moving-in-title = Von einem anderen Pod herziehen
moving-in-words = Bring dein Konto hierher: Profil, Aspekte, Kontakte, Tags und Beiträge. Deine Kontakte folgen, auf welchem Pod sie auch sind, und Links auf dein altes Profil führen hierher.
moving-in-what = Lade zuerst auf deinem alten Pod dein Archiv herunter. Ein Umzug ist endgültig: Dein altes Konto wird geschlossen.
moving-file = Dein Archiv
moving-file-help = Die Datei, wie dein alter Pod sie gab: .json, .json.gz oder .zip, bis 64 MiB.
moving-in-button = Herziehen
moving-running = Der Umzug läuft. Du kannst die Seite verlassen, er geht weiter. Du warst:
moving-finished = Du bist umgezogen, und deine Kontakte wissen es. Du warst:
moving-look-again = Noch einmal nachsehen
moving-step = { $done } von { $total }
moving-skipped = { $count ->
    [one] eins ausgelassen
   *[other] { $count } ausgelassen
}
moving-later = { $count ->
    [one] Eines fehlt
   *[other] { $count } Dinge fehlen
} noch: Ein Pod, von dem etwas dazu gehört, antwortet nicht. Acht Tage lang wird es wieder versucht.
moving-skipped-title = Was ausgelassen wurde, und warum
moving-kind-profile = Profil
moving-kind-aspect = Aspekte
moving-kind-contact = Kontakte
moving-kind-block = Ignorierte
moving-kind-tag = Tags
moving-kind-post = Beiträge
moving-kind-relayable = Kommentare, Gefällt-mir und Antworten
moving-kind-reply = Was andere unter deinen Beiträgen sagten
moving-kind-subscription = Unterhaltungen unter Beiträgen, denen du folgst
moving-kind-others = Von anderen
moving-reason-invalid = Hier sagt das Archiv etwas, das man nicht lesen kann.
moving-reason-too-large = Es ist größer, als so etwas sein darf.
moving-reason-yourself = Das bist du.
moving-reason-unreachable = Der Pod hat nicht geantwortet. Ist er wieder da, dann teile noch einmal mit ihnen.
moving-reason-unknown = Ihr Pod kennt sie nicht mehr.
moving-reason-closed = Das Konto ist geschlossen.
moving-reason-ignored = Du ignorierst sie.
moving-reason-not-yours = Es ist von jemand anderem.
moving-reason-by-others = So viel von anderen steht im Archiv. Es bleibt bei denen, die es schrieben.
moving-reason-kind = So etwas bewahrt dieser Pod nicht auf.
moving-reason-retracted = Es wurde gelöscht.
moving-reason-guid-taken = Etwas anderes trägt schon diesen Namen.
moving-reason-parent-unknown = Der Beitrag, zu dem es gehört, ist hier nicht bekannt.
moving-reason-parent-gone = Wozu es gehört, das gibt es nicht mehr, oder es ist nicht für alle.
moving-reason-pod-away = Der Pod, den man danach fragen muss, hat tagelang nicht geantwortet.
moving-reason-signature = Nichts zeigt, dass es von der genannten Person stammt.
moving-reason-unwanted = Es wurde gelöscht, oder du oder dieser Pod wollen dort nichts von ihr hören.
moving-left-out = { $count ->
    [one] eines
   *[other] { $count } Dinge
}
archive-title = Dein Archiv
archive-words = Alles von dir in einer Datei, die diaspora*-Pods und diese Software lesen können: zum Aufheben, oder um auf einen anderen Pod zu ziehen.
archive-key-words = In der Datei steht dein privater Schlüssel. Wer sie hat, kann mit deinem Konto umziehen: Gib sie niemandem.
archive-ask = Ein Archiv machen
archive-making = Es wird gemacht. Verlangt:
archive-ready = Dein Archiv ist fertig, { $kib } KiB.
archive-until = Es liegt hier bis
archive-download = Herunterladen
flash-moving = Dein Archiv ist gut. Der Umzug läuft.
flash-archive-asked = Dein Archiv wird gemacht.
rule-moved = Dieses Konto ist auf einen anderen Pod gezogen. Melde dich dort an.
rule-not-an-archive = Das ist kein Archiv eines Kontos.
rule-archive-version = Diese Fassung eines Archivs kann dieser Pod nicht lesen. Er liest Fassung 2.0.
rule-archive-too-large = Das ist mehr, als in einem Archiv stehen darf.
rule-archive-damaged = Die Datei ist beschädigt oder abgeschnitten. Lade sie noch einmal herunter.
rule-archive-paths = Die Datei nennt Orte außerhalb von sich. Kein Pod hat sie so gemacht.
rule-archive-which-file = In der Datei muss genau ein Archiv (.json) sein.
rule-archive-key = In diesem Archiv ist kein brauchbarer privater Schlüssel.
rule-archive-not-yours = Der private Schlüssel im Archiv ist nicht der dieses Kontos.
rule-archive-unknown = Der alte Pod kennt dieses Konto nicht.
rule-archive-unreachable = Der alte Pod antwortet nicht, also zeigt nichts, dass dieses Konto deins ist. Versuche es später noch einmal.
rule-archive-same-pod = Dieses Konto ist schon auf diesem Pod.
rule-archive-moved = Dieses Konto ist geschlossen oder schon umgezogen.
rule-archive-once = In dieses Konto ist schon jemand eingezogen.
rule-archive-not-ready = Es ist noch nicht fertig.

## Das eigene Bild
portrait-title = Dein Bild
portrait-label = Bild aussuchen
portrait-help = JPEG, PNG, GIF oder WebP. Gezeigt wird das Quadrat in der Mitte.
portrait-button = Dieses Bild nehmen
portrait-remove = Bild entfernen

## Plugins
settings-plugins-title = Plugins
settings-plugins-words = Was du an den Plugins dieses Pods einstellen kannst, und welche von ihnen für dich handeln dürfen.
settings-plugins-empty = Hier gibt es nichts einzustellen.
settings-plugins-of = Einstellungen von { $name }
settings-plugins-acts = Es darf für dich handeln.
settings-plugins-acts-not = Es tut nichts für dich, bevor du es erlaubst.
settings-plugins-on = Erlauben
settings-plugins-off = Beenden
settings-plugins-on-name = { $name } erlauben, für dich zu handeln
settings-plugins-off-name = { $name } nicht mehr für dich handeln lassen
settings-plugins-save-name = Einstellungen von { $name } speichern
setting-secret-set = Es ist eines hinterlegt. Es wird nie wieder gezeigt.
setting-secret-unset = Es ist keines hinterlegt.
setting-secret-forget = Vergessen
setting-choice-none = Wie voreingestellt
setting-list-help = Eins pro Zeile.
rule-setting-number = Das ist keine ganze Zahl.
rule-setting-range = Es muss zwischen { $min } und { $max } liegen.
rule-setting-least = Es muss mindestens { $min } sein.
rule-setting-most = Es darf höchstens { $max } sein.
rule-setting-color = Eine Farbe ist ein # mit sechs Ziffern: #00aa88
rule-setting-origin = Hierher gehört nur die Adresse eines Servers: https://anderswo.example
rule-setting-handle = Das ist keine diaspora*-ID: name@pod.example
rule-setting-no-origin = Sag zuerst, für welchen Server es ist.
