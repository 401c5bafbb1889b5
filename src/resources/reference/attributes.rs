//! Formats a schema as lists of attributes, with a section for each nested object.

use std::fmt::Write;

use terraform::{Attribute, Check, Kind, Schema, Value};

/// Returns the schema section of a page.
pub(super) fn section(schema: &Schema) -> String {
    let mut text = String::from("## Schema\n\n");
    let mut groups = groups(&schema.attributes);
    // Common attributes come after the resource's own.
    groups.sort_by_key(|group| group.paths.iter().any(|path| path == "timeouts"));
    text += &lists(&schema.attributes, "", &groups);
    for group in &groups {
        text += &group.section(&groups);
    }
    text
}

/// Nested attributes, with all places that have exactly these.
struct Group<'a> {
    paths: Vec<String>,
    attributes: &'a [Attribute],
    /// The complete declaration as text, to compare the attributes of two places.
    shape: String,
}

/// Returns the nested attributes below `attributes`, outer ones first.
fn groups(attributes: &[Attribute]) -> Vec<Group<'_>> {
    let mut found: Vec<Group> = Vec::new();
    let mut level = nested_in("", attributes);
    while !level.is_empty() {
        let mut next = Vec::new();
        for (path, attributes) in level {
            next.extend(nested_in(&path, attributes));
            let shape = format!("{attributes:?}");
            match found.iter_mut().find(|group| group.shape == shape) {
                Some(group) => group.paths.push(path),
                None => found.push(Group {
                    paths: vec![path],
                    attributes,
                    shape,
                }),
            }
        }
        level = next;
    }
    found
}

fn nested_in<'a>(path: &str, attributes: &'a [Attribute]) -> Vec<(String, &'a [Attribute])> {
    attributes
        .iter()
        .filter_map(|attribute| Some((below(path, attribute.name), attribute.kind.nested()?)))
        .collect()
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

impl Group<'_> {
    fn anchor(&self) -> String {
        format!(
            "nested--{}",
            self.paths
                .first()
                .map_or("", String::as_str)
                .replace('.', "--")
        )
    }

    fn section(&self, groups: &[Group]) -> String {
        let quoted: Vec<String> = self.paths.iter().map(|path| format!("`{path}`")).collect();
        let (first, others) = quoted.split_first().map_or(("", &[][..]), |(a, b)| (a, b));
        let mut text = format!(
            "<a id=\"{}\"></a>\n### Nested schema for {first}\n\n",
            self.anchor()
        );
        if !others.is_empty() {
            let _ = write!(text, "The same for {}.\n\n", others.join(", "));
        }
        let path = self.paths.first().map_or("", String::as_str);
        text + &lists(self.attributes, path, groups)
    }
}

/// Whether an attribute is in a list of the page.
type Belongs = fn(&Attribute) -> bool;

/// Formats required, optional and read-only attributes, in the order of their declaration.
fn lists(attributes: &[Attribute], path: &str, groups: &[Group]) -> String {
    let kinds: [(&str, Belongs); 3] = [
        ("Required", |one| one.rules.required),
        ("Optional", |one| one.rules.optional),
        ("Read-Only", |one| {
            !one.rules.required && !one.rules.optional
        }),
    ];
    let mut text = String::new();
    for (heading, belongs) in kinds {
        let lines: Vec<String> = attributes
            .iter()
            .filter(|one| belongs(one))
            .map(|one| line(one, path, groups))
            .collect();
        if lines.is_empty() {
            continue;
        }
        let heading = if path.is_empty() {
            format!("### {heading}")
        } else {
            format!("{heading}:")
        };
        let _ = write!(text, "{heading}\n\n{}\n\n", lines.join("\n"));
    }
    text
}

fn line(attribute: &Attribute, path: &str, groups: &[Group]) -> String {
    let path = below(path, attribute.name);
    let description = attribute.description.replace('\n', " ");
    let mut text = format!(
        "- `{}` ({}) {description}",
        attribute.name,
        facts(attribute).join("; ")
    );
    if let Some(reason) = attribute.rules.deprecated {
        let _ = write!(text, " **Deprecated**: {reason}");
    }
    if let Some(group) = groups.iter().find(|group| group.paths.contains(&path)) {
        let _ = write!(text, " (see [nested schema](#{}))", group.anchor());
    }
    text
}

