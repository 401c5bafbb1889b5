//! How an object comes under Terraform's management: by import, or from another resource type.

use std::fmt::Write;

use crate::terraform::Identity;

/// The import section. `script` is the example's `import.sh`, from which the block is derived, so that both name the same.
pub(super) fn section(
    form: &str,
    script: &str,
    type_name: &str,
    identity: Option<&Identity>,
) -> String {
    let (address, id) = command(script).unwrap_or((type_name, ""));
    let mut text = format!(
        "## Import\n\nThe import id has the form `{form}`.\n\nWith an `import` block:\n\n```terraform\nimport {{\n  to = {address}\n  \
         id = {id:?}\n}}\n```\n\nWith the command line:\n\n```shell\n{}\n```\n\n",
        script.trim_end()
    );
    // Where there are several forms, the example may be of another than the identity.
    let id = if form.contains('`') { "" } else { id };
    text += &identity.map_or_else(String::new, |identity| by_identity(identity, address, id));
    text
}

/// The block that imports by identity, with the values of the import id.
fn by_identity(identity: &Identity, address: &str, id: &str) -> String {
    let mut text = format!(
        "By identity (Terraform 1.12 or newer, OpenTofu 1.12 or newer):\n\n```terraform\nimport {{\n  to = {address}\n  identity = {{\n"
    );
    let required: Vec<_> = identity
        .attributes
        .iter()
        .filter(|one| one.required)
        .collect();
    let width = required
        .iter()
        .map(|one| one.name.len())
        .max()
        .unwrap_or_default();
    let mut values = id.split('/').filter(|value| !value.is_empty());
    for attribute in required {
        let placeholder = format!("<{}>", attribute.name);
        let value = values.next().unwrap_or(&placeholder);
        let _ = writeln!(text, "    {:width$} = {value:?}", attribute.name);
    }
    text += "  }\n}\n```\n\n";
    for attribute in identity.attributes.iter().filter(|one| !one.required) {
        let _ = write!(
            text,
            "`{}` may be added; it is the provider's own where it is left out.\n\n",
            attribute.name
        );
    }
    text
}

/// Address and id of the `terraform import` command in `script`.
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

/// The section about `moved` blocks; nothing where there is nothing to move from.
pub(super) fn moves(type_name: &str, sources: &[&str]) -> String {
    if sources.is_empty() {
        return String::new();
    }
    let old = sources
        .iter()
        .filter_map(|source| source.split('`').nth(1))
        .map(|old| format!("```terraform\nmoved {{\n  from = {old}.example\n  to   = {type_name}.example\n}}\n```\n"))
        .collect::<Vec<_>>()
        .join("\n");
    format!(
        "## Moving\n\nA `moved` block takes the object over from {} without touching it (Terraform 1.8 or newer, OpenTofu 1.10 or newer):\n\n{old}",
        sources.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_says_what_the_command_says() {
        let text = section(
            "<a>/<b>",
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
    fn a_move_names_both_types() {
        let text = moves("crosstenant_x", &["`azuread_x` of `hashicorp/azuread`"]);
        assert!(
            text.contains("from = azuread_x.example\n  to   = crosstenant_x.example"),
            "{text}"
        );
        assert_eq!(moves("crosstenant_x", &[]), "");
    }
}
