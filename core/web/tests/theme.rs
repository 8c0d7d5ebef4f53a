//! Every page in every state, theme and language: it renders, and it is sound HTML.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap, HashSet},
};

use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind,
    },
};
use pappus_web::{
    for_each_page,
    locale::Lang,
    theme::{
        Theme,
        contract::{Chrome, Page},
        package::Package,
    },
};

const VOID: [&str; 7] = ["meta", "link", "input", "img", "br", "hr", "wbr"];

/// Reads a page's tags and keeps what is wrong with them.
#[derive(Default)]
struct Judge {
    open: RefCell<Vec<String>>,
    faults: RefCell<Vec<String>>,
    ids: RefCell<HashSet<String>>,
    referred: RefCell<Vec<String>>,
    labelled: RefCell<HashSet<String>>,
    inputs: RefCell<Vec<(String, bool)>>,
    headings: RefCell<Vec<u32>>,
    mains: Cell<usize>,
    text: RefCell<String>,
}

impl Judge {
    fn fault(&self, fault: impl Into<String>) {
        self.faults.borrow_mut().push(fault.into());
    }

    fn start(&self, tag: &Tag) {
        let name = tag.name.to_string();
        let value = |wanted: &str| {
            tag.attrs.iter().find(|attr| &*attr.name.local == wanted).map(|attr| attr.value.to_string())
        };
        if let Some(id) = value("id")
            && !self.ids.borrow_mut().insert(id.clone())
        {
            self.fault(format!("id {id} twice"));
        }
        for reference in ["aria-labelledby", "aria-describedby", "for"] {
            let ids = value(reference).unwrap_or_default();
            self.referred.borrow_mut().extend(ids.split_whitespace().map(str::to_owned));
        }
        match name.as_str() {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.headings.borrow_mut().push(name[1..].parse().unwrap());
            }
            "main" => self.mains.set(self.mains.get() + 1),
            "img" if value("alt").is_none() => self.fault("a picture without alt"),
            "label" => drop(self.labelled.borrow_mut().insert(value("for").unwrap_or_default())),
            "input" | "textarea" | "select" if value("type").as_deref() != Some("hidden") => {
                self.inputs
                    .borrow_mut()
                    .push((value("id").unwrap_or_default(), value("aria-label").is_some()));
            }
            "script" if value("src").is_none() && value("type").as_deref() != Some("text/plain") => {
                self.fault("a script inline");
            }
            _ => {}
        }
        for attr in &tag.attrs {
            let attr = &*attr.name.local;
            if attr.starts_with("on") || attr == "style" {
                self.fault(format!("{attr} on {name}"));
            }
        }
        if !VOID.contains(&name.as_str()) && !tag.self_closing {
            self.open.borrow_mut().push(name);
        }
    }

    fn verdict(&self) -> Vec<String> {
        let mut faults = self.faults.borrow().clone();
        let headings = self.headings.borrow();
        if headings.iter().filter(|level| **level == 1).count() != 1 {
            faults.push(format!("headings {headings:?}"));
        }
        if headings.windows(2).any(|pair| pair[1] > pair[0] + 1) {
            faults.push(format!("headings jump {headings:?}"));
        }
        if self.mains.get() != 1 {
            faults.push(format!("{} mains", self.mains.get()));
        }
        let (ids, labelled) = (self.ids.borrow(), self.labelled.borrow());
        for id in self.referred.borrow().iter().filter(|id| !ids.contains(*id)) {
            faults.push(format!("nothing has the id {id}"));
        }
        for (id, named) in self.inputs.borrow().iter() {
            if !named && !labelled.contains(id) {
                faults.push(format!("input {id} has no label"));
            }
        }
        if self.text.borrow().contains('⟦') {
            faults.push("a sentence is missing".into());
        }
        if !self.open.borrow().is_empty() {
            faults.push(format!("not closed: {:?}", self.open.borrow()));
        }
        faults
    }
}

impl TokenSink for Judge {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                self.start(&tag);
                return match &*tag.name {
                    "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                    "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
                    _ => TokenSinkResult::Continue,
                };
            }
            Token::TagToken(tag) => {
                let open = self.open.borrow_mut().pop();
                if open.as_deref() != Some(&*tag.name) {
                    self.fault(format!("</{}> closes {open:?}", tag.name));
                }
            }
            Token::CharacterTokens(text) => self.text.borrow_mut().push_str(&text),
            Token::ParseError(error) => self.fault(error.to_string()),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn faults(html: &str) -> Vec<String> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer =
        Tokenizer::new(Judge::default(), TokenizerOpts { exact_errors: true, ..Default::default() });
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.verdict()
}

