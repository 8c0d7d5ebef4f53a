//! What a pod answers that is asked for a thread or a stream.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pappus_kernel::inbox::fuzz::answer(data));
