//! The capability `random`: chance, and names for what a plugin makes.
use pappus_kernel::plugin::Capability;

use crate::{bindings::random, call::Guest};

/// Bytes that one call gives at most.
const MOST: u32 = 4096;

impl random::Host for Guest {
    async fn bytes(&mut self, n: u32) -> wasmtime::Result<Vec<u8>> {
        let Some(caller) = self.granted(Capability::Random) else { return Ok(Vec::new()) };
        let mut bytes = vec![0; n.min(MOST) as usize];
        caller.looking.pod.entropy.fill(&mut bytes);
        Ok(bytes)
    }

    async fn new_guid(&mut self) -> wasmtime::Result<String> {
        Ok(self
            .granted(Capability::Random)
            .map(|caller| caller.looking.pod.new_guid().to_string())
            .unwrap_or_default())
    }
}