/// Calls `see` with every page there is: what it is, and its HTML.
fn each_page(theme: &Theme, mut see: impl FnMut(&str, &str)) -> usize {
    let mut count = 0;
    macro_rules! render {
        ($page:ty) => {
            for lang in Lang::ALL {
                for chrome in Chrome::samples(lang) {
                    for (at, sample) in <$page as Page>::samples().iter().enumerate() {
                        let who = if chrome.me.is_some() { "member" } else { "visitor" };
                        let name = format!("{} {at} {} {who}", <$page as Page>::TEMPLATE, lang.id());
                        let html =
                            theme.render(&chrome, sample).unwrap_or_else(|error| panic!("{name}: {error}"));
                        see(&name, &html);
                        count += 1;
                    }
                }
            }
        };
    }
    for_each_page!(render);
    count
}

#[test]
fn every_page_is_sound_in_every_theme_language_and_state() {
    for id in ["core", "seedhead", "night"] {
        let theme = Theme::bundled(id).unwrap_or_else(|error| panic!("{error}"));
        let mut wrong = Vec::new();
        let count = each_page(&theme, |name, html| {
            for fault in faults(html) {
                wrong.push(format!("{id} {name}: {fault}"));
            }
        });
        assert!(count > 200, "only {count} pages were looked at");
        assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
        assert_eq!(theme.incidents(), 0, "{id}");
    }
}

#[test]
fn the_judge_sees_what_is_wrong() {
    let page = |body: &str| format!("<!doctype html><html><body><main>{body}</main></body></html>");
    assert!(faults(&page("<h1>x</h1><p>y</p>")).is_empty());
    for broken in [
        "<p>no heading</p>",
        "<h1>x</h1><h3>y</h3>",
        "<h1>x</h1><h1>y</h1>",
        "<h1 id=\"a\">x</h1><p id=\"a\">y</p>",
        "<h1>x</h1><img src=\"y\">",
        "<h1>x</h1><input name=\"y\">",
        "<h1>x</h1><p aria-labelledby=\"gone\">y</p>",
        "<h1>x</h1><p>y",
        "<h1>x</h1><p onclick=\"y\"></p>",
        "<h1>x</h1><script>y</script>",
        "<h1>⟦key⟧</h1>",
    ] {
        assert!(!faults(&page(broken)).is_empty(), "{broken}");
    }
}

fn package(templates: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    let manifest = "[theme]\nid = \"meadow\"\nname = \"Meadow\"\nversion = \"1.0.0\"\napi = \"1\"\n";
    let files = templates.iter().map(|(path, source)| ((*path).to_owned(), source.as_bytes().to_vec()));
    files.chain([("theme.toml".to_owned(), manifest.as_bytes().to_vec())]).collect()
}

/// Why a theme with these files is not switched on.
fn refusal(templates: &[(&str, &str)]) -> Option<String> {
    let theme = Theme::core();
    let switched = Package::new("meadow", package(templates)).and_then(|package| theme.switch(&package));
    let kept = theme.id();
    match switched {
        Ok(()) => None,
        Err(refused) => {
            assert_eq!(kept, "core", "the old theme stays");
            Some(refused.reason)
        }
    }
}

#[test]
fn a_good_theme_may_change_parts_blocks_and_pages() {
    let foot = ("templates/parts/foot.html", "<footer class=\"mine\">{{ pod.name }}</footer>");
    let stream = (
        "templates/pages/stream.html",
        "{% extends \"core:pages/stream.html\" %}{% block aside %}<aside>{{ pod.name }}</aside>{% endblock %}",
    );
    assert_eq!(refusal(&[foot, stream]), None);
    let theme = Theme::core();
    theme.switch(&Package::new("meadow", package(&[foot, stream])).unwrap()).unwrap();
    let mut seen = 0;
    each_page(&theme, |name, html| {
        let free = [
            "stream",
            "post",
            "tag",
            "home",
            "contacts",
            "notifications",
            "search",
            "photos",
            "profile.html",
            "conversation",
            "statistics",
            "plugin.html",
        ];
        let expected = free.iter().any(|page| name.contains(&format!("pages/{page}")));
        if expected || !name.contains("error") && !name.contains("registrations_closed") {
            assert_eq!(html.contains("class=\"mine\""), expected, "{name}");
        }
        seen += usize::from(html.contains("<aside>"));
    });
    assert!(seen > 0);
}

