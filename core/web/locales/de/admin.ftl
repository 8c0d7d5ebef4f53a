## Verwaltung
admin-overview-title = Überblick
admin-plugins-title = Plugins
admin-settings-title = Einstellungen des Pods
admin-back = Zurück zu meinem Stream
admin-version = Pappus
admin-database = Datenbank
admin-plugins-words = Plugins laufen in einer dichten Kiste. Sie bekommen, was du hier erlaubst, und sonst nichts.
admin-plugins-empty = Im Ordner der Plugins liegt keines.
figure-members = Mitglieder
figure-active = Aktiv in diesem Monat
figure-posts = Beiträge
figure-comments = Kommentare
figure-queue = Wartende Aufträge
figure-delivered = Zugestellt
figure-failing_pods = Gestörte Pods
figure-plugins = Laufende Plugins
figure-uptime = Läuft seit
need-dead_jobs = { $count ->
    [one] Ein Auftrag hat aufgegeben.
   *[other] { $count } Aufträge haben aufgegeben.
}
need-failing_pods = { $count ->
    [one] Ein anderer Pod ist nicht erreichbar.
   *[other] { $count } andere Pods sind nicht erreichbar.
}
need-plugins_failed = { $count ->
    [one] Ein Plugin ist eingeschaltet und läuft nicht.
   *[other] { $count } Plugins sind eingeschaltet und laufen nicht.
}
need-development = Dieser Pod läuft auf einer lokalen Adresse und föderiert nicht.
plugin-state-running = Läuft
plugin-state-disabled = Aus
plugin-state-failed = Gescheitert
plugin-state-found = Neu
plugin-by = von { $authors }
plugin-last-error = Letzter Fehler:
plugin-acts = Hohes Risiko: Es handelt im Namen von Mitgliedern, für jedes nur, wenn es das in seinen Einstellungen erlaubt.
plugin-asks = Es möchte
plugin-has = Es darf
plugin-asks-nothing = Es möchte nichts.
plugin-limits = { $ms } ms und { $mib } MiB je Aufruf. Es führt kein Skript im Browser aus.
plugin-failures = { $count ->
    [0] Seit dem Start ist kein Aufruf gescheitert.
    [one] Seit dem Start ist ein Aufruf gescheitert.
   *[other] Seit dem Start sind { $count } Aufrufe gescheitert.
}
plugin-enable = Für alle einschalten
plugin-enable-name = Für alle einschalten: { $name }
plugin-disable = Abschalten
plugin-disable-name = Abschalten: { $name }
plugin-settings-name = Einstellungen von { $name }
plugin-settings = Einstellungen
admin-plugin-settings-title = Einstellungen von { $name }
risk-low = Geringes Risiko.
risk-middle = Mittleres Risiko.
risk-high = Hohes Risiko.
grant-refused = (nicht erlaubt)
grant-audience = Wessen Texte es sieht
grant-audience-all-text = Jeden Text, auch aus begrenzten Beiträgen
grant-audience-as-viewer = Was lesen darf, wer die Seite ansieht
grant-audience-public = Nur öffentliche Texte
grant-log = In sein eigenes Protokoll schreiben
grant-clock = Wissen, wie spät es ist
grant-random = Zufallszahlen nutzen
grant-settings = Einstellungen haben, die du ändern kannst
grant-kv = Kleine eigene Daten ablegen
grant-sql = Eigene Tabellen führen
grant-http = Andere Server beim Namen ansprechen
grant-posts = Beiträge lesen, soweit die lesende Person es darf
grant-people = Namen und Profile sehen
grant-notifications = Mitgliedern Neuigkeiten schicken
grant-jobs = Im Hintergrund arbeiten
grant-i18n = Die Sprache der lesenden Person sprechen
grant-federation-out = Etwas an andere Pods schicken
grant-lifecycle = Erfahren, wann es ein- oder ausgeschaltet wird
grant-link = Auf { $origin } verweisen
grant-text-renderer = Den Text von Beiträgen und Kommentaren in HTML verwandeln
grant-content-filter = Beiträge und Kommentare prüfen, bevor sie gespeichert werden
grant-events = Erfahren, dass etwas geschehen ist, ohne den Text
grant-job-runner = Eigene Aufträge ausführen
grant-ui-slots = Etwas in Seiten einfügen
grant-pages = Eigene Seiten haben
grant-composer = Beim Schreiben etwas hinzufügen
grant-actions = Auf einen Klick etwas tun
grant-federation = Mehr Arten von Dingen anderer Pods verstehen
grant-account-data = Zum Export eines Mitglieds beitragen und mit dem Konto vergessen
grant-health = Melden, wie es ihm geht

