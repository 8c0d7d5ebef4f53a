//! Files that may be archives.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pappus_kernel::moving::fuzz::file(data));
