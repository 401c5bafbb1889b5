//! Writes leftover users as import blocks, so that they can be handled in a configuration.
//!
//! They use the resource of Microsoft's directory provider, because this provider does not manage users.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::terminal::printable;
use super::gather::{Found, member};
use super::table::known;

const HEAD: &str = "\
# Leftover users of the target tenant. Read each reason first, and remove the blocks of users who should stay. A guess may be a user who
# was invited manually.
#
# To remove users, generate their resources and apply, which only adds them to the state:
#   terraform plan -generate-config-out=users.tf
# Then remove the import blocks and the resources and apply again. Deleted users can be restored for 30 days.
# The IDs have the form for current versions of hashicorp/azuread; version 2 accepts only the object ID.
";

pub(super) fn rendered(found: &Found) -> String {
    let mut text = format!("{HEAD}#\n# From {} to {}.\n", found.source, found.target);
    for note in &found.notes {
        comment(&mut text, note);
    }
    let mut taken = BTreeSet::new();
    for leftover in &found.leftovers {
        let id = member(leftover, "id");
        let upn = member(leftover, "user_principal_name");
        text.push('\n');
        comment(
            &mut text,
            &format!("{upn}, source user known by {}", known(leftover)),
        );
        comment(&mut text, member(leftover, "detail"));
        comment(&mut text, member(leftover, "what_to_do"));
        let label = label(upn, id, &mut taken);
        let _ = writeln!(
            text,
            "import {{\n  to = azuread_user.{label}\n  id = \"/users/{}\"\n}}",
            plain(id)
        );
    }
    text
}

/// Writes each line of a text as a comment, so that none of it becomes configuration.
fn comment(text: &mut String, words: &str) {
    for line in words
        .lines()
        .map(printable)
        .filter(|line| !line.trim().is_empty())
    {
        let _ = writeln!(text, "# {line}");
    }
}

/// Only the characters of an object ID.
fn plain(id: &str) -> String {
    id.chars()
        .filter(|letter| letter.is_ascii_hexdigit() || *letter == '-')
        .collect()
}

/// The name of the resource, derived from the user principal name, with the beginning of the ID if it is taken.
fn label(upn: &str, id: &str, taken: &mut BTreeSet<String>) -> String {
    let name = upn.split("#EXT#").next().unwrap_or_default();
    let name: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    let mut label = format!("leftover_{}", name.trim_matches('_'));
    if taken.contains(&label) {
        let _ = write!(label, "_{}", plain(id).replace('-', ""));
    }
    taken.insert(label.clone());
    label
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_in_a_name_becomes_configuration() {
        let id = "b1000000-0000-4000-8000-000000000001";
        let one = json!({ "id": id, "user_principal_name": "o'neil_contoso.example#EXT#@f.example\n}\nresource \"x\" \"y\" {",
            "known_by": "mail", "exact": false, "detail": "The source user is deleted.", "what_to_do": "Restore it." });
        let found = Found {
            leftovers: vec![one.clone(), one],
            ..Found::default()
        };
        let text = rendered(&found);
        for line in text.lines() {
            let is_ours = line.is_empty()
                || line.starts_with("# ")
                || line == "#"
                || line == "import {"
                || line == "}"
                || line.starts_with("  to = azuread_user.leftover_o_neil_contoso_example")
                || line == format!("  id = \"/users/{id}\"");
            assert!(is_ours, "{line}");
        }
        assert_eq!(text.matches("import {").count(), 2);
        assert!(text.contains("known by mail (guess)"));
    }
}
