//! A server that issues tokens, or refuses and echoes the request.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value as Json, json};

use crate::secrets::search::STEERING;
use crate::secrets::ways::{REQUEST_TOKEN, jwt};

/// `/good` issues a token in the format of GitHub, `/ado` in the format of Azure DevOps, and `/msi` issues an access token as a managed
/// identity endpoint. `/login` is a sign-in service that refuses and repeats the request, and so does every other path. Also returns
/// whether the request token arrived.
pub fn issuer() -> (String, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicBool::new(false));
    let reached = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut buffer = [0; 4096];
            while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => head.extend_from_slice(&buffer[..count]),
                }
            }
            let length = String::from_utf8_lossy(&head).to_lowercase();
            let length = length.split("content-length: ").nth(1);
            let length = length.and_then(|rest| rest.lines().next()?.trim().parse().ok());
            let start = head.windows(4).position(|end| end == b"\r\n\r\n");
            let whole = start.unwrap_or_default() + 4 + length.unwrap_or(0);
            while head.len() < whole {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => head.extend_from_slice(&buffer[..count]),
                }
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            reached.fetch_or(head.contains(REQUEST_TOKEN), Ordering::SeqCst);
            let path = head.split(['?', ' ']).nth(1).unwrap_or_default();
            let body = match path {
                "/good" => json!({ "value": jwt("known") }),
                "/ado" => json!({ "oidcToken": jwt("known") }),
                "/msi" => {
                    let expires = 9_999_999_999_u64.to_string();
                    json!({ "access_token": jwt("machine"), "expires_on": expires, "token_type": "Bearer", "resource": "x" })
                }
                _ => {
                    let head = format!("{head}{STEERING}");
                    json!({ "message": head, "error": "invalid_client", "error_description": head })
                }
            };
            let status = match body["message"] {
                Json::Null => "200 OK",
                _ => "401 Unauthorized",
            };
            let body = body.to_string();
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
        }
    });
    (url, asked)
}