#[test]
fn the_cores_parts_find_the_kit_under_any_layout() {
    // as a theme may write it: nothing in tags that is not on the list, and the kit under its own name only
    let mut layout = include_str!("../templates/layout.html").to_owned();
    for core_only in [
        "{% set _kit = kit %}",
        "{% block shell %}{% if me %}with-rail{% else %}single{% endif %}{% endblock %}",
        " tabindex=\"-1\"",
    ] {
        assert!(layout.contains(core_only), "{core_only}");
        layout = layout.replace(core_only, "");
    }
    let stream = "{% extends \"core:pages/stream.html\" %}{% block main %}<h1>{{ page.title }}</h1>\
                  {% set kit = 1 %}{% include \"parts/posts.html\" %}{% endblock %}";
    let theme = Theme::core();
    let files = package(&[
        ("templates/layout.html", &layout),
        ("templates/pages/stream.html", stream),
        ("templates/parts/comment.html", "<li>{{ kit.comment_like(comment) }}</li>"),
    ]);
    let switched = Package::new("meadow", files).and_then(|package| theme.switch(&package));
    assert!(switched.is_ok(), "{}", switched.unwrap_err().reason);
    let mut seen = 0;
    each_page(&theme, |name, html| {
        let posts = html.matches("<article class=\"post\"").count();
        assert_eq!(posts > 0, html.contains("k-like"), "{name}");
        seen += posts;
    });
    assert!(seen > 100, "only {seen} posts were looked at");
    assert_eq!(theme.incidents(), 0);
}

#[test]
fn a_hostile_theme_is_refused_and_the_old_one_stays() {
    let page = "templates/pages/stream.html";
    let table: &[(&str, &str, &str)] = &[
        (page, "<main id=\"main\"><script>x</script></main>", "no element"),
        (page, "{% autoescape false %}{% endautoescape %}", "escaping"),
        (page, "{{ page.title|safe }}", "safe"),
        (page, "{% for a in range(400) %}{% for b in range(400) %}{{ a }}{% endfor %}{% endfor %}", "fuel"),
        (page, "{% include 'pages/stream.html' %}", "recursion"),
        (page, "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion"),
        (page, "{{ 'x' * 1000000000 }}", "fuel"),
        (page, "{{ range(100000) }}", "500"),
        (page, "{% include '../../../etc/passwd' %}", "not found"),
        (page, "{% import 'kit/forms.html' as f %}{{ f.open('/users/sign_out') }}", "not found"),
        (
            page,
            "{% import 'kit.html' as kit %}{{ kit._f.open('/users/sign_out') }}",
            "has no method named open",
        ),
        (page, "{{ form_open('/users/sign_out', 'x', '', '', false) }}", "kit only"),
        (page, "{{ form_action('/users/sign_out', 'x', '', '', '', '', []) }}", "kit only"),
        (page, "{{ post.autor }}", "undefined"),
        (page, "<h1>{{ page.title }}</h1>", "comes out without"),
        (page, "{% extends 'layout.html' %}{% block main %}<form action=\"/x\">{% endblock %}", "kit only"),
        ("templates/pages/sign_in.html", "<p>x</p>", "core only"),
        ("templates/pages/settings_security.html", "<p>x</p>", "core only"),
        ("templates/pages/admin_plugins.html", "<p>x</p>", "core only"),
        ("templates/pages/setup.html", "<p>x</p>", "core only"),
        ("templates/kit.html", "<p>x</p>", "core only"),
        ("templates/kit/forms.html", "<p>x</p>", "core only"),
        ("templates/pages/unheard-of.html", "<p>x</p>", "no such file"),
        ("assets/x.js", "alert(1)", "css"),
        ("assets/x.svg", "<svg onload=\"x\"/>", "css"),
        ("assets/x.css", "@import 'https://x';", "@import"),
        ("assets/../../x.css", "p{}", "odd name"),
        ("templates/.hidden", "x", "odd name"),
        ("install.sh", "x", "no such file belongs"),
    ];
    for (path, source, reason) in table {
        assert!(!reason.is_empty(), "any refusal would do for {path} {source}");
        let refused = refusal(&[(*path, *source)]).unwrap_or_else(|| panic!("{path} {source} was taken"));
        assert!(refused.contains(reason), "{path} {source}: {refused}");
    }
}

