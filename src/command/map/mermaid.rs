//! A map as a Mermaid flowchart, for pages that render Mermaid.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::terminal::printable;
use super::topology::{State, Topology, Trust};
use super::words;

/// The maximum number of lines that Mermaid draws by default.
const MOST_LINES: usize = 500;

/// The whole chart.
pub(super) fn rendered(map: &Topology, title: &str) -> String {
    let (syncs, partners) = (map.syncs(), map.partners());
    let lines = syncs.len() + partners.len();
    let mut text = format!(
        "---\ntitle: {}\n---\nflowchart LR\n",
        serde_json::Value::from(format!("{title}: {}", words::summary(map)))
    );
    if lines > MOST_LINES {
        let _ = writeln!(
            text,
            "  %% {lines} lines: Mermaid draws {MOST_LINES} unless the page sets maxEdges."
        );
    }
    let names: BTreeMap<&str, String> = map
        .tenants
        .keys()
        .enumerate()
        .map(|(at, id)| (id.as_str(), format!("t{}", at + 1)))
        .collect();
    for (id, node) in &map.tenants {
        let label = match &node.name {
            Some(name) => format!("<b>{}</b><br>{}", escaped(name), escaped(id)),
            None => escaped(id),
        };
        let class = if node.is_read { "read" } else { "mentioned" };
        let _ = writeln!(text, "  {}[\"{label}\"]:::{class}", names[id.as_str()]);
    }
    for sync in &syncs {
        let _ = writeln!(
            text,
            "  {} ==>|\"{}\"| {}",
            names[sync.source.as_str()],
            escaped(&words::sync(sync)),
            names[sync.target.as_str()]
        );
    }
    for (one, other) in &partners {
        text.push_str(&partner(map, (one, other), &names));
    }
    for (at, sync) in syncs.iter().enumerate() {
        let _ = writeln!(text, "  linkStyle {at} stroke:{}", color(&sync.state));
    }
    text.push_str("  classDef read stroke-width:2px\n  classDef mentioned stroke-dasharray:4 3\n");
    // The reason is written to standard error: it is long, and a chart is often printed right next to it.
    for unseen in &map.unseen {
        let what: Vec<&str> = unseen.what.split_whitespace().collect();
        let what = printable(&what.join(" "));
        let _ = writeln!(text, "  %% Not on the map: {what}");
    }
    text
}

/// One dotted line for a pair, with an arrow to the tenant whose claims are accepted.
fn partner(map: &Topology, (one, other): (&str, &str), names: &BTreeMap<&str, String>) -> String {
    let (there, back) = (map.says(one, other), map.says(other, one));
    let accepts = |trust: Option<Trust>| trust.is_some_and(Trust::accepts_claims);
    let (line, swapped) = match (accepts(there), accepts(back)) {
        (true, true) => ("<-.->", false),
        (true, false) => ("-.->", false),
        (false, true) => ("-.->", true),
        (false, false) => ("-.-", false),
    };
    let said = [(one, there), (other, back)].map(|(who, trust)| {
        let trust = trust?;
        Some(escaped(&format!(
            "{}: {}",
            map.label(who),
            words::trust(trust)
        )))
    });
    let said: Vec<String> = said.into_iter().flatten().collect();
    let (from, to) = if swapped { (other, one) } else { (one, other) };
    format!(
        "  {} {line}|\"{}\"| {}\n",
        names[from],
        said.join("<br>"),
        names[to]
    )
}

fn color(state: &State) -> &'static str {
    match state {
        State::Running => "#1a7f37",
        State::On => "#57606a",
        State::InitialCycle { .. } => "#0969da",
        State::Unknown => "#8c959f",
        State::Paused => "#bf8700",
        State::Quarantined { .. } => "#cf222e",
    }
}

/// Escapes names for Mermaid: everything that could be markup is written as a numeric character reference.
fn escaped(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for letter in printable(words).chars() {
        let is_plain = letter.is_alphanumeric()
            || matches!(
                letter,
                ' ' | '-' | '.' | ',' | ':' | '·' | '“' | '”' | '→' | '%' | '\u{fffd}'
            );
        if is_plain {
            text.push(letter);
        } else {
            let _ = write!(text, "#{};", u32::from(letter));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::topology::Unseen;
    use super::super::topology::tests::sync;
    use super::*;

    #[test]
    fn names_are_no_markup() {
        assert_eq!(
            escaped("a\"]<b>#x\n\u{202e}王"),
            "a#34;#93;#60;b#62;#35;x #92;u202e王"
        );
    }

    #[test]
    fn everything_is_there_once() {
        let mut map = Topology::default();
        map.name("a", Some("Contoso \"|end".to_owned()));
        map.tenant("a").is_read = true;
        map.trust("b", "a").mfa = true;
        map.trust("a", "b").redeems_outbound = true;
        map.sync(sync("a", "b", "One", State::Running));
        let reason = Some("too_many_deletes".to_owned());
        map.sync(sync("a", "b", "Two", State::Quarantined { reason }));
        map.unseen.push(Unseen {
            what: "jobs of\nb".to_owned(),
            why: "nobody\n  may".to_owned(),
        });
        let text = rendered(&map, "Map");
        for line in [
            "title: \"Map: 2 tenants, 1 pair of partners, 2 synchronizations, 1 in quarantine\"",
            "  t1[\"<b>Contoso #34;#124;end</b><br>a\"]:::read",
            "  t2[\"b\"]:::mentioned",
            "  t1 ==>|\"“One” · assigned users · running\"| t2",
            "  t2 -.->|\"Contoso #34;#124;end: redeems to it<br>b: trusts MFA\"| t1",
            "  linkStyle 0 stroke:#1a7f37",
            "  linkStyle 1 stroke:#cf222e",
            "  %% Not on the map: jobs of b",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
    }
}