## Fragen, bevor etwas geschieht
confirm-title = Bist du sicher?
confirm-sign-out = Möchtest du dich abmelden?
confirm-sign-out-button = Abmelden
confirm-read-all = Alle Neuigkeiten als gelesen markieren?
confirm-read-all-button = Alles als gelesen markieren
confirm-delete-post = Diesen Beitrag löschen, hier und auf jedem Pod, an den er ging?
confirm-delete-post-button = Beitrag löschen
confirm-delete-comment = Diesen Kommentar löschen?
confirm-delete-comment-button = Kommentar löschen
confirm-delete-aspect = Diesen Aspekt löschen? Wer in keinem anderen ist, ist danach kein Kontakt mehr.
confirm-delete-aspect-button = Aspekt löschen
confirm-disable-plugin = Dieses Plugin für alle abschalten?
confirm-disable-plugin-button = Plugin abschalten
confirm-back = Nein, zurück

## Fehler
error-title = Fehler { $status }
error-back = Zurück ins Grüne
error-request = Wenn du um Hilfe bittest, nenne diese Nummer: { $id }
error-400 = Das war nicht zu verstehen
error-400-words = Die Anfrage war kaputt. Dein Browser oder eine App hat etwas geschickt, das wir nicht lesen können.
error-403 = Nicht erlaubt
error-403-words = Das darfst du nicht. Wenn du meinst, du solltest es dürfen, frag, wer es mit dir geteilt hat oder wer diesen Pod betreibt.
error-404 = Vom Winde verweht
error-404-words = Hier ist nichts, oder nichts, was du sehen darfst.
error-405 = Nicht auf diesem Weg
error-405-words = Diese Adresse gibt es, aber nicht für das, was versucht wurde.
error-409 = Jemand war schneller
error-409-words = Das ist schon getan oder geändert. Schau noch einmal nach und versuch es dann erneut.
error-410 = Für immer fort
error-410-words = Das war einmal hier und ist weggenommen worden.
error-413 = Zu groß
error-413-words = Was geschickt wurde, ist größer, als dieser Pod annimmt.
error-415 = Nicht in dieser Form
error-415-words = Was geschickt wurde, ist von einer Art, die diese Adresse nicht annimmt.
error-422 = So geht das nicht
error-422-words = Etwas darin verstößt gegen eine Regel. Geh zurück, ändere es und versuch es noch einmal.
error-429 = Ein wenig langsamer
error-429-words = Das war sehr oft in kurzer Zeit. Warte ein paar Minuten und versuch es noch einmal.
error-500 = Bei uns ist etwas zerbrochen
error-500-words = Du kannst nichts dafür. Es ist für die Leute notiert, die diesen Pod betreiben.
error-503 = Gleich wieder da
error-503-words = Dieser Pod ist gerade mit sich selbst beschäftigt. Versuch es in Kürze noch einmal.
error-other = Das hat nicht geklappt
error-other-words = Versuch es noch einmal, oder geh zurück und nimm einen anderen Weg.

