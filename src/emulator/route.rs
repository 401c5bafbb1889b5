//! Finds the entry of the [`routes`](super::routes) for a method and a path.

use percent_encoding::percent_decode_str;

use super::reply::Refusal;
use super::routes::{ROUTES, Route, Version};

/// The route and the values of its placeholders.
pub(super) struct Found {
    pub(super) route: &'static Route,
    pub(super) args: Vec<String>,
}

/// Finds the route of a percent-encoded path without its version.
pub(super) fn find(verb: &str, path: &str, beta: bool) -> Result<Found, Refusal> {
    let segments = segments(path);
    let mut other_verb = false;
    let mut longest = 0;
    // Literal segments take precedence over placeholders, for example `/jobs/validateCredentials` over `/jobs/{}`.
    let mut best: Option<Found> = None;
    for route in ROUTES {
        if (route.version == Version::Beta && !beta) || (route.version == Version::V1 && beta) {
            continue;
        }
        let (matched, args) = matches(route.path, &segments);
        longest = longest.max(matched);
        let Some(args) = args else { continue };
        if route.verb != verb {
            other_verb = true;
        } else if best
            .as_ref()
            .is_none_or(|found| args.len() < found.args.len())
        {
            best = Some(Found { route, args });
        }
    }
    if let Some(found) = best {
        return Ok(found);
    }
    if other_verb {
        return Err(Refusal::new(
            405,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        ));
    }
    let segment = segments
        .get(longest)
        .or(segments.last())
        .map_or("", |segment| segment.text.as_str());
    Err(Refusal::gateway(format!(
        "Resource not found for the segment '{segment}'."
    )))
}

/// A segment, and whether it is a key in parentheses.
struct Segment {
    text: String,
    is_key: bool,
}

/// Decoded segments; `users('x')` becomes `users`, `x` and `applications(appId='x')` becomes
/// `applications`, `appId=x`.
fn segments(path: &str) -> Vec<Segment> {
    let mut found = Vec::new();
    let mut push = |text: &str, is_key| {
        found.push(Segment {
            text: text.to_owned(),
            is_key,
        });
    };
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let segment = percent_decode_str(segment).decode_utf8_lossy();
        let Some((name, key)) = segment
            .strip_suffix(')')
            .and_then(|rest| rest.split_once('('))
        else {
            push(&segment, false);
            continue;
        };
        let quoted = |text: &str| {
            text.strip_prefix('\'')
                .and_then(|rest| rest.strip_suffix('\''))
                .map(|text| text.replace("''", "'"))
        };
        if let Some(key) = quoted(key) {
            push(name, false);
            push(&key, true);
        } else if let Some(id) = key.strip_prefix("appId=").and_then(quoted) {
            push(name, false);
            push(&format!("appId={id}"), true);
        } else {
            push(&segment, false);
        }
    }
    found
}

/// The number of matching segments, and the placeholders if all match. A name that begins with `$` is a key only in parentheses: between
/// slashes, it is a reserved word of OData.
fn matches(template: &str, segments: &[Segment]) -> (usize, Option<Vec<String>>) {
    let mut args = Vec::new();
    let mut parts = template.split('/').filter(|part| !part.is_empty());
    for (at, Segment { text, is_key }) in segments.iter().enumerate() {
        let fits = match parts.next() {
            None => false,
            Some("{}") if text.starts_with('$') && !is_key => false,
            Some("{}") => {
                args.push(text.clone());
                true
            }
            Some(part) => match part.split_once("{}") {
                Some((before, after)) => match text
                    .strip_prefix(before)
                    .and_then(|rest| rest.strip_suffix(after))
                {
                    Some(arg) => {
                        args.push(arg.replace("''", "'"));
                        true
                    }
                    None => false,
                },
                None => part == text || text.strip_prefix("microsoft.graph.") == Some(part),
            },
        };
        if !fits {
            return (at, None);
        }
    }
    let complete = parts.next().is_none();
    (segments.len(), complete.then_some(args))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        for (path, expected) in [
            ("/users('a@b')/x", vec!["users", "a@b", "x"]),
            ("/applications(appId='7')", vec!["applications", "appId=7"]),
            ("/f(domainName='7')", vec!["f(domainName='7')"]),
        ] {
            let texts: Vec<String> = segments(path)
                .into_iter()
                .map(|segment| segment.text)
                .collect();
            assert_eq!(texts, expected);
        }
    }

    #[test]
    fn routes_are_found() {
        for (verb, path, args) in [
            ("GET", "/users/7", vec!["7"]),
            ("GET", "/users('$svc@a.b')", vec!["$svc@a.b"]),
            ("GET", "/users('%24svc@a.b')", vec!["$svc@a.b"]),
            (
                "POST",
                "/servicePrincipals/7/synchronization/jobs/validateCredentials",
                vec!["7"],
            ),
            (
                "POST",
                "/servicePrincipals/7/synchronization/jobs/8/microsoft.graph.start",
                vec!["7", "8"],
            ),
            (
                "GET",
                "/tenantRelationships/findTenantInformationByDomainName(domainName='a.b')",
                vec!["a.b"],
            ),
        ] {
            assert_eq!(
                find(verb, path, false)
                    .map(|found| found.args)
                    .unwrap_or_default(),
                args,
                "{path}"
            );
        }
    }

    #[test]
    fn unknown_paths_and_verbs_are_refused_as_graph_does() {
        let refused = |verb, path, beta| {
            find(verb, path, beta)
                .err()
                .map(|refusal| (refusal.status, refusal.message))
                .unwrap()
        };
        assert_eq!(
            refused("GET", "/nothing/7", false),
            (
                400,
                "Resource not found for the segment 'nothing'.".to_owned()
            )
        );
        for path in ["/users/$svc@a.b", "/users/%24svc@a.b"] {
            assert_eq!(
                refused("GET", path, false),
                (
                    400,
                    "Resource not found for the segment '$svc@a.b'.".to_owned()
                )
            );
        }
        assert_eq!(
            refused("GET", "/policies/nothing", false).1,
            "Resource not found for the segment 'nothing'."
        );
        assert_eq!(
            refused("GET", "/policies/externalIdentitiesPolicy", false).0,
            400
        );
        assert_eq!(refused("DELETE", "/organization", false).0, 405);
        assert!(find("GET", "/policies/externalIdentitiesPolicy", true).is_ok());
    }
}
