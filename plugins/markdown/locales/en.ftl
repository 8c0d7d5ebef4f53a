name = Markdown
description = Shows texts with emphasis, lists, links, tables and code, written in Markdown.
