## Rahmen
skip = Zum Inhalt springen
nav-main = Hauptmenü
nav-rail = Streams und Aspekte
nav-tabs = Hauptmenü, unten
nav-admin = Seiten der Verwaltung
nav-notifications = Neuigkeiten
tab-stream = Stream
tab-search = Suchen
tab-write = Schreiben
tab-inbox = Post
tab-me = Ich
rail-aspects = Aspekte
rail-tags = Gefolgte Tags
rail-more = Leute und Tags finden
rail-profile = Mein Profil
rail-settings = Einstellungen
rail-admin = Verwaltung
development-banner = Das ist ein Entwicklungspod auf deinem eigenen Rechner: Er spricht nicht mit anderen Pods.
foot-software = läuft mit Pappus { $version }
pager-older = Ältere Beiträge
pager-more = Mehr
search-label = Leute nach Name oder diaspora*-ID suchen
search-placeholder = Name oder diaspora*-ID
search-button = Suchen
copy = Kopieren
copied = Kopiert

## Zeit
time-now = gerade eben
time-minutes = { $count } Min.
time-hours = { $count } Std.
time-days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}

## Formulare
form-optional = (freiwillig)
form-problems = { $count ->
    [one] Ein Feld braucht noch einen Blick.
   *[other] { $count } Felder brauchen noch einen Blick.
}
form-save = Speichern
form-continue = Weiter
field-username = Benutzername
field-username-help = Buchstaben, Ziffern, Punkte, Binde- und Unterstriche. Er wird die erste Hälfte deiner diaspora*-ID und lässt sich später nicht ändern.
field-email = E-Mail
field-login = Benutzername oder E-Mail
field-password = Passwort
field-password-help = Mindestens 8 Zeichen. Länger ist besser als verschroben.
field-password-again = Passwort noch einmal

## Türen
sign-in = Anmelden
sign-in-title = Anmelden
sign-in-remember = Auf diesem Gerät angemeldet bleiben
sign-in-new = Neu hier?
sign-out = Abmelden
sign-up = Mitmachen
sign-up-title = Bei diesem Pod mitmachen
sign-up-button = Mein Konto anlegen
sign-up-have = Schon dabei?
closed-title = Dieser Pod nimmt niemanden Neues auf
closed-words = Wer diesen Pod betreibt, hat die Anmeldung geschlossen. Andere Pods sind vielleicht offen, und alle können einander erreichen.
code-title = Noch ein Schritt
code-words = Dein Konto ist durch einen zweiten Faktor geschützt.
code-label = Code
code-help = Die sechs Ziffern, die deine Authenticator-App gerade zeigt, oder einer deiner Ersatzcodes.
home-title = Willkommen
home-lead = Teile mit genau den Menschen, die du meinst, auf einem Pod von Leuten, die du beim Namen kennst.
home-members = { $count ->
    [one] Ein Mensch wohnt hier.
   *[other] { $count } Menschen wohnen hier.
}
home-join = Bei diesem Pod mitmachen
home-posts = Zuletzt öffentlich

## Einrichtung
setup-title = Richte deinen Pod ein
setup-words = Drei kurze Abschnitte, dann steht dir dein Pod offen.
setup-token-words = Füge das Einmalwort aus dem Link ein, den der Server beim Start ausgegeben hat.
setup-token-label = Einmalwort
setup-pod = Der Pod
setup-address = Adresse
setup-address-help = Die Adresse, die alle eintippen. Sie gehört zu jeder diaspora*-ID und lässt sich danach nie mehr ändern.
setup-name = Name des Pods
setup-name-help = Steht auf jeder Seite oben.
setup-you = Du, das erste Mitglied
setup-registrations = Mitmachen
setup-button = Pod starten
registrations-open = Offen: Alle können mitmachen
registrations-open-help = Wer den Pod findet, kann ein Konto anlegen.
registrations-closed = Geschlossen: Niemand kann sich selbst anmelden
registrations-closed-help = Du kannst die Tür jederzeit öffnen.
not-set-up-title = Dieser Pod wird gerade erst gepflanzt
not-set-up-words = Er hat noch keine Mitglieder und kann nichts zeigen. Schau bald wieder vorbei.
not-set-up-podmin = Falls es deiner ist: Der Link zur Einrichtung steht dort, wo der Server gestartet wurde.
