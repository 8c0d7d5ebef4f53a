//! Writes every sample of every page as a file to look at: `cargo run --example samples -- FOLDER [THEME] [LANG]`.
use std::{env, error::Error, fs, path::Path};

use pappus_web::{
    assets, for_each_page,
    locale::Lang,
    theme::{
        Theme,
        contract::{Chrome, Page},
    },
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let folder = args.next().ok_or("where to?")?;
    let theme = Theme::bundled(args.next().as_deref().unwrap_or("seedhead"))?;
    let lang = args.next().and_then(|id| Lang::from_id(&id)).unwrap_or(Lang::En);
    let folder = Path::new(&folder);
    macro_rules! write {
        ($page:ty) => {
            for chrome in Chrome::samples(lang) {
                for (at, sample) in <$page as Page>::samples().iter().enumerate() {
                    let html = theme.render(&chrome, sample)?;
                    let who = if chrome.me.is_some() { "member" } else { "visitor" };
                    let stem = Path::new(<$page as Page>::TEMPLATE).file_stem().unwrap_or_default();
                    write_page(
                        &theme,
                        folder,
                        &format!("{}-{at}-{who}.html", stem.to_string_lossy()),
                        &html,
                    )?;
                }
            }
        };
    }
    for_each_page!(write);
    Ok(())
}

/// The page, and below the same folder every file that it names.
fn write_page(theme: &Theme, folder: &Path, name: &str, html: &str) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(name), html)?;
    for url in html.split('"').filter(|part| part.starts_with("/-/")) {
        let path = url.split('#').next().unwrap_or_default();
        if let Some(asset) = assets::lookup(path).or_else(|| theme.lookup(path)) {
            let file = folder.join(path.trim_start_matches('/'));
            fs::create_dir_all(file.parent().ok_or("no folder")?)?;
            fs::write(file, &asset.bytes)?;
        }
    }
    Ok(())
}
