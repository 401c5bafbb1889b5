//! Paths below Graph's version roots, and the two ways of quoting that keep values from being parsed as syntax.
//!
//! `/policies/…` is v1.0, `beta:/policies/…` is beta.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

const BETA: &str = "beta:";

/// The path of batch requests.
pub(super) const BATCH: &str = "/$batch";

/// All characters except those that RFC 3986 calls unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Encodes `value` as one segment of a path, or as one value of a query.
#[must_use]
pub fn segment(value: &str) -> String {
    utf8_percent_encode(value, SEGMENT).to_string()
}

/// Encodes `value` as an `OData` string literal for a path or query: quoted, with quotes doubled, and percent-encoded.
#[must_use]
pub fn quoted(value: &str) -> String {
    format!("'{}'", segment(&value.replace('\'', "''")))
}

/// Returns the path of the user whose object ID or user principal name is `key`. Graph accepts a name that begins with `$` only
/// in parentheses, as documented.
#[must_use]
pub fn user(key: &str) -> String {
    if key.starts_with('$') {
        format!("/users({})", quoted(key))
    } else {
        format!("/users/{}", segment(key))
    }
}

/// Returns `path` below the root of beta instead of v1.0.
#[must_use]
pub fn beta(path: &str) -> String {
    format!("{BETA}{path}")
}

/// Returns the version of a path, and the path without its prefix.
pub(super) fn version(path: &str) -> (&'static str, &str) {
    match path.strip_prefix(BETA) {
        Some(rest) => ("beta", rest),
        None => ("v1.0", path),
    }
}

/// Returns the complete URL of `path`, or the reason why it is invalid.
pub(super) fn locate(base: &Url, path: &str) -> Result<Url, String> {
    let (version, rest) = version(path);
    if !rest.starts_with('/') {
        return Err("it does not start with a slash".to_owned());
    }
    if rest.contains('#') || rest.chars().any(char::is_control) || rest.contains('\\') {
        return Err("it contains #, a backslash or a control character".to_owned());
    }
    let only = rest.split('?').next().unwrap_or_default();
    let dots = |segment: &str| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    };
    if only.split('/').any(dots) || only.contains("//") {
        return Err("it has an empty segment, \".\" or \"..\"".to_owned());
    }
    let base = base.as_str().trim_end_matches('/');
    Url::parse(&format!("{base}/{version}{rest}")).map_err(|error| error.to_string())
}

/// Shortens a path for display, because a response may have determined a part of it.
pub(super) fn shown(path: &str) -> Cow<'_, str> {
    const LONGEST: usize = 600;
    match path.char_indices().nth(LONGEST) {
        None => path.into(),
        Some((end, _)) => format!("{}…", &path[..end]).into(),
    }
}

/// Returns `path` for the log: with the names in its query, but not the values, which may be personal data.
pub(super) fn without_values(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else {
        return path.to_owned();
    };
    let names = query
        .split('&')
        .map(|pair| pair.split('=').next().unwrap_or_default());
    format!("{path}?{}", names.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_become_syntax() {
        assert_eq!(segment("a/b?c#d e%'ü"), "a%2Fb%3Fc%23d%20e%25%27%C3%BC");
        assert_eq!(segment("Azure2Azure.0f_a-b~c"), "Azure2Azure.0f_a-b~c");
        assert_eq!(quoted("O'Brien & co"), "'O%27%27Brien%20%26%20co'");
    }

    #[test]
    fn a_user_principal_name_that_begins_with_a_dollar_sign_stands_in_parentheses() {
        assert_eq!(user("ada@contoso.example"), "/users/ada%40contoso.example");
        assert_eq!(
            user("$svc@contoso.example"),
            "/users('%24svc%40contoso.example')"
        );
    }

    #[test]
    fn paths_are_below_their_version() {
        let base = Url::parse("https://graph.example/proxy").unwrap();
        let at = |path: &str| locate(&base, path).map(String::from);
        assert_eq!(
            at("/users?$top=1").unwrap(),
            "https://graph.example/proxy/v1.0/users?$top=1"
        );
        assert_eq!(
            at(&beta("/users")).unwrap(),
            "https://graph.example/proxy/beta/users"
        );
        for path in [
            "users",
            "",
            "/a/../b",
            "/a/%2E%2e/b",
            "/a//b",
            "/a#b",
            "/a\nb",
            "/a\\b",
            "https://evil.example/",
        ] {
            assert!(at(path).is_err(), "{path}");
        }
        assert!(
            at("/users?$filter=a eq '..'").is_ok(),
            "dots in a query are harmless"
        );
    }

    #[test]
    fn the_log_contains_no_query_values() {
        assert_eq!(
            without_values("/users?$filter=mail eq 'a@b.c'&$select=id"),
            "/users?$filter&$select"
        );
        assert_eq!(without_values("/users"), "/users");
    }
}