#[test]
fn no_template_builds_a_tag_from_pieces_of_safe_html() {
    let tricks = [
        "{% set lt = time(0)[0] %}{{ lt }}script>",
        "{% set lt = time(0)[0:1] %}{{ lt }}script>",
        "{% for c in time(0) %}{% if loop.first %}{{ c }}script>{% endif %}{% endfor %}",
        "{{ '<' }}script>",
        "{{ time(0) ~ '<script>' }}",
        "{% set x %}a{% endset %}{{ x ~ '<script>' }}",
        "{{ [time(0), '<script>']|join('') }}",
    ];
    let mut looked_at = 0;
    for trick in tricks {
        let source = format!(
            "{{% extends \"layout.html\" %}}{{% block main %}}<h1>{{{{ page.title }}}}</h1>{trick}{{% endblock %}}"
        );
        let theme = Theme::core();
        let files = package(&[("templates/pages/tag.html", &source)]);
        // none of them is refused, so each shows what it makes
        let switched = Package::new("meadow", files).and_then(|package| theme.switch(&package));
        assert!(switched.is_ok(), "{trick}: {}", switched.unwrap_err().reason);
        for page in pappus_web::theme::contract::stream::TagPage::samples() {
            let html = theme.render(&Chrome::samples(Lang::En).remove(1), &page).unwrap();
            assert_eq!(scripts(&html), (1, 0), "{trick} made a tag, or nothing");
            looked_at += 1;
        }
    }
    assert!(looked_at >= 3 * tricks.len(), "only {looked_at} pages were looked at");
    assert_eq!(scripts("<head><script></head><body><script>"), (0, 1));
}

/// How often `script>` is text in a page's body, and how often it is a tag.
fn scripts(html: &str) -> (usize, usize) {
    let body = html.split("<body").nth(1).unwrap();
    let tags = body.matches("<script").count();
    let named = body.matches("script>").count() + body.matches("script&gt;").count();
    (named - tags - body.matches("</script>").count(), tags)
}

#[test]
fn what_fails_while_rendering_falls_back_to_the_core() {
    // Renders in every sample, and fails on a page that the samples do not have.
    let source = "{% extends \"core:pages/tag.html\" %}{% block aside %}\
                  {% if tag == \"trap\" %}{{ nowhere.at.all }}{% endif %}<aside>{{ tag }}</aside>{% endblock %}";
    let theme = Theme::core();
    theme.switch(&Package::new("meadow", package(&[("templates/pages/tag.html", source)])).unwrap()).unwrap();
    let chrome = Chrome::samples(Lang::En).remove(1);
    let mut page = pappus_web::theme::contract::stream::TagPage::samples().remove(0);
    assert!(theme.render(&chrome, &page).unwrap().contains("<aside>"));
    page.tag = "trap".into();
    let html = theme.render(&chrome, &page).unwrap();
    assert!(!html.contains("<aside>") && html.contains("#trap"), "the core's page");
    assert_eq!(theme.incidents(), 1);
}

#[test]
fn a_theme_of_colours_alone_changes_the_style_sheets_only() {
    let (core, night) = (Theme::core(), Theme::bundled("night").unwrap());
    let chrome = Chrome::samples(Lang::En).remove(0);
    let page = pappus_web::theme::contract::entry::SignInPage::samples().remove(0);
    let html = night.render(&chrome, &page).unwrap();
    let url =
        html.split('"').find(|part| part.contains("/-/theme/night/") && part.contains("/tokens-")).unwrap();
    let sheet = night.lookup(url).unwrap();
    assert!(sheet.immutable && String::from_utf8_lossy(&sheet.bytes).contains("--paper:#10131c"));
    assert!(core.lookup(url).is_none());
    assert!(night.lookup("/-/theme/night/../core").is_none());
}

#[test]
fn old_clients_find_what_they_look_for() {
    let chrome = Chrome::samples(Lang::En).remove(1);
    let page = pappus_web::theme::contract::stream::StreamPage::samples().remove(0);
    let html = Theme::bundled("seedhead").unwrap().render(&chrome, &page).unwrap();
    let line = html.lines().find(|line| line.starts_with("window.gon={};gon.user=")).unwrap();
    assert!(line.contains(";gon.preloads={};gon.appConfig="));
    assert!(html.contains("<meta name=\"csrf-param\" content=\"authenticity_token\"/>"));
    assert!(html.contains("<meta name=\"csrf-token\" content=\"sample-token\"/>"));
    assert!(html.contains("<main id=\"main\""));
    let tags = html.split("id=\"followed_tags\"").nth(1).unwrap();
    assert!(tags.split("</p><div><ul").nth(1).unwrap().contains("#gardening"));
}

