//! Parses import IDs, also for moved objects: the provider's own IDs, Graph's paths, and the IDs of other providers.
//!
//! A form is written like a path. Attributes of the object are in angle brackets, ignored parts in braces:
//! `/servicePrincipals/<service_principal_id>/synchronization/jobs/<id>`. Everything else is literal and case-insensitive.

use percent_encoding::percent_decode_str;

use super::facts::Facts;
use super::resource::is_guid;
use terraform::{Attribute, Check};

/// The attributes in an import ID, with their values.
pub type ImportId = Vec<(&'static str, String)>;

/// Parses `id` for a resource. If several forms match, the one with the most GUIDs takes precedence.
pub fn read(facts: &Facts, id: &str) -> Option<ImportId> {
    let attributes = (facts.attributes)();
    let segments = segments(id)?;
    let mut best: Option<(usize, ImportId)> = None;
    for form in facts.import {
        let Some(named) = fit(form, &segments) else {
            continue;
        };
        let guids = named
            .iter()
            .filter(|(name, _)| is_guid_in(&attributes, name));
        let (all, wrong) = guids.fold((0, false), |(all, wrong), (_, value)| {
            (all + 1, wrong || !is_guid(value))
        });
        if !wrong && best.as_ref().is_none_or(|(most, _)| all > *most) {
            best = Some((all, named));
        }
    }
    best.map(|(_, named)| named)
}

/// Formats the forms of an ID as the end of a sentence that begins with "must have".
pub fn listed(forms: &[&str]) -> String {
    let quoted: Vec<String> = forms.iter().map(|form| format!("`{form}`")).collect();
    match quoted.as_slice() {
        [only] => format!("the form {only}"),
        all => format!("one of these forms: {}", all.join(", ")),
    }
}

/// Returns a sentence, to follow the forms, that lists the parts in angle brackets that are GUIDs.
pub fn explained(facts: &Facts) -> String {
    let attributes = (facts.attributes)();
    let mut guids: Vec<String> = Vec::new();
    for part in facts.import.iter().flat_map(|form| form.split('<').skip(1)) {
        let name = part.split('>').next().unwrap_or_default();
        let quoted = format!("`<{name}>`");
        if is_guid_in(&attributes, name) && !guids.contains(&quoted) {
            guids.push(quoted);
        }
    }
    match guids.as_slice() {
        [] => String::new(),
        [only] => format!(" {only} is a GUID without braces."),
        [first @ .., last] => {
            format!(" {} and {last} are GUIDs without braces.", first.join(", "))
        }
    }
}

/// Whether the attribute holds a GUID. Tenants are GUIDs, but a read-only tenant attribute has no check.
pub fn is_guid_in(attributes: &[Attribute], name: &str) -> bool {
    let checked = |attribute: &Attribute| {
        let mut checks = attribute.rules.checks.iter();
        attribute.name == name && checks.any(|check| matches!(check, Check::Guid))
    };
    name == "tenant_id" || attributes.iter().any(checked)
}

/// Splits an ID at its slashes and decodes the parts. Graph's address in front and a query at the end are removed.
fn segments(id: &str) -> Option<Vec<String>> {
    let id = id.trim();
    let id = id.split_once('?').map_or(id, |(path, _)| path);
    let path = match id.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => id,
    };
    let path = path.trim();
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut segments = path
        .split('/')
        .map(decoded)
        .collect::<Option<Vec<String>>>()?;
    let has_version = ["v1.0", "beta"]
        .iter()
        .any(|version| segments.first().is_some_and(|first| first == version));
    if has_version {
        segments.remove(0);
    }
    Some(segments)
}

/// Decodes one part; `None` if it cannot be a name.
fn decoded(segment: &str) -> Option<String> {
    let text = percent_decode_str(segment.trim()).decode_utf8().ok()?;
    let is_name = !text.is_empty() && !text.contains(|c: char| c == '/' || c.is_control());
    is_name.then(|| text.into_owned())
}

/// Returns the attributes of `form` if the segments match it.
fn fit(form: &'static str, segments: &[String]) -> Option<ImportId> {
    let wanted: Vec<&'static str> = form.trim_matches('/').split('/').collect();
    if wanted.len() != segments.len() {
        return None;
    }
    let mut named = ImportId::new();
    for (wanted, segment) in wanted.into_iter().zip(segments) {
        let (wanted, value) = without_option(wanted, segment)?;
        if let Some(name) = inside(wanted, ['<', '>']) {
            let same = named.iter().find(|(other, _)| *other == name);
            match same {
                Some((_, first)) if !first.eq_ignore_ascii_case(value) => return None,
                Some(_) => {}
                None => named.push((name, value.to_owned())),
            }
        } else if inside(wanted, ['{', '}']).is_none() && !wanted.eq_ignore_ascii_case(value) {
            return None;
        }
    }
    Some(named)
}

/// Removes `:option=true` from both, which `deploymenttheory/microsoft365` appends to its IDs.
fn without_option<'a>(wanted: &'static str, value: &'a str) -> Option<(&'static str, &'a str)> {
    let Some((wanted, option)) = wanted.split_once(':') else {
        return Some((wanted, value));
    };
    let (value, given) = value.split_once(':')?;
    let (name, flag) = given.split_once('=')?;
    let is_flag = ["true", "false"]
        .iter()
        .any(|one| flag.eq_ignore_ascii_case(one));
    let is_option = (option.split('=').next()).is_some_and(|one| one.eq_ignore_ascii_case(name));
    (is_flag && is_option).then_some((wanted, value))
}

fn inside(text: &'static str, [open, close]: [char; 2]) -> Option<&'static str> {
    text.strip_prefix(open)?.strip_suffix(close)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_or_several_are_reported() {
        assert_eq!(listed(&["<a>"]), "the form `<a>`");
        assert_eq!(
            listed(&["<a>", "/b/<a>"]),
            "one of these forms: `<a>`, `/b/<a>`"
        );
    }
}
