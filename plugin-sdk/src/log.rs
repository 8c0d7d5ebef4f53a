//! Lines in the pod's log, marked with the plugin's name. The pod drops lines beyond its limit.

/// Something went wrong that an administrator should look at.
pub fn error(message: &str) {
    write(Level::Error, message);
}

/// Something unusual that the plugin could cope with.
pub fn warn(message: &str) {
    write(Level::Warn, message);
}

/// Something that an administrator may like to know.
pub fn info(message: &str) {
    write(Level::Info, message);
}

/// Something for the plugin's author.
pub fn debug(message: &str) {
    write(Level::Debug, message);
}

#[derive(Clone, Copy, Debug)]
enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

#[cfg(target_arch = "wasm32")]
fn write(level: Level, message: &str) {
    use crate::bindings::capabilities::pappus::plugin::log;
    let level = match level {
        Level::Debug => log::Level::Debug,
        Level::Info => log::Level::Info,
        Level::Warn => log::Level::Warn,
        Level::Error => log::Level::Error,
    };
    log::write(level, message, &[]);
}

/// Outside a pod, in a plugin's own tests.
#[cfg(not(target_arch = "wasm32"))]
fn write(level: Level, message: &str) {
    eprintln!("{level:?}: {message}");
}
