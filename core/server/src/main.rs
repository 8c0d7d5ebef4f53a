//! The `pappus` command.
use std::process::ExitCode;

fn main() -> ExitCode {
    pappus::main()
}
