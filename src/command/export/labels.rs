//! Chooses readable, unique identifiers for names in any script.

use std::collections::{BTreeMap, BTreeSet};

/// The maximum length of an identifier.
const LONGEST: usize = 60;

/// An object that needs an identifier.
#[derive(Clone, Debug)]
pub(super) struct Nameless {
    /// The namespace in which identifiers are unique: a resource type or the type of a data source.
    pub(super) space: String,
    /// Objects that get the suffix of their tenant together, such as everything about a partner.
    pub(super) family: &'static str,
    /// The display name.
    pub(super) name: String,
    /// The identifier if the name contains no usable characters.
    pub(super) otherwise: String,
    /// The suffix that distinguishes the objects of two tenants, if there are two.
    pub(super) side: Option<String>,
}

/// An identifier for each object, in their order. Equal identifiers get the suffix of their tenant or a number.
pub(super) fn chosen(nameless: &[Nameless]) -> Vec<String> {
    let bases: Vec<String> = nameless.iter().map(base).collect();
    let mut sides: BTreeMap<(&str, &str), BTreeSet<Option<&str>>> = BTreeMap::new();
    for (one, base) in nameless.iter().zip(&bases) {
        let key = (one.family, base.as_str());
        sides.entry(key).or_default().insert(one.side.as_deref());
    }
    let mut taken: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut names = Vec::with_capacity(nameless.len());
    for (one, base) in nameless.iter().zip(&bases) {
        let space = one.space.as_str();
        let in_two_tenants = sides[&(one.family, base.as_str())].len() > 1;
        let wanted = match &one.side {
            Some(side) if in_two_tenants => format!("{base}_{side}"),
            _ => base.clone(),
        };
        let numbered = (2..).map(|number| format!("{wanted}_{number}"));
        let mut free = std::iter::once(wanted.clone())
            .chain(numbered)
            .skip_while(|name| taken.contains(&(space, name.clone())));
        let name = free.next().unwrap_or_default();
        taken.insert((space, name.clone()));
        names.push(name);
    }
    names
}

fn base(nameless: &Nameless) -> String {
    let name = identifier(&nameless.name);
    if name.chars().any(|letter| letter.is_ascii_alphanumeric()) {
        name
    } else {
        identifier(&nameless.otherwise)
    }
}

/// Letters, digits and underscores, not beginning with a digit: a valid identifier in HCL that is easy to type.
pub(super) fn identifier(name: &str) -> String {
    let plain = deunicode::deunicode_with_tofu(name, " ").to_lowercase();
    let mut identifier = String::new();
    for letter in plain.chars() {
        if letter.is_ascii_alphanumeric() {
            identifier.push(letter);
        } else if letter != '\'' && !identifier.ends_with('_') && !identifier.is_empty() {
            identifier.push('_');
        }
        if identifier.len() >= LONGEST {
            break;
        }
    }
    let identifier = identifier.trim_end_matches('_');
    if identifier.starts_with(|first: char| first.is_ascii_digit()) {
        format!("_{identifier}")
    } else {
        identifier.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nameless(name: &str, side: Option<&str>) -> Nameless {
        Nameless {
            space: "t".to_owned(),
            family: "f",
            name: name.to_owned(),
            otherwise: "partner 1".to_owned(),
            side: side.map(str::to_owned),
        }
    }

    #[test]
    fn names_are_those_a_person_would_choose() {
        for (name, expected) in [
            ("Contoso to Fabrikam", "contoso_to_fabrikam"),
            ("Zoë's Café – Ünïted", "zoes_cafe_united"),
            ("3M", "_3m"),
            ("日本", "ri_ben"),
            ("a${b}%{c}\"\n", "a_b_c"),
            ("\u{202e}evil", "evil"),
            ("  ", "partner_1"),
            ("\u{e000}", "partner_1"),
        ] {
            assert_eq!(chosen(&[nameless(name, None)]), [expected], "{name:?}");
        }
    }

    #[test]
    fn namesakes_are_distinguished() {
        let names = [
            nameless("Northwind", Some("source")),
            nameless("northwind!", Some("target")),
            nameless("Northwind", Some("target")),
            nameless("Only", Some("source")),
            nameless("Only", Some("source")),
            nameless("Only 2", Some("source")),
        ];
        let expected = [
            "northwind_source",
            "northwind_target",
            "northwind_target_2",
            "only",
            "only_2",
            "only_2_2",
        ];
        assert_eq!(chosen(&names), expected);
    }

    proptest! {
        #[test]
        fn labels_are_unique_for_any_names(names in prop::collection::vec(".{0,12}|a|a_2|a 2|A", 0..20)) {
            let all: Vec<Nameless> = names.iter().map(|name| nameless(name, None)).collect();
            let chosen = chosen(&all);
            let unique: BTreeSet<&String> = chosen.iter().collect();
            prop_assert_eq!(unique.len(), names.len());
            for name in &chosen {
                prop_assert!(hcl_edit::Ident::try_new(name.as_str()).is_ok(), "{}", name);
            }
        }
    }
}
