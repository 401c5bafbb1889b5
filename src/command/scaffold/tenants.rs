//! The file that lists the tenants.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// The content of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    /// The tenant in the center, for topologies that have one.
    #[serde(default)]
    pub(super) hub: Option<String>,
    /// The tenants by their labels in the configuration.
    pub(super) tenants: BTreeMap<String, Tenant>,
    /// For a matrix: the tenants to which each tenant sends users.
    #[serde(default)]
    pub(super) synchronize: BTreeMap<String, BTreeSet<String>>,
}

/// One tenant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tenant {
    /// Tenant ID.
    #[serde(rename = "tenant_id")]
    pub(super) id: String,
    /// Display name; if omitted, the label.
    #[serde(default)]
    pub(super) name: Option<String>,
    /// Prefix of the environment variables with its credentials.
    #[serde(default)]
    pub(super) environment_prefix: Option<String>,
    /// Display names of groups whose direct members are synchronized.
    #[serde(default)]
    pub(super) groups: BTreeSet<String>,
}

impl List {
    /// Parses and validates the file.
    ///
    /// # Errors
    ///
    /// If it is not valid; the text says what to change.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let list: Self = serde_saphyr::from_str(text).map_err(|why| why.to_string())?;
        list.check()?;
        Ok(list)
    }

    fn check(&self) -> Result<(), String> {
        if self.tenants.len() < 2 {
            return Err("at least two tenants are needed under `tenants`.".to_owned());
        }
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (label, tenant) in &self.tenants {
            check_label(label)?;
            if uuid::Uuid::try_parse(&tenant.id).is_err() || tenant.id.len() != 36 {
                return Err(format!(
                    "tenant_id of {label} must be a GUID, such as 3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10."
                ));
            }
            if let Some(other) = seen.insert(tenant.id.to_lowercase(), label) {
                return Err(format!("{other} and {label} have the same tenant_id."));
            }
        }
        let senders = self.synchronize.keys();
        let receivers = self.synchronize.values().flatten();
        match senders
            .chain(receivers)
            .chain(&self.hub)
            .find(|name| !self.tenants.contains_key(*name))
        {
            Some(unknown) => Err(format!(
                "{unknown} is not one of the tenants, which are {}.",
                self.tenants.keys().cloned().collect::<Vec<_>>().join(", ")
            )),
            None => Ok(()),
        }
    }
}

/// A label becomes the name of a provider and part of the names of modules.
fn check_label(label: &str) -> Result<(), String> {
    let begins_well = label.starts_with(|letter: char| letter.is_ascii_lowercase());
    let known =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if begins_well && label.chars().all(known) {
        return Ok(());
    }
    Err(format!(
        "{label:?} cannot name a tenant in a configuration: use lowercase letters, digits and underscores, and begin with a letter."
    ))
}

impl Tenant {
    /// Display name.
    pub(super) fn display_name<'a>(&'a self, label: &'a str) -> &'a str {
        self.name.as_deref().unwrap_or(label)
    }

    /// Prefix of its environment variables.
    pub(super) fn prefix(&self, label: &str) -> String {
        let given = self.environment_prefix.clone();
        given.unwrap_or_else(|| label.to_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 2] = [
        "3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10",
        "8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264",
    ];

    fn refused(text: &str) -> String {
        List::read(text).unwrap_err()
    }

    #[test]
    fn mistakes_are_named() {
        let [a, b] = IDS;
        for (text, words) in [
            (
                format!("tenants: {{a: {{tenant_id: {a}}}}}"),
                "at least two tenants",
            ),
            (
                format!("tenants: {{a: {{tenant_id: {a}}}, b: {{tenant_id: x}}}}"),
                "tenant_id of b",
            ),
            (
                format!("tenants: {{a: {{tenant_id: {a}}}, b: {{tenant_id: {a}}}}}"),
                "a and b have the same",
            ),
            (
                format!("tenants: {{A: {{tenant_id: {a}}}, b: {{tenant_id: {b}}}}}"),
                "\"A\" cannot name",
            ),
            (
                format!("hub: c\ntenants: {{a: {{tenant_id: {a}}}, b: {{tenant_id: {b}}}}}"),
                "c is not one of the tenants",
            ),
            (format!("tenants: {{a: {{tenant: {a}}}}}"), "tenant"),
            ("- a".to_owned(), "tenants"),
        ] {
            let why = refused(&text);
            assert!(why.contains(words) || words == "tenants", "{text}: {why}");
        }
    }

    #[test]
    fn what_is_left_out_follows_from_the_label() {
        let [a, b] = IDS;
        let text = format!(
            "tenants:\n  east:\n    tenant_id: {a}\n  west:\n    tenant_id: {b}\n    name: West Ltd.\n    environment_prefix: W\n"
        );
        let read = List::read(&text).unwrap();
        let [east, west] = ["east", "west"].map(|label| &read.tenants[label]);
        assert_eq!(
            (east.display_name("east"), east.prefix("east").as_str()),
            ("east", "EAST")
        );
        assert_eq!(
            (west.display_name("west"), west.prefix("west").as_str()),
            ("West Ltd.", "W")
        );
    }
}
