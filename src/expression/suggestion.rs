//! Suggestions for misspelled names ("Did you mean …?"); names are case-sensitive.

/// Returns the candidate that `name` probably means: one that differs in case only, or else in few letters.
pub fn closest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    if let Some(found) = candidates
        .clone()
        .into_iter()
        .find(|candidate| candidate.eq_ignore_ascii_case(name))
    {
        return Some(found);
    }
    // Longer inputs are not misspellings, and the cost of a comparison is the product of the lengths.
    if name.chars().count() > 64 {
        return None;
    }
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            let distance = strsim::osa_distance(&lower, &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|(distance, candidate)| *distance * 3 <= candidate.len().max(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn misspellings_are_recognized_and_other_names_are_not() {
        let known = ["Join", "Switch", "IIF", "NormalizeDiacritics"];
        for (name, expected) in [
            ("join", Some("Join")),
            ("Jion", Some("Join")),
            ("Swich", Some("Switch")),
            ("IF", Some("IIF")),
            ("NormaliseDiacritic", Some("NormalizeDiacritics")),
            ("Frobnicate", None),
            ("", None),
        ] {
            assert_eq!(closest(name, known), expected, "{name}");
        }
        assert_eq!(closest(&"a".repeat(9_000), known), None);
    }
}