## Regeln der Felder
rule-required = Das wird gebraucht.
rule-invalid = Das sieht nicht richtig aus.
rule-attachment-taken = Das ließ sich nicht anhängen. Versuch es noch einmal.
rule-too-long = Das ist zu lang.
rule-too-short = Das ist zu kurz.
rule-too-many = Das ist mehr, als erlaubt ist.
rule-taken = Das ist schon vergeben.
rule-reserved = Das ist nicht zu haben.
rule-different = Die beiden sind nicht gleich.
rule-fixed = Das lässt sich nicht mehr ändern.
rule-expired = Das ist abgelaufen oder wurde schon benutzt.
rule-unknown-choice = Das steht nicht zur Wahl.
rule-no-such-zone = Diese Zeitzone gibt es nicht. Wähle eine aus der Liste.
rule-own = Das bist du selbst.
rule-person-unknown = Der Pod kennt diesen Menschen nicht. Ist es richtig geschrieben?
rule-person-often = Du hast in kurzer Zeit viele Leute gesucht. Warte eine Minute und versuch es noch einmal.
rule-person-unreachable = Der Pod hat nicht geantwortet. Versuch es später noch einmal.
rule-person-refused = Der Pod hat auf eine Weise geantwortet, die wir nicht annehmen.
rule-person-off = Ein Entwicklungspod spricht nicht mit anderen Pods.
rule-wrong-code = Dieser Code ist falsch oder wurde schon benutzt.
rule-wrong-password = Das ist nicht dein Passwort.
rule-wrong-sign-in = Benutzername und Passwort gehören nicht zusammen.
rule-locked = Dieses Konto ist gesperrt.
rule-characters = Darin sind Zeichen, die dort nicht hingehören.
rule-not-a-date = Dieses Datum können wir nicht lesen.
rule-not-asked-for = Darum hat es nicht gebeten.
rule-not-a-cursor = Diese Seite gibt es nicht mehr.
rule-unknown = Darunter ist nichts bekannt.
rule-not-an-address = Das ist keine E-Mail-Adresse.
rule-not-a-url = Das ist keine Webadresse.
rule-not-a-base-url = Hierher gehören nur Schema und Rechnername: https://pod.example
rule-needs-https = Ein Pod, den andere erreichen können, braucht https.

## Andere Pods: Schlüssel, Statistik, Suchmaschinen
admin-keys-title = Geänderte Schlüssel
admin-keys-words = Die Pods dieser Leute zeigen einen anderen Schlüssel als den, den dieser Pod kennt. Was damit unterschrieben ist, wird nicht angenommen. Frage die Person auf einem anderen Weg, ob ihr Pod neu aufgesetzt wurde; erst dann übernimm den neuen Schlüssel.
admin-keys-kept = Hier bekannt
admin-keys-shown = Von ihrem Pod gezeigt
admin-keys-new-account = Auch das Konto dort ist ein neues: Wer hier mit der Person teilt, sagt es ihr noch einmal.
admin-keys-accept = Neuen Schlüssel übernehmen
admin-keys-accept-name = Neuen Schlüssel von { $name } übernehmen
admin-keys-empty = Niemandes Schlüssel hat sich geändert.
need-changed_keys = { $count ->
    [one] Der Pod einer Person zeigt einen geänderten Schlüssel.
   *[other] Die Pods von { $count } Leuten zeigen geänderte Schlüssel.
}
settings-strangers = Was Fremde erfahren
settings-tells-counts = Sagen, wie viele Mitglieder, Beiträge und Kommentare es gibt
settings-tells-counts-help = Pod-Verzeichnisse lesen es, und es steht auf der Statistikseite. Sonst wird nichts gesagt.
settings-hidden = Suchmaschinen bitten, fernzubleiben
settings-hidden-help = Öffentliche Beiträge kann weiterhin lesen, wer ihre Adresse hat.
statistics-title = Statistik
statistics-software = Software
statistics-silent = Dieser Pod sagt nicht, wie viele Leute hier leben.
figure-active_halfyear = Aktiv im letzten halben Jahr
flash-moved = Dieses Konto ist hierher umgezogen.

