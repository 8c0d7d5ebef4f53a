name = Markdown
description = Zeigt Texte mit Hervorhebungen, Listen, Links, Tabellen und Code, geschrieben in Markdown.
