//! The page at `/`, which shows the tenants. Its files are embedded in the binary, and it loads nothing from other hosts.
//!
//! This module does not access the tenants: the page reads and changes them through the control paths.

use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;

/// A file of the page.
pub(super) struct File {
    path: &'static str,
    content_type: &'static str,
    text: &'static str,
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! files {
    ($($path:literal, $name:literal, $content_type:expr;)*) => {
        const FILES: &[File] = &[$(File {
            path: $path,
            content_type: $content_type,
            text: include_str!($name),
        }),*];
    };
}

files! {
    "/", "index.html", "text/html; charset=utf-8";
    "/_emulator/page/icon.svg", "icon.svg", "image/svg+xml";
    "/_emulator/page/style.css", "style.css", "text/css; charset=utf-8";
    "/_emulator/page/main.js", "main.js", SCRIPT;
    "/_emulator/page/dialogs.js", "dialogs.js", SCRIPT;
    "/_emulator/page/dom.js", "dom.js", SCRIPT;
    "/_emulator/page/flow.js", "flow.js", SCRIPT;
    "/_emulator/page/jobs.js", "jobs.js", SCRIPT;
    "/_emulator/page/log.js", "log.js", SCRIPT;
    "/_emulator/page/people.js", "people.js", SCRIPT;
    "/_emulator/page/words.js", "words.js", SCRIPT;
}

/// Content security policy: own files only, no inline scripts or styles, no markup from text, and no framing.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The headers of every file.
const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// The file of the page at a path.
pub(super) fn find(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.path == path)
}

/// Serves a file.
pub(super) fn answer(file: &File, method: &Method) -> Response {
    let mut response = Response::new(match *method {
        Method::GET => Body::from(file.text),
        _ => Body::empty(),
    });
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(file.content_type),
    );
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !matches!(*method, Method::GET | Method::HEAD) {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    }
    response
}
