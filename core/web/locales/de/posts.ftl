## Streams
stream-title-mine = Mein Stream
stream-title-public = Öffentlicher Stream
stream-title-aspects = Beiträge aus { $names }
stream-empty-mine = Noch nichts da. Nimm Leute in deine Aspekte auf oder folge einem Tag, dann landen ihre Beiträge hier.
stream-empty-public = Auf diesem Pod hat noch niemand öffentlich geschrieben.
stream-empty-aspects = Die Leute in diesen Aspekten haben noch nichts geschrieben.
tag-title = #{ $tag }
tag-empty = Noch hat kein Beitrag mit diesem Tag diesen Pod erreicht.
tag-follow = Diesem Tag folgen
tag-unfollow = Gefolgt

## Beiträge
post-title = Beitrag von { $name }
post-like = { $count ->
    [0] Gefällt mir
   *[other] Gefällt mir · { $count }
}
post-liked = Gefällt dir · { $count }
post-likes = { $count ->
    [one] { $count } Mal gemocht
   *[other] { $count } Mal gemocht
}
post-like-name = { $count ->
    [0] Gefällt mir: der Beitrag von { $name }
   *[other] Gefällt mir · { $count }: der Beitrag von { $name }
}
post-unlike-name = Gefällt dir · { $count }: nimm dein „Gefällt mir“ für den Beitrag von { $name } zurück
post-likers = Gefällt
post-comments = { $count ->
    [0] Kommentieren
    [one] { $count } Kommentar
   *[other] { $count } Kommentare
}
post-menu = Mehr zu diesem Beitrag
post-delete = Beitrag löschen
post-delete-help = Er wird hier und von jedem Pod zurückgenommen, an den er ging. Das lässt sich nicht rückgängig machen.
post-shield = Als nicht für alle Augen geeignet markiert. Zeigen
post-visitor = Zum Mögen und Kommentieren nimm dein eigenes Konto.
photo-without-words = Bild von { $name }, ohne Beschreibung
comments-label = Kommentare
comments-earlier = { $count ->
    [one] Einen früheren Kommentar zeigen
   *[other] { $count } frühere Kommentare zeigen
}
comment-label = Kommentar zum Beitrag von { $name }
comment-placeholder = Schreib einen Kommentar
comment-button = Kommentieren
comment-delete-name = Kommentar von { $name } löschen

## Schreiben und Publikum
composer-label = Was wächst heute?
composer-placeholder = Schreib etwas. @erwähne Leute, #verschlagworte Dinge
composer-button = Teilen
composer-extra-gone = Was du ausgefüllt hast, gehört zu einem Plugin, das jetzt abgeschaltet ist. Sende noch einmal, um den Text ohne es zu teilen.
composer-extra-twice = Ein Beitrag kann nur eines davon enthalten.
composer-more = Weitere Felder
plugin-page-title = { $heading }
plugin-compose-failed = Das ließ sich nicht anlegen. Versuch es noch einmal, oder lass es weg.
audience-label = Wer es sehen kann:
audience-question = Wer kann es sehen?
audience-public = Öffentlich
audience-public-help = Alle, mit und ohne Konto, und Suchmaschinen.
audience-all = Alle meine Aspekte
audience-all-help = Alle, mit denen du jetzt teilst. Niemand, der später in einen Aspekt kommt.
audience-chosen = Ausgewählte Aspekte
audience-chosen-help = Nur die Leute, die jetzt in diesen Aspekten sind:
audience-limited = Begrenzt
audience-nobody = Noch niemand
people-count = { $count ->
    [0] niemand
    [one] { $count } Mensch
   *[other] { $count } Menschen
}

## Weitergesagtes, gemochte Kommentare
reshare-mark = sagt weiter:
reshare-gone = Der Beitrag, der hier weitergesagt wurde, ist gelöscht.
reshare-button = { $count ->
    [0] Weitersagen
   *[other] Weitersagen · { $count }
}
reshare-name = { $count ->
    [0] Weitersagen, für alle: der Beitrag von { $name }
   *[other] Weitersagen · { $count }, für alle: der Beitrag von { $name }
}
reshare-done = { $count ->
    [0] Weitergesagt
   *[other] Weitergesagt · { $count }
}
reshare-count = { $count ->
    [one] { $count } Mal weitergesagt
   *[other] { $count } Mal weitergesagt
}
comment-like-name = { $count ->
    [0] Gefällt mir: der Kommentar von { $name }
   *[other] Gefällt mir · { $count }: der Kommentar von { $name }
}
comment-unlike-name = Gefällt dir · { $count }: nimm dein „Gefällt mir“ für den Kommentar von { $name } zurück
person-closed = Konto geschlossen

## Texte, die nicht abgeschickt wurden
sign-in-unsent = Deine Sitzung war zu Ende, bevor dein Text ankam. Er ist auf dieser Seite aufgehoben: Melde dich an, dann kannst du ihn abschicken.
flash-unsent = Dein Text ist noch nicht abgeschickt. Schick ihn jetzt ab.
kept-label = Was du geschrieben hast, wurde nicht abgeschickt. Hier steht es zum Kopieren:
rule-person-there = Diese Person ist schon in diesen Aspekten.
rule-person-gone = Dieses Konto wurde geschlossen.
rule-person-ignored = Du ignorierst diese Person.
notifications-read-about = Als gelesen markieren
comments-before = Frühere Kommentare zeigen
comments-newest = Die neuesten Kommentare zeigen

## Fotos
photos-label = Fotos
photos-help = JPEG, PNG, GIF oder WebP, bis zu 20 MiB je Bild. Orte und anderes, was Kameras hineinschreiben, wird entfernt. Ein Foto eines begrenzten Beitrags hat eine Adresse, die niemand erraten kann: Wer sie von jemandem auf einem anderen Pod bekommt, kann es öffnen.
photos-step = Hochladen und beschreiben
photos-text-label = Was ist auf dem Bild? Für Menschen, die es nicht sehen können
photos-leave-out = Weglassen
photos-sending = Wird gesendet
photos-cancel = Abbrechen
photos-retry = Noch einmal
photos-remove = Entfernen
photos-failed = Es ist nicht angekommen.
photos-done = Das Foto ist da.
photos-title = Fotos von { $name }
photos-back = Zurück zum Profil
photos-empty = Noch keine Fotos.
photos-delete-name = Foto löschen: { $name }
photos-nameless = ohne Beschreibung
rule-picture-format = Das ist kein Bild, das wir kennen. Es geht mit JPEG, PNG, GIF oder WebP.
rule-picture-bytes = Diese Datei ist zu groß. Ein Foto darf 20 MiB haben.
rule-picture-pixels = Dieses Bild hat zu viele Pixel. Mehr als 50 Millionen gehen nicht.
rule-picture-broken = Dieses Bild ist beschädigt oder unvollständig.
rule-picture-waiting = Es warten zu viele Fotos darauf, geteilt zu werden. Teile oder entferne erst einige.
rule-picture-count = Ein Beitrag fasst höchstens 20 Fotos.
rule-picture-gone = Eines der Fotos ist nicht mehr da. Füge es noch einmal hinzu.
