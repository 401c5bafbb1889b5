//! From a verb and a path to the line of the [`table`](super::table) that answers it.

use percent_encoding::percent_decode_str;

use super::reply::Refusal;
use super::table::{ROUTES, Route, Version};

/// The route and what its placeholders stand for.
pub(super) struct Found {
    pub(super) route: &'static Route,
    pub(super) args: Vec<String>,
}

/// Finds the route of a percent-encoded path without its version.
pub(super) fn find(verb: &str, path: &str, beta: bool) -> Result<Found, Refusal> {
    let segments = segments(path);
    let mut other_verb = false;
    let mut longest = 0;
    // Literal routes come before placeholders, as `/jobs/validateCredentials` before `/jobs/{}`.
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
        .map_or("", String::as_str);
    Err(Refusal::gateway(format!(
        "Resource not found for the segment '{segment}'."
    )))
}

/// Decoded segments; `users('x')` becomes `users`, `x` and `applications(appId='x')` becomes
/// `applications`, `appId=x`.
fn segments(path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let segment = percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let Some((name, key)) = segment
            .strip_suffix(')')
            .and_then(|rest| rest.split_once('('))
        else {
            found.push(segment.clone());
            continue;
        };
        let quoted = |text: &str| {
            text.strip_prefix('\'')
                .and_then(|rest| rest.strip_suffix('\''))
                .map(|text| text.replace("''", "'"))
        };
        if let Some(key) = quoted(key) {
            found.extend([name.to_owned(), key]);
        } else if let Some(id) = key.strip_prefix("appId=").and_then(quoted) {
            found.extend([name.to_owned(), format!("appId={id}")]);
        } else {
            found.push(segment.clone());
        }
    }
    found
}

/// How many segments fit, and the placeholders if all do.
fn matches(template: &str, segments: &[String]) -> (usize, Option<Vec<String>>) {
    let mut args = Vec::new();
    let mut parts = template.split('/').filter(|part| !part.is_empty());
    for (at, segment) in segments.iter().enumerate() {
        let fits = match parts.next() {
            None => false,
            Some("{}") => {
                args.push(segment.clone());
                true
            }
            Some(part) => match part.split_once("{}") {
                Some((before, after)) => match segment
                    .strip_prefix(before)
                    .and_then(|rest| rest.strip_suffix(after))
                {
                    Some(arg) => {
                        args.push(arg.replace("''", "'"));
                        true
                    }
                    None => false,
                },
                None => part == segment || segment.strip_prefix("microsoft.graph.") == Some(part),
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
        assert_eq!(segments("/users('a@b')/x"), ["users", "a@b", "x"]);
        assert_eq!(
            segments("/applications(appId='7')"),
            ["applications", "appId=7"]
        );
        assert_eq!(segments("/f(domainName='7')"), ["f(domainName='7')"]);
    }

    #[test]
    fn routes_are_found() {
        for (verb, path, args) in [
            ("GET", "/users/7", vec!["7"]),
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
