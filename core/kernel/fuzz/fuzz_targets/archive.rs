//! Archives as JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pappus_kernel::moving::fuzz::json(data));