## Sperren von Pods und Leuten
admin-blocks-title = Sperren
admin-blocks-words = Pods und Leute, die dieser Pod fernhält. Mitglieder sehen den Grund, den du für sie angibst, und jede Sperre lässt sich zurücknehmen.
admin-blocks-empty = Niemand ist gesperrt.
admin-blocks-export = Als Liste herunterladen
admin-drafts-link = { $count ->
    [0] Eine Liste einlesen
    [one] Eine Zeile einer Liste wartet
   *[other] { $count } Zeilen von Listen warten
}
block-level = Wie weit
block-level-media = Bilder verborgen
block-level-silence = Stumm
block-level-suspend = Ausgeschlossen
block-help-media = Ihre Bilder werden weder geholt noch gezeigt.
block-help-silence = Nicht in öffentlichen Streams und Tags. Nur Mitglieder, die mit ihnen teilen, sehen, was sie schreiben.
block-help-suspend = Nichts wird von ihnen angenommen und nichts an sie geschickt. Was sie geschrieben haben, ist verborgen.
block-target = Host oder diaspora*-ID
block-target-help = Zum Beispiel spam.example, oder eve@spam.example für eine Person.
block-subdomains = Mit allen Subdomains
block-media = Auch ihre Bilder verbergen
block-with-subdomains = Mit allen Subdomains.
block-without-pictures = Bilder verborgen.
block-reason = Grund
block-reason-help = Mitglieder lesen ihn.
block-note = Notiz
block-note-help = Nur Admins lesen sie.
block-by = Von { $name },
block-by-operator = Von der Kommandozeile,
block-change = Ändern
block-change-name = Sperre ändern: { $name }
block-change-title = Eine Sperre ändern
block-add-title = Einen Pod oder eine Person sperren
block-lift = Aufheben
block-lift-name = Sperre aufheben: { $name }
admin-drafts-title = Eingelesene Listen
admin-drafts-words = Zeilen aus Listen anderer. Nichts geschieht, bevor du sie annimmst.
admin-drafts-empty = Keine Zeile wartet.
admin-drafts-waiting = { $count ->
    [one] Eine Zeile wartet.
   *[other] { $count } Zeilen warten; die ersten davon stehen hier.
}
admin-drafts-problems = { $count ->
    [one] Eine Zeile war unbrauchbar
   *[other] { $count } Zeilen waren unbrauchbar
}
admin-drafts-line = Zeile { $line }:
admin-drafts-present = Jetzt:
admin-drafts-people = { $count ->
    [0] Von dort ist hier niemand bekannt.
    [one] Eine bekannte Person.
   *[other] { $count } bekannte Leute.
}
admin-drafts-contacts = { $count ->
    [0] Kein Kontakt eines Mitglieds.
    [one] Ein Kontakt eines Mitglieds.
   *[other] { $count } Kontakte von Mitgliedern.
}
admin-drafts-decision = Die angekreuzten
admin-drafts-approve = Annehmen: sie werden Sperren
admin-drafts-discard = Verwerfen
admin-drafts-import = Eine Liste einlesen
admin-drafts-import-button = Als Entwürfe einlesen
admin-drafts-source = Woher sie ist
admin-drafts-list = Die Liste
admin-drafts-list-help = CSV mit Kopfzeile, wie Server des Fediverse sie ausgeben, oder ein Host je Zeile. Höchstens 5 000 Zeilen.
admin-drafts-plain = Wo die Liste nicht sagt, wie weit
rule-not-a-host = Das ist weder ein Host noch eine diaspora*-ID.
rule-own-pod = Das würde diesen Pod selbst sperren.
rule-is-admin = Admins dieses Pods lassen sich nicht sperren.
rule-obfuscated = Der Host ist nicht ausgeschrieben.
rule-no-effect = Die Zeile verlangt nichts.
profile-suspended = Die Admins dieses Pods haben { $name } ausgeschlossen. Nichts davon wird hier gezeigt.
profile-silenced = Die Admins dieses Pods haben { $name } stumm geschaltet. Nur wer mit ihnen teilt, sieht, was sie schreiben.
profile-pictures-hidden = Die Admins dieses Pods verbergen die Bilder von { $name }.
profile-blocked-reason = Ihr Grund:
## Andere Pods, und Arbeit, die aufgegeben hat
admin-pods-title = Andere Pods
admin-pod-title = Pod { $host }
admin-jobs-title = Aufgegebene Arbeit
pods-words = Was dieser Pod anderen schickt, wartet hier, solange sie fort sind.
pods-waiting = { $count ->
    [0] Nichts wartet.
    [one] Eine Nachricht wartet.
   *[other] { $count } Nachrichten warten.
}
pods-by-state = Pods nach Zustand
pods-all = Alle
pods-search = Einen Pod finden
pods-more = Es gibt mehr, als hier stehen: suche nach einem Teil des Namens.
pods-empty = So einen Pod gibt es nicht.
pod-state-ok = Antwortet
pod-state-retrying = Gestört
pod-state-asleep = Schläft
pod-state-blocked = Gesperrt
pod-state-words-ok = Er hat geantwortet, als ihm zuletzt etwas geschickt wurde.
pod-state-words-retrying = Er antwortet nicht. Nach jeder Pause wird eine Nachricht versucht, und die Pausen wachsen; der Rest geht hinaus, sobald er antwortet.
pod-state-words-asleep = Er hat seit zwei Wochen nicht geantwortet. Es wird nichts geschickt, bis von ihm zu hören ist; einmal am Tag sieht dieser Pod nach ihm.
pod-state-words-blocked = Die Verwaltung dieses Pods hat ihn gesperrt: es wird nichts dorthin geschickt und nichts von dort angenommen.
pod-people = { $count ->
    [one] Ein bekannter Mensch dort
   *[other] { $count } bekannte Menschen dort
}
pod-people-there = Bekannte Menschen dort
pod-waiting = Wartende Nachrichten
pod-oldest = die älteste:
pod-last-seen = Zuletzt gehört
pod-fails-since = Gestört seit
pod-failures = { $count ->
    [one] ein Fehlschlag
   *[other] { $count } Fehlschläge
}
pod-last-error = Letzter Fehler
pod-next-try = Nächster Versuch nicht vor
pod-recheck = Jetzt versuchen
pod-queue-public = für alle dort
pod-queue-limited = für Einzelne
pod-events = Was zuletzt geschah
pod-events-empty = In der letzten Woche nichts.
pod-event-in = Empfangen
pod-event-out = Gesendet
pod-result-accepted = angenommen
pod-result-refused = von jenem Pod abgelehnt
pod-result-failed = gescheitert
pod-result-unreachable = nicht erreicht
pod-result-hopeless = ließ sich gar nicht senden
pod-result-gave_up = aufgegeben
pod-result-refused-here = von diesem Pod abgelehnt
flash-pod-asked = Der Pod wird gefragt. Schau gleich noch einmal nach.
jobs-words = Nachrichten, zu denen das fehlt, worauf sie sich beziehen, und andere Arbeit, die zu oft gescheitert ist. Sie bleiben einen Monat.
jobs-empty = Nichts hat aufgegeben.
jobs-number = Nr. { $id }
jobs-failed = { $count ->
    [one] einmal gescheitert
   *[other] { $count } mal gescheitert
}
jobs-crashed = { $count ->
    [one] der Server ist dabei einmal stehen geblieben
   *[other] der Server ist dabei { $count } mal stehen geblieben
}
jobs-retry = Noch einmal versuchen
jobs-retry-name = Nr. { $id } noch einmal versuchen
jobs-retry-all = Alle noch einmal versuchen
jobs-drop = Wegwerfen
jobs-drop-name = Nr. { $id } wegwerfen
jobs-drop-all = Alle wegwerfen

