//! The plugins inside the binary: those that lay in `PAPPUS_EMBED_PLUGINS` when it was built.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
