//! The running example with Rust's standard library. Build: rustc example.rs; usage: ./example [http://127.0.0.1:8080]
use std::io::{Read, Write};
use std::net::TcpStream;

/// The number behind a marker.
fn number<'a>(text: &'a str, marker: &str) -> &'a str {
    let start = text.find(marker).expect("an answer") + marker.len();
    let rest = &text[start..];
    &rest[..rest.find([',', '}']).unwrap()]
}

fn main() -> std::io::Result<()> {
    let base = std::env::args().nth(1).unwrap_or("http://127.0.0.1:8080".into());
    let host = base.trim_start_matches("http://").trim_end_matches('/');
    let body = r#"{"expression": "(x + w) * (w + 1)", "leaves": {"w": 1, "x": 2}, "trace": false}"#;
    let mut stream = TcpStream::connect(host)?;
    write!(
        stream,
        "POST /v1/evaluate HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let gradients = &answer[answer.find("\"gradients\"").expect("gradients")..];
    println!("y = {}", number(&answer, "{\"value\":"));
    println!("dy/dw = {}", number(gradients, "\"w\":"));
    println!("dy/dx = {}", number(gradients, "\"x\":"));
    Ok(())
}
