//! Formats the sections about imports and about moves from other resource types.

use std::collections::BTreeSet;
use std::fmt::Write;

use sdk::{Peer, identity};
use terraform::Identity;

/// Returns the import section. `script` is the example's `import.sh`, from which the block is derived, so that both use the same ID.
pub(super) fn section(
    forms: &[&str],
    script: &str,
    type_name: &str,
    identity: Option<&Identity>,
) -> String {
    let (address, id) = command(script).unwrap_or((type_name, ""));
    let mut text = format!(
        "## Import\n\n{}With an `import` block:\n\n```terraform\nimport {{\n  to = {address}\n  \
         id = {id:?}\n}}\n```\n\nWith the CLI:\n\n```shell\n{}\n```\n\n",
        shapes(forms),
        script.trim_end()
    );
    // If there are several forms, the example may have another one than the identity.
    let is_first = forms.first().is_some_and(|form| is_of(form, id));
    let id = if is_first { id } else { "" };
    text += &identity.map_or_else(String::new, |identity| by_identity(identity, address, id));
    text
}

/// Formats the forms of the ID as a list.
fn shapes(forms: &[&str]) -> String {
    let Some((ours, others)) = forms.split_first() else {
        return String::new();
    };
    let mut text = format!("The import ID has the form `{ours}`.");
    if !others.is_empty() {
        text += " The following forms are accepted as well:\n";
        for form in others {
            let _ = write!(text, "\n- `{form}`");
        }
        text += "\n\nThe fixed parts are not case-sensitive. A leading slash, the URL of Microsoft Graph before a \
            path, and a query after it are ignored.";
    }
    if !identity::dispensable(&identity::named(ours), forms).is_empty() {
        text += " A shorter form is sufficient if there is only one object to choose from.";
    }
    if forms.iter().any(|form| form.contains('{')) {
        text += " Values for names in braces are ignored.";
    }
    text + "\n\n"
}

/// Whether `id` has as many parts as this form.
fn is_of(form: &str, id: &str) -> bool {
    form.split('/').count() == id.split('/').count()
}

/// Formats the block that imports by identity, with the values of the import ID.
fn by_identity(identity: &Identity, address: &str, id: &str) -> String {
    let mut text = format!(
        "By identity (Terraform 1.12 or newer, OpenTofu 1.12 or newer):\n\n```terraform\nimport {{\n  to = {address}\n  identity = {{\n"
    );
    let shown: Vec<_> = identity
        .attributes
        .iter()
        .filter(|one| one.required || one.name != "tenant_id")
        .collect();
    let width = shown
        .iter()
        .map(|one| one.name.len())
        .max()
        .unwrap_or_default();
    let mut values = id.split('/').filter(|value| !value.is_empty());
    for attribute in shown {
        let placeholder = format!("<{}>", attribute.name);
        let value = values.next().unwrap_or(&placeholder);
        let _ = writeln!(text, "    {:width$} = {value:?}", attribute.name);
    }
    text += "  }\n}\n```\n\n";
    for attribute in identity.attributes.iter().filter(|one| !one.required) {
        let may = match attribute.name {
            "tenant_id" => "added; it defaults to the tenant of the provider",
            _ => "omitted if there is only one to choose from",
        };
        let _ = write!(text, "`{}` may be {may}.\n\n", attribute.name);
    }
    text
}

/// Returns address and ID of the `terraform import` command in `script`.
fn command(script: &str) -> Option<(&str, &str)> {
    let line = script
        .lines()
        .find(|line| line.starts_with("terraform import "))?;
    let mut words = line.split_whitespace().skip(2);
    Some((unquoted(words.next()?), unquoted(words.next()?)))
}

fn unquoted(word: &str) -> &str {
    word.strip_prefix('\'')
        .and_then(|word| word.strip_suffix('\''))
        .unwrap_or(word)
}

/// Returns the section about `moved` blocks; empty if there is no type to move from.
pub(super) fn moves(type_name: &str, peers: &[Peer]) -> String {
    let Some(first) = peers.first() else {
        return String::new();
    };
    let mut text = format!(
        "## Moving\n\nA `moved` block takes over an object from another provider without changing it (Terraform 1.8 or newer, \
         OpenTofu 1.10 or newer):\n\n```terraform\nmoved {{\n  from = {}.example\n  to   = {type_name}.example\n}}\n```\n\nThe \
         following resources can be moved:\n\n",
        first.type_name
    );
    for peer in peers {
        let _ = writeln!(text, "- {}", peer.title());
    }
    let guides: BTreeSet<String> = peers.iter().map(Peer::guide).collect();
    let guides: Vec<String> = guides.into_iter().collect();
    let _ = writeln!(
        text,
        "\nOnly the identifiers of the object are taken from the old state; everything else is read from Microsoft Graph. There is a \
         guide for moving from {}.",
        guides.join(" and from ")
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_says_what_the_command_says() {
        let text = section(
            &["<a>/<b>"],
            "terraform import 'crosstenant_x.y[\"z\"]' 1/2\n",
            "crosstenant_x",
            None,
        );
        assert!(
            text.contains("  to = crosstenant_x.y[\"z\"]\n  id = \"1/2\"\n"),
            "{text}"
        );
    }

    #[test]
    fn every_form_is_reported() {
        let several = shapes(&["<a>/<b>", "/x/{y}/<a>"]);
        assert!(
            several.starts_with("The import ID has the form `<a>/<b>`."),
            "{several}"
        );
        assert!(several.contains("\n- `/x/{y}/<a>`\n"), "{several}");
        assert!(several.contains("in braces are ignored"), "{several}");
        assert_eq!(shapes(&["<a>"]), "The import ID has the form `<a>`.\n\n");
        let shorter = shapes(&["<a>/<b>", "<a>"]);
        assert!(shorter.contains("shorter form is sufficient"), "{shorter}");
        let same = shapes(&["<a>/<b>", "/x/<a>/y/<b>"]);
        assert!(!same.contains("shorter form is sufficient"), "{same}");
    }

    #[test]
    fn a_move_names_both_types() {
        let text = moves(
            "crosstenant_x",
            &[Peer::azuread("azuread_x", 0), Peer::MSGRAPH],
        );
        assert!(
            text.contains("from = azuread_x.example\n  to   = crosstenant_x.example"),
            "{text}"
        );
        assert!(
            text.contains("- `msgraph_resource` of `microsoft/msgraph`\n"),
            "{text}"
        );
        assert_eq!(moves("crosstenant_x", &[]), "");
    }
}
