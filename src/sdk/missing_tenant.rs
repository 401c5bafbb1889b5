//! A provider configuration without a tenant. It is an error only if an object is read or written: functions need no tenant, and OpenTofu
//! 1.8 configures the default provider to call them, even if every tenant has an alias of its own.
//!
//! The CLI does not pass the names of the aliases. For the message only, they are read from the CLI's working directory.

use std::path::Path as Folder;

use hcl_edit::structure::{Block, Body};

use super::PREFIX;
use terraform::Diagnostic;

/// The types that are configured in the source tenant, without the prefix.
pub const IN_SOURCE: [&str; 15] = [
    "app_role_assignment",
    "app_role_assignments",
    "disable_sms_sign_in",
    "leftover_users",
    "provision_on_demand",
    "provisioning_job",
    "provisioning_job_state",
    "provisioning_logs",
    "restart_provisioning_job",
    "sms_sign_in",
    "sms_sign_in_users",
    "synchronization_configuration",
    "synchronization_configurations",
    "synchronization_preview",
    "synchronization_schema",
];

/// The types that are configured in the target tenant, without the prefix.
pub const IN_TARGET: [&str; 7] = [
    "deleted_users",
    "pending_guests",
    "restore_deleted_user",
    "restored_user",
    "sync_policies",
    "sync_policy",
    "synchronized_users",
];

/// Larger than any manually written file.
const LARGEST_FILE: u64 = 1_000_000;

/// A provider configuration without a tenant.
#[derive(Clone, Debug)]
pub struct MissingTenant {
    /// How to set the tenant.
    pub how: Diagnostic,
    /// Whether it may be the default configuration, used by a block without `provider`.
    pub may_be_default: bool,
}

/// Returns the error of the first call that needs a tenant.
pub fn explained(missing: &MissingTenant, type_name: &str) -> Diagnostic {
    let aliases = match std::env::current_dir() {
        Ok(folder) if missing.may_be_default => aliases(&folder),
        _ => Vec::new(),
    };
    let what = match type_name {
        "" => "This call".to_owned(),
        type_name => format!("This {type_name}"),
    };
    let detail = format!(
        "{what} uses a provider configuration that has no tenant.{} {}",
        advice(&aliases, type_name),
        missing.how.detail
    );
    Diagnostic::error(missing.how.summary.clone(), detail)
}

fn advice(aliases: &[String], type_name: &str) -> String {
    let argument = |alias: &String| format!("`provider = {alias}`");
    let meant = meant(aliases, type_name);
    let meant: Vec<String> = meant.into_iter().map(argument).collect();
    if meant.is_empty() {
        return String::new();
    }
    format!(
        " A block without a `provider` argument uses the default provider configuration. You may have meant {}. To use \
        it in a module, pass it with `providers` in the `module` block. Otherwise:",
        meant.join(" or ")
    )
}

/// Returns the aliases of the tenant in which the type is configured; all aliases if that is ambiguous.
fn meant<'a>(aliases: &'a [String], type_name: &str) -> Vec<&'a String> {
    let name = type_name
        .strip_prefix(PREFIX)
        .and_then(|name| name.strip_prefix('_'))
        .unwrap_or_default();
    let side = if IN_SOURCE.contains(&name) {
        Some("source")
    } else if IN_TARGET.contains(&name) {
        Some("target")
    } else {
        None
    };
    let fitting: Vec<&String> = aliases
        .iter()
        .filter(|alias| side.is_some_and(|side| alias.to_lowercase().contains(side)))
        .collect();
    if fitting.is_empty() {
        aliases.iter().collect()
    } else {
        fitting
    }
}

/// Returns references to the provider configurations with an alias that the files in `folder` declare.
fn aliases(folder: &Folder) -> Vec<String> {
    let bodies = bodies(folder);
    let names = local_names(&bodies);
    let mut found: Vec<String> = bodies
        .iter()
        .flat_map(|body| body.get_blocks("provider"))
        .filter_map(|block| {
            let label = block.labels.first()?.as_str();
            let alias = text(block, "alias")?;
            names
                .iter()
                .any(|name| name == label)
                .then(|| format!("{label}.{alias}"))
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

fn bodies(folder: &Folder) -> Vec<Body> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_configuration = |entry: &std::fs::DirEntry| {
        let path = entry.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        let size = entry.metadata().map_or(u64::MAX, |about| about.len());
        matches!(ending, Some("tf" | "tofu")) && size <= LARGEST_FILE
    };
    entries
        .filter(is_configuration)
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .filter_map(|text| hcl_edit::parser::parse_body(&text).ok())
        .collect()
}

/// Returns the local names of this provider in the configuration.
fn local_names(bodies: &[Body]) -> Vec<String> {
    let mut names = vec![PREFIX.to_owned()];
    let required = bodies
        .iter()
        .flat_map(|body| body.get_blocks("terraform"))
        .flat_map(|block| block.body.get_blocks("required_providers"));
    for attribute in required.flat_map(|block| block.body.attributes()) {
        let source = attribute.value.as_object().and_then(|object| {
            let mut members = object.iter();
            members.find_map(|(key, value)| {
                let is_source = key.as_ident().is_some_and(|key| key.as_str() == "source");
                is_source.then(|| value.expr().as_str()).flatten()
            })
        });
        if source.is_some_and(|source| source.ends_with("/crosstenant")) {
            names.push(attribute.key.as_str().to_owned());
        }
    }
    names
}

fn text<'a>(block: &'a Block, name: &str) -> Option<&'a str> {
    block.body.get_attribute(name)?.value.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_found_under_every_local_name() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "main.tf",
            "terraform {\n  required_providers {\n    entra = { source = \"crosstenant/crosstenant\" }\n    other = { source = \
             \"a/b\" }\n  }\n}\nprovider \"entra\" {\n  alias = \"source\"\n}\nprovider \"entra\" {}\nprovider \"other\" {\n  \
             alias = \"x\"\n}\n",
        );
        write(
            "more.tofu",
            "provider \"crosstenant\" {\n  alias = \"target\"\n}\n",
        );
        write("broken.tf", "provider \"crosstenant\" {");
        write(
            "notes.txt",
            "provider \"crosstenant\" {\n  alias = \"no\"\n}\n",
        );
        assert_eq!(
            aliases(folder.path()),
            ["crosstenant.target", "entra.source"]
        );
    }

    #[test]
    fn the_alias_of_the_right_tenant_is_named() {
        let aliases = ["c.contoso_source", "c.target"].map(str::to_owned);
        let named = |type_name| meant(&aliases, type_name);
        assert_eq!(named("crosstenant_provisioning_job"), ["c.contoso_source"]);
        assert_eq!(named("crosstenant_sync_policy"), ["c.target"]);
        assert_eq!(named("crosstenant_partner_policy").len(), 2);
        assert!(advice(&[], "crosstenant_sync_policy").is_empty());
    }
}