## Warum ein Plugin scheitert
plugin-install = Plugin installieren
plugin-install-button = Installieren
plugin-package = Paket
plugin-package-help = Eine .plugin.zip oder .wasm von jemandem, dem du vertraust. Es bleibt aus, bis du gesehen hast, worum es bittet.
plugin-not-taken = Das Paket wurde nicht angenommen.
plugin-other-author = Ich kenne diesen Autor und nehme es trotzdem
plugin-other-author-help = Nur, wenn der Autor dir gesagt hat, dass sein Schlüssel neu ist.
plugin-signed = Signiert von
plugin-unsigned = Dieses Paket hat niemand signiert.
plugin-waiting = Version { $version } ist da und bittet um mehr. Die jetzige läuft weiter, bis du entscheidest.
plugin-waiting-button = Erlauben und aktualisieren
plugin-waiting-take = { $name } mehr erlauben und aktualisieren
plugin-waiting-drop = Wegwerfen
plugin-waiting-drop-name = Die neue Version von { $name } wegwerfen
plugin-change-grants = Ändern, was es darf
plugin-change-grants-name = Ändern, was { $name } darf
plugin-roll-back = Zurück zu { $version }
plugin-roll-back-name = { $name } zurück zu { $version }
plugin-uninstall = Deinstallieren
plugin-uninstall-name = { $name } deinstallieren
plugin-state-removed = Entfernt
plugin-removed = Sein Paket ist weg. Was es gespeichert hat und was du darüber entschieden hast, ist noch da, falls es wiederkommt.
plugin-purge-now = Alles davon löschen
plugin-purge-now-name = Alles löschen, was von { $name } noch da ist
plugin-purge = Auch löschen, was es gespeichert hat
plugin-purge-help = Umfragen und Ähnliches gehören zu den Beiträgen, an denen sie hängen, und bleiben dort.
flash-plugin-here = Das Plugin ist da. Sieh dir an, worum es bittet, und schalte es dann ein.
flash-plugin-runs = Die neue Version läuft.
flash-plugin-waits = Diese Version bittet um mehr, als ihr jetzt erlaubt ist. Sieh sie dir unten an.
flash-plugin-gone = Das Plugin ist weg.
plugin-error-text = { $detail }
plugin-error-not-found = Auf diesem Pod gibt es kein Plugin { $name }.
plugin-error-unreadable = Seine Datei lässt sich nicht lesen: { $detail }
plugin-error-manifest = In seiner plugin.toml stimmt etwas nicht, bei { $at }: { $detail }
plugin-error-api = Es braucht Version { $needs } der Plugin-Schnittstelle; dieser Pod hat { $has }.
plugin-error-unknown-import = Es importiert { $name }, das dieser Pod nicht bietet.
plugin-error-undeclared-import = Es importiert { $name }, aber seine plugin.toml sagt das nicht.
plugin-error-missing-hook = Seine plugin.toml nennt den Hook { $name }, aber es exportiert ihn nicht.
plugin-error-undeclared-hook = Es exportiert den Hook { $name }, aber seine plugin.toml sagt das nicht.
plugin-error-too-large = Es braucht mehr, als dieser Pod einem Plugin gibt: { $detail }
plugin-error-component = Es ist keine funktionierende Komponente: { $detail }
plugin-error-trap = Es ist abgestürzt: { $detail }
plugin-error-budget = Es hat mehr als seine { $count } ms Rechenzeit verbraucht.
plugin-error-deadline = Es hat in { $count } ms nicht geantwortet.
plugin-error-memory = Es wollte mehr als seine { $count } MiB Speicher.
plugin-error-answer = Seine Antwort wurde abgelehnt: { $detail }
plugin-error-busy = Es laufen schon zu viele seiner Aufrufe.
plugin-error-taken = { $by } ist eingeschaltet und macht „{ $name }“ schon; ein Beitrag enthält nur eines von jeder Art.
plugin-error-signature = Seine Signatur stimmt nicht: { $detail }
plugin-error-other-author = Es ist signiert von { $by }, und dieser Pod kennt das Plugin von { $has }.
plugin-error-bundled = Dieses Plugin gehört zum Pod, und das Paket ist signiert von { $by }.
plugin-error-other-plugin = „{ $name }“ heißt auf diesem Pod schon { $by }.
plugin-error-older = Es ist Version { $needs }, und { $has } ist schon da.
plugin-error-failed = Es hat aufgegeben: { $detail }
plugin-error-no-hook = Es bietet { $name } nicht an.
plugin-error-grants = Was ihm erlaubt wurde, lässt sich nicht lesen. Schalte es neu ein.
plugin-error-asks-more = Seine neue Version verlangt auch { $name }. Schalte es neu ein, um das zu erlauben.
plugin-error-gone = Sein Paket ist weg.
