//! `pappus health`
use super::Context;
use crate::operation::Wrong;
use serde_json::json;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

pub(super) async fn run(context: &Context) -> anyhow::Result<ExitCode> {
    let address = reachable(context.config.listen);
    let asked = tokio::time::timeout(Duration::from_secs(10), ask(address)).await;
    let status = asked.ok().and_then(Result::ok).unwrap_or_default();
    if status.contains(" 200 ") {
        context.print(&json!({ "ready": true }), |_| "ready".to_owned());
        return Ok(ExitCode::SUCCESS);
    }
    let reason = if status.is_empty() {
        format!("nothing answers on {address}")
    } else {
        format!("not ready: {status}")
    };
    Err(Wrong { message: reason, exit: 3 }.into())
}

/// "Every address" is not one that can be called.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// The status line of `/readyz`.
async fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned())
}
