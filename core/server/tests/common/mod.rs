//! The built server in a directory of its own.
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

pub const PATIENCE: Duration = Duration::from_mins(1);

/// A data directory with its own address.
pub struct Place {
    pub data: PathBuf,
    pub address: SocketAddr,
    _dir: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        // free now; nobody else on this machine asks for it in the moment until the server does
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { data, address, _dir: dir }
    }

    /// The command line with this place.
    pub fn pappus(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pappus"));
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("PAPPUS_")) {
                command.env_remove(name);
            }
        }
        command.arg("--data").arg(&self.data).arg("--listen").arg(self.address.to_string()).args(args);
        command.stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.pappus(args).output().unwrap()
    }

    /// The JSON on stdout of a command that succeeds.
    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub fn password_file(&self, password: &str) -> PathBuf {
        let path = self.data.with_file_name("password");
        std::fs::write(&path, format!("{password}\n")).unwrap();
        path
    }

    pub fn serve(&self, more: &[&str]) -> Server {
        let mut command = self.pappus(&["serve"]);
        let log = std::fs::File::create(self.data.with_file_name("log")).unwrap();
        let mut child = command.args(more).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let server = Server { child, stdout, address: self.address };
        let until = Instant::now() + PATIENCE;
        while request(self.address, "GET", "/livez", "").is_none_or(|answer| answer.status != 200) {
            assert!(Instant::now() < until, "the server does not answer: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.data.with_file_name("log")).unwrap_or_default()
    }
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub address: SocketAddr,
}

impl Server {
    /// The next line on stdout.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill").arg(format!("-{signal}")).arg(self.child.id().to_string()).status();
        assert!(status.unwrap().success());
    }

    /// Waits for the end; what else it wrote on stdout comes along.
    pub fn wait(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap(), rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let wanted = format!("{}:", name.to_lowercase());
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with(&wanted))?;
        Some(line[wanted.len()..].trim())
    }
}

/// One request on its own connection; none when nobody listens.
pub fn request(address: SocketAddr, method: &str, path: &str, headers: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Connection: close\r\n\r\n")
        .ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// The path and query of an address in a line of words.
pub fn path_in(line: &str) -> String {
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    let path = url.splitn(4, '/').nth(3).unwrap();
    format!("/{path}")
}

pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).unwrap().mode() & 0o777
}
