//! Reports as Markdown, for a comment on a pull request.

use std::fmt::Write as _;

use super::report::{Report, Section};
use super::table::{QUARANTINED, SHOWN, summary};

pub(super) fn rendered(reports: &[Report], exceeded: &[String], all: bool) -> String {
    let mut text = String::from("## Synchronization preview\n\n");
    for line in exceeded {
        let _ = writeln!(text, "> ❌ **{}**\n", escaped(line));
    }
    for report in reports {
        one(&mut text, report, all);
    }
    text
}

fn one(text: &mut String, report: &Report, all: bool) {
    let state = if report.is_plan {
        "as planned"
    } else {
        "as it is"
    };
    let _ = writeln!(
        text,
        "### {} ({state})\n\n{}\n",
        escaped(&report.name),
        summary(report)
    );
    for note in &report.notes {
        let _ = writeln!(text, "> ⚠️ {}\n", escaped(note));
    }
    if report.preview.quarantined {
        let _ = writeln!(text, "> ⚠️ {QUARANTINED}\n");
    }
    for section in Section::ALL {
        people(text, report, section, all);
    }
    groups(text, report);
    let doubts = report.doubts();
    if !doubts.is_empty() {
        text.push_str("<details><summary>Assumptions that Microsoft's documentation does not settle (UNVERIFIED)</summary>\n\n");
        for (doubt, count) in doubts {
            let _ = writeln!(
                text,
                "- `{}` ({count}): {}",
                doubt.fact(),
                escaped(doubt.sentence())
            );
        }
        text.push_str("\n</details>\n\n");
    }
}

fn groups(text: &mut String, report: &Report) {
    let all = &report.preview.groups;
    if all.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "<details><summary>Groups ({})</summary>\n\n| Group | What becomes of it |\n|---|---|",
        all.len()
    );
    for group in all {
        let _ = writeln!(
            text,
            "| {} | {} |",
            escaped(&group.name),
            escaped(&super::groups::words(group))
        );
    }
    text.push_str("\n</details>\n\n");
}

fn people(text: &mut String, report: &Report, section: Section, all: bool) {
    let count = report.verdicts(section).count();
    if count == 0 {
        return;
    }
    let limit = if all { usize::MAX } else { SHOWN };
    let open = if section <= Section::Arriving {
        " open"
    } else {
        ""
    };
    let _ = writeln!(
        text,
        "<details{open}><summary>{} ({count})</summary>\n\n| User | Why, and what changes |\n|---|---|",
        section.title()
    );
    for verdict in report.verdicts(section).take(limit) {
        let name = if verdict.name.is_empty() {
            &verdict.source
        } else {
            &verdict.name
        };
        let mark = if verdict.doubts.is_empty() {
            ""
        } else {
            " *(UNVERIFIED)*"
        };
        let _ = writeln!(
            text,
            "| {} | {}{mark} |",
            escaped(name),
            escaped(&report.why(verdict))
        );
    }
    if count > limit {
        let _ = writeln!(text, "| … and {} more | |", count - limit);
    }
    text.push_str("\n</details>\n\n");
}

/// Escapes names of users, so that they contain no markup, no mentions and no new rows.
fn escaped(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '\n' | '\r' | '\t' => text.push(' '),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            // A zero-width space after it keeps platforms from mentioning people.
            '@' => text.push_str("@\u{200b}"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' => {
                text.push('\\');
                text.push(c);
            }
            c if c.is_control() => {}
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_cannot_write_markup() {
        for (name, expected) in [
            ("ada@contoso.com", "ada@\u{200b}contoso.com"),
            ("<img src=x>", "&lt;img src=x&gt;"),
            ("a|b\nc", "a\\|b c"),
            ("[x](javascript:y)", "\\[x\\](javascript:y)"),
            ("**b**", "\\*\\*b\\*\\*"),
        ] {
            assert_eq!(super::escaped(name), expected);
        }
    }
}
