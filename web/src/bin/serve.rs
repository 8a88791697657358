//! Serves the folder of the page to this machine: `serve [PORT]`, 8000 if none is given, 0 for any that is free.
//!
//! Only files that lie in the folder itself are served, and only to whoever asks from here.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::ExitCode;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/page");

fn main() -> ExitCode {
    let port = match std::env::args().nth(1).map_or(Ok(8000), |word| word.parse::<u16>()) {
        Ok(port) => port,
        Err(error) => {
            eprintln!("error: the port: {error}\n\nUsage: serve [PORT]");
            return ExitCode::from(2);
        }
    };
    match serve(port) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: cannot serve on port {port}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(port: u16) -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    println!("http://{}/", listener.local_addr()?);
    for connection in listener.incoming() {
        let connection = connection?;
        // Browsers hold connections open that they may never use: none must keep the others waiting.
        std::thread::spawn(move || {
            // Whoever asked has gone; there is nobody to tell.
            let _ = answer(connection);
        });
    }
    Ok(())
}

fn answer(mut connection: TcpStream) -> std::io::Result<()> {
    let mut request = String::new();
    let mut lines = BufReader::new(connection.try_clone()?);
    lines.read_line(&mut request)?;
    // The rest of the request says nothing that matters, but it has to be read.
    let mut line = String::new();
    while lines.read_line(&mut line)? > 2 {
        line.clear();
    }
    let name = request.strip_prefix("GET /").and_then(|rest| rest.split([' ', '?']).next());
    match name.and_then(contents) {
        Some((kind, bytes)) => {
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n", bytes.len());
            connection.write_all(head.as_bytes())?;
            connection.write_all(b"Cache-Control: no-store\r\nConnection: close\r\n\r\n")?;
            connection.write_all(&bytes)
        }
        None => connection.write_all(
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\nConnection: close\r\n\r\nnot found\n",
        ),
    }
}

/// A file of the folder, with its type.
fn contents(name: &str) -> Option<(&'static str, Vec<u8>)> {
    let name = if name.is_empty() { "index.html" } else { name };
    let (stem, extension) = name.split_once('.')?;
    if !stem.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let kind = match extension {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        _ => return None,
    };
    Some((kind, std::fs::read(Path::new(FOLDER).join(name)).ok()?))
}
