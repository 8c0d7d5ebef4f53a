//! `cargo xtask vectors [FOLDER]`: runs a folder of test vectors through the receiving code
//! and says per vector what was checked.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use pappus_federation::vectors::{Report, run_folder, summary};

/// Runs every vector of `dir`; fails if one fails, or if there is none.
pub fn run(dir: &Path) -> anyhow::Result<ExitCode> {
    let reports = run_folder(dir).with_context(|| format!("cannot read the vectors in {}", dir.display()))?;
    for report in &reports {
        println!("{}", report.line());
    }
    println!("{}", summary(&reports));
    let all_passed = !reports.is_empty() && reports.iter().all(Report::passed);
    Ok(if all_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
