//! A report as `JUnit` XML, which pipelines show as test results: a test suite for each tenant or configuration, a test case for each row.

use std::fmt::Write as _;

use super::report::{Part, Report, Row, State};

/// The whole document.
pub(super) fn document(report: &Report) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let name = escaped(report.profile.name());
    let _ = writeln!(text, "<testsuites name=\"crosstenant {name}\">");
    for (title, part) in report.titled() {
        suite(&mut text, report.profile.name(), &title, part);
    }
    text + "</testsuites>\n"
}

fn suite(text: &mut String, profile: &str, title: &str, part: &Part) {
    let name = escaped(title);
    let class = escaped(&format!("{profile}.{}", part.tenant_id));
    let rows = match &part.rows {
        Ok(rows) => rows,
        Err(why) => {
            let why = escaped(why);
            let _ = writeln!(
                text,
                "  <testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">\n    <testcase \
                 name=\"tenant\" classname=\"{class}\">\n      <error message=\"The tenant could not be read\">{why}</error>\n    \
                 </testcase>\n  </testsuite>"
            );
            return;
        }
    };
    let count = |states: &[State]| {
        rows.iter()
            .filter(|row| states.contains(&row.state))
            .count()
    };
    let _ = writeln!(
        text,
        "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">",
        rows.len(),
        count(&[State::Unmet]),
        count(&[State::Hidden, State::Unseen, State::Allowed])
    );
    for row in rows {
        case(text, &class, row);
    }
    text.push_str("  </testsuite>\n");
}

fn case(text: &mut String, class: &str, row: &Row) {
    let (name, detail) = (escaped(&row.check), escaped(&row.detail));
    let opening = format!("    <testcase name=\"{name}\" classname=\"{class}\"");
    let _ = match row.state {
        State::Met => writeln!(text, "{opening}/>"),
        State::Unmet => writeln!(
            text,
            "{opening}>\n      <failure message=\"{detail}\">{}</failure>\n    </testcase>",
            escaped(&row.advice())
        ),
        State::Hidden | State::Unseen | State::Allowed => writeln!(
            text,
            "{opening}>\n      <skipped message=\"{detail}\"/>\n    </testcase>"
        ),
    };
}

/// Escapes a text for XML: markup characters become entities, line breaks in attributes are preserved, and characters that XML does not
/// allow are removed.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            letter if letter.is_control() || matches!(letter, '\u{FFFE}' | '\u{FFFF}') => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_escaped_or_left_out() {
        assert_eq!(
            escaped("a < \"b\" & c\u{1b}\u{0}\nd"),
            "a &lt; &quot;b&quot; &amp; c&#10;d"
        );
    }
}