fn keys(lang: Lang) -> HashMap<String, String> {
    let mut keys = HashMap::new();
    for (path, source) in lang.sources() {
        for line in source.lines() {
            let Some((key, _)) = line.split_once(" =") else { continue };
            if key.starts_with(char::is_alphabetic) {
                assert!(keys.insert(key.to_owned(), path.clone()).is_none(), "{key} twice");
            }
        }
    }
    keys
}

#[test]
fn every_sentence_is_there_in_every_language_and_none_is_left_over() {
    let english = keys(Lang::En);
    assert!(english.len() > 200);
    for lang in Lang::ALL {
        let theirs = keys(lang);
        for key in english.keys() {
            assert!(theirs.contains_key(key), "{} lacks {key}", lang.id());
            assert!(
                lang.find(key, &fluent_bundle::FluentArgs::new()).is_some(),
                "{} cannot say {key}",
                lang.id()
            );
        }
        for key in theirs.keys() {
            assert!(english.contains_key(key), "only {} has {key}", lang.id());
        }
    }
    let (sources, templates) = (sources(&["templates", "src"]), sources(&["templates"]));
    let (mut families, mut used) = (HashSet::new(), HashSet::new());
    for (at, _) in templates.match_indices("t(\"") {
        if templates[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            continue; // `default("`, `slot("`
        }
        let (key, rest) = templates[at + 3..].split_once('"').unwrap();
        if rest.starts_with(" ~") {
            families.insert(key)
        } else {
            used.insert(key)
        };
    }
    assert!(used.len() > 150 && families.len() > 8);
    for key in used {
        assert!(english.contains_key(key), "{key} is used and not said");
    }
    for key in english.keys() {
        let family = families.iter().any(|family| family.len() > 3 && key.starts_with(*family));
        assert!(family || sources.contains(&format!("\"{key}\"")), "{key} is said and not used");
    }
}

#[test]
fn every_rule_of_the_kernel_has_its_sentence() {
    let (english, kernel) = (keys(Lang::En), sources(&["../kernel/src"]));
    let mut rules = HashSet::new();
    for (opening, separator) in [("Invalid::new(\"", "\", \""), ("wrong(\"", "")] {
        for (at, _) in kernel.match_indices(opening) {
            let rest = &kernel[at + opening.len()..];
            let rest = if separator.is_empty() {
                Some(rest)
            } else {
                rest.split_once(separator).map(|(_, rest)| rest)
            };
            let rule = rest.and_then(|rest| rest.split_once("\")")).map_or("", |(rule, _)| rule);
            if !rule.is_empty() && rule.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
                rules.insert(rule.to_owned());
            }
        }
    }
    assert!(rules.len() > 12, "{rules:?}");
    for rule in rules {
        assert!(english.contains_key(&format!("rule-{rule}")), "rule-{rule} is not said");
    }
}

/// Everything in these folders of the crate, as one text.
fn sources(below: &[&str]) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    let mut folders: Vec<_> = below.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                sources.push_str(&std::fs::read_to_string(path).unwrap_or_default());
            }
        }
    }
    sources
}

#[test]
fn no_sentence_stands_in_a_template() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut folders = vec![root];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            count += 1;
            let text = visible(&std::fs::read_to_string(&path).unwrap());
            assert!(!text.contains(char::is_alphabetic), "{}: {text:?}", path.display());
        }
    }
    assert!(count > 30, "only {count} templates were read");
}

/// What a reader would see of a template's own text, visible attributes included.
fn visible(source: &str) -> String {
    let source = &without(source, "{% block shell %}", "{% endblock %}");
    let bare = without(&without(&without(source, "{#", "#}"), "{%", "%}"), "{{", "}}");
    // Pieces of attributes stand outside of tags in macros: ` aria-invalid="true"`.
    let text = without(&bare, "<", ">");
    let words = text.split_whitespace().filter(|word| !word.contains("=\"") && !word.ends_with('"'));
    let mut seen: String = words.collect();
    for attribute in [" alt=\"", " title=\"", " placeholder=\"", " aria-label=\""] {
        let values = bare.split(attribute).skip(1).filter_map(|rest| rest.split('"').next());
        seen.extend(values);
    }
    seen
}

fn without(source: &str, open: &str, close: &str) -> String {
    let mut rest = source;
    let mut out = String::new();
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        rest = after.split_once(close).map_or("", |(_, after)| after);
    }
    out + rest
}

#[test]
fn every_place_for_plugins_stands_in_the_templates() {
    let sources = sources(&["templates"]);
    for slot in pappus_kernel::plugin::slots::all() {
        assert!(sources.contains(&format!("slot(\"{}\"", slot.id)), "{} is nowhere", slot.id);
    }
}
