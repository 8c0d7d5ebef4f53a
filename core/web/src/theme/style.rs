//! Reads a theme's style sheet and refuses what reaches out of it: other addresses, imports, escapes.
use std::fmt::Write as _;

/// The sheet inside the theme's cascade layer, or why it is refused.
pub fn layered(source: &str) -> Result<String, String> {
    check(source)?;
    let mut sheet = String::with_capacity(source.len() + 20);
    let _ = write!(sheet, "@layer theme{{{source}}}");
    Ok(sheet)
}

fn check(source: &str) -> Result<(), String> {
    if source.contains('\\') {
        return Err("a backslash is not for themes: it can spell any word".into());
    }
    if source.contains('<') {
        return Err("`<` is not for style sheets".into());
    }
    let bare = without_comments_and_strings(source)?;
    let lower = bare.to_ascii_lowercase();
    for word in ["@import", "@namespace", "@charset", "@layer", "expression(", "image-set(", "src(", "image("]
    {
        if lower.contains(word) {
            return Err(format!("`{word}` is not for themes"));
        }
    }
    balanced(&bare)?;
    addresses(source, &lower)
}

/// The sheet with comments gone and strings emptied.
fn without_comments_and_strings(source: &str) -> Result<String, String> {
    let mut bare = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '/' if chars.peek() == Some(&'*') => {
                chars.next();
                let mut last = ' ';
                loop {
                    match chars.next() {
                        Some('/') if last == '*' => break,
                        Some(next) => last = next,
                        None => return Err("a comment is not closed".into()),
                    }
                }
                bare.push(' ');
            }
            '"' | '\'' => {
                bare.push('"');
                loop {
                    match chars.next() {
                        Some(next) if next == char => break,
                        Some('\n') | None => return Err("a string is not closed".into()),
                        Some(_) => {}
                    }
                }
                bare.push('"');
            }
            other => bare.push(other),
        }
    }
    Ok(bare)
}

/// Braces must close in the file that opens them, or a sheet could leave its layer.
fn balanced(bare: &str) -> Result<(), String> {
    let mut open = Vec::new();
    for char in bare.chars() {
        match char {
            '{' | '(' | '[' => open.push(char),
            '}' | ')' | ']' => {
                let fits =
                    matches!((open.pop(), char), (Some('{'), '}') | (Some('('), ')') | (Some('['), ']'));
                if !fits {
                    return Err(format!("`{char}` closes nothing"));
                }
            }
            _ => {}
        }
    }
    if open.is_empty() { Ok(()) } else { Err("a brace is not closed".into()) }
}

/// `url()` may name a file of the theme only, without quotes and without going up.
fn addresses(source: &str, lower: &str) -> Result<(), String> {
    if source.to_ascii_lowercase().matches("url").count() != lower.matches("url(").count() {
        return Err("`url` stands in an odd place".into());
    }
    for piece in lower.split("url(").skip(1) {
        let address = piece.split(')').next().unwrap_or_default().trim();
        let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.' | '/');
        let inside = !address.starts_with('/') && !address.contains("..") && !address.contains("//");
        if address.is_empty() || !address.chars().all(plain) || !inside {
            return Err(format!("url({address}) is not a file of the theme"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_rules_pass_and_stand_in_their_layer() {
        let sheet =
            layered(".post{color:var(--leaf);background:url(leaf.svg)}@media print{p{margin:0}}").unwrap();
        assert!(sheet.starts_with("@layer theme{.post{"));
    }

    #[test]
    fn a_sheet_that_reaches_out_is_refused() {
        for bad in [
            "@import 'https://x/y.css';",
            "@IMPORT url(x.css);",
            "p{background:url(https://tracker.example/x.png)}",
            "p{background:url(//tracker.example/x.png)}",
            "p{background:url('https://x/y')}",
            "p{background:url(/-/media/x)}",
            "p{background:url(../../secret)}",
            "p{background:url(data:image/png;base64,AA)}",
            "p{background:u\\72l(https://x)}",
            "p{background:image-set('https://x' 1x)}",
            "p{background:ur/**/l(https://x)}p{background:url",
            "}body{display:none}",
            "p{color:red",
            "p{color:red}}",
            "/* open",
            "p{content:'open}",
            "@layer tokens{:root{--ink:#fff}}",
            "</style><script>",
        ] {
            assert!(layered(bad).is_err(), "{bad}");
        }
    }
}