/// Returns the properties of an attribute, its type first.
fn facts(attribute: &Attribute) -> Vec<String> {
    let rules = &attribute.rules;
    let mut facts = vec![type_name(&attribute.kind)];
    facts.extend(
        rules
            .default
            .as_ref()
            .map(|value| format!("default `{}`", written(value))),
    );
    facts.extend(rules.checks.iter().filter_map(expected));
    if rules.replaces {
        facts.push("forces replacement".to_owned());
    }
    if rules.write_only {
        facts.push("write-only".to_owned());
    } else if rules.sensitive {
        facts.push("sensitive".to_owned());
    }
    facts
}

fn type_name(kind: &Kind) -> String {
    match kind {
        Kind::Bool => "Boolean".to_owned(),
        Kind::Number => "Number".to_owned(),
        Kind::String => "String".to_owned(),
        Kind::Dynamic => "Any type".to_owned(),
        Kind::Object(_) => "Attributes".to_owned(),
        Kind::List(of) => format!("List of {}", element(of)),
        Kind::Set(of) => format!("Set of {}", element(of)),
        Kind::Map(of) => format!("Map of {}", element(of)),
    }
}

fn element(kind: &Kind) -> String {
    match kind {
        Kind::Object(_) => "Attributes".to_owned(),
        kind => type_name(kind),
    }
}

/// Describes a check if that is possible in a few words.
fn expected(check: &Check) -> Option<String> {
    match check {
        Check::OneOf(allowed) => {
            let quoted: Vec<String> = allowed.iter().map(|text| format!("`{text}`")).collect();
            Some(format!("one of {}", quoted.join(", ")))
        }
        Check::Guid => Some("GUID".to_owned()),
        Check::Email => Some("email address".to_owned()),
        Check::Domain => Some("domain name".to_owned()),
        Check::Between(least, most) => Some(format!("{least} to {most}")),
        Check::AtLeast(least) => Some(format!("at least {least}")),
        Check::NotEmpty => Some("not empty".to_owned()),
        Check::Duration => Some("duration".to_owned()),
        Check::That(_) => None,
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terraform::Rules;

    fn schema() -> Schema {
        let flag = || {
            Attribute::new(
                "is_on",
                "Whether it is on.",
                Kind::Bool,
                Rules::with_default(false),
            )
        };
        Schema {
            version: 0,
            description: "".into(),
            attributes: vec![
                Attribute::new(
                    "name",
                    "Names\nit.",
                    Kind::String,
                    Rules::required().replaces().guid(),
                ),
                Attribute::new(
                    "here",
                    "This side.",
                    Kind::Object(vec![flag()]),
                    Rules::optional(),
                ),
                Attribute::new(
                    "there",
                    "The other side.",
                    Kind::Object(vec![flag()]),
                    Rules::optional(),
                ),
                Attribute::new(
                    "kind",
                    "New value.",
                    Kind::String,
                    Rules::optional().one_of(&["a", "b"]),
                ),
                Attribute::new(
                    "token",
                    "Opens it.",
                    Kind::String,
                    Rules::read_only().sensitive(),
                ),
            ],
        }
    }

    #[test]
    fn rules_are_reported() {
        let text = section(&schema());
        for expected in [
            "### Required\n\n- `name` (String; GUID; forces replacement) Names it.\n",
            "- `is_on` (Boolean; default `false`) Whether it is on.\n",
            "- `kind` (String; one of `a`, `b`) New value.\n",
            "### Read-Only\n\n- `token` (String; sensitive) Opens it.\n",
        ] {
            assert!(text.contains(expected), "{expected}\nis missing in\n{text}");
        }
    }

    #[test]
    fn the_same_nested_attributes_are_reported_once() {
        let text = section(&schema());
        assert_eq!(text.matches("### Nested schema for").count(), 1);
        assert!(
            text.contains("### Nested schema for `here`\n\nThe same for `there`.\n"),
            "{text}"
        );
        assert_eq!(
            text.matches("(see [nested schema](#nested--here))").count(),
            2
        );
    }
}
