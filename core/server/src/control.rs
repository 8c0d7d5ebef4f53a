//! The door for commands: a socket in the data directory that only the pod's user can open. One JSON line
//! asks, one JSON line answers; what is asked is an operation, the same that a command without a running
//! server does itself.
use crate::operation::{Answer, Operation, Room, Wrong};
use anyhow::Context as _;
use std::{
    io::ErrorKind,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

const LONGEST: u64 = 64 * 1024;
/// Making an account or compiling a plugin takes seconds.
const PATIENCE: Duration = Duration::from_mins(2);
const FOR_THE_QUESTION: Duration = Duration::from_secs(5);

/// The socket of a data directory.
pub fn path(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// Opens the door. The caller holds the directory's lock, so a socket that lies there is a dead one's.
pub fn bind(data: &Path) -> anyhow::Result<UnixListener> {
    let path = path(data);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot replace {}", path.display()));
        }
        _ => {}
    }
    let listener =
        UnixListener::bind(&path).with_context(|| format!("cannot listen on {}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers until `stop`.
pub async fn serve(listener: UnixListener, room: Arc<Room>, data: PathBuf, stop: CancellationToken) {
    let owner = std::fs::metadata(path(&data)).map(|meta| meta.uid()).ok();
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) if is_welcome(&stream, owner) => {
                drop(open.spawn(converse(stream, Arc::clone(&room))));
            }
            Ok(_) => tracing::warn!("refused a command of another user"),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a command: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    let _ = std::fs::remove_file(path(&data));
    while open.join_next().await.is_some() {}
}

/// The user whose socket it is, or root, who could read the key file anyway.
fn is_welcome(stream: &UnixStream, owner: Option<u32>) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == 0 || Some(peer.uid()) == owner)
}

async fn converse(mut stream: UnixStream, room: Arc<Room>) {
    let question = tokio::time::timeout(FOR_THE_QUESTION, read_line(&mut stream)).await;
    let answer = match question.map(|line| line.map(|line| serde_json::from_str::<Operation>(&line))) {
        Ok(Ok(Ok(operation))) => operation.run(&room).await,
        Ok(Ok(Err(error))) => Err(Wrong::usage(format!("the running server does not understand: {error}"))),
        Ok(Err(_)) | Err(_) => return,
    };
    let Ok(mut line) = serde_json::to_vec(&answer) else { return };
    line.push(b'\n');
    let _ = stream.write_all(&line).await;
}

async fn read_line(stream: &mut UnixStream) -> std::io::Result<String> {
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST)).read_line(&mut line).await?;
    Ok(line)
}

/// Asks the running server; none when there is none.
pub async fn ask(data: &Path, operation: &Operation) -> anyhow::Result<Option<Result<Answer, Wrong>>> {
    let path = path(data);
    let mut stream = match UnixStream::connect(&path).await {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error).with_context(|| format!("cannot open {}", path.display())),
    };
    let mut line = serde_json::to_vec(operation)?;
    line.push(b'\n');
    let exchange = async {
        stream.write_all(&line).await?;
        let mut answer = String::new();
        stream.take(16 * 1024 * 1024).read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer =
        tokio::time::timeout(PATIENCE, exchange).await.context("the running server does not answer")??;
    if answer.is_empty() {
        anyhow::bail!(
            "the running server closed the door without an answer: it may be stopping, or you are another user"
        );
    }
    Ok(Some(
        serde_json::from_str(&answer)
            .context("the running server's answer makes no sense: is it another version?")?,
    ))
}
