//! What a check found: rows in parts, and what they come to. No I/O.

use serde_json::{Value as Json, json};

use super::super::Verdict;
use super::super::json::text;
use super::super::source::Configuration;
use super::super::terminal::printable;
use super::symptoms;
use terraform::Value;

/// Checks that need permissions beyond those with which synchronization is set up. The guide "Getting started" lists them as
/// needed if used.
/// Of secure defaults it is what needs to see applications, which a target tenant's application usually may not.
const OPTIONAL: [&str; 11] = [
    "tenant_found",
    "license",
    "group_license",
    "cross_cloud_license",
    "internal_user_assigned",
    "no_sms_sign_in",
    "no_collisions",
    "outbound_redemption_only_where_synchronized",
    "jobs_synchronize_assigned_only",
    "jobs_prevent_accidental_deletions",
    "jobs_send_notifications",
];

/// The texts in a list.
fn texts(list: &Value) -> Vec<String> {
    let elements = list.as_elements().into_iter().flatten();
    elements
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// What is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Profile {
    /// Whether the pair is ready for synchronization
    #[default]
    Readiness,
    /// Whether both tenants keep to secure defaults for collaboration with others
    SecureDefaults,
}

impl Profile {
    /// Its name as a flag takes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Readiness => "readiness",
            Self::SecureDefaults => "secure-defaults",
        }
    }

    /// What a row is called: one, and more.
    pub(super) fn rows(self) -> (&'static str, &'static str) {
        match self {
            Self::Readiness => ("prerequisite", "prerequisites"),
            Self::SecureDefaults => ("secure default", "secure defaults"),
        }
    }
}

/// Everything that was checked.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) profile: Profile,
    pub(super) source: Option<Part>,
    pub(super) target: Option<Part>,
    pub(super) configurations: Vec<(Configuration, Part)>,
}

/// What was checked in one place.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) tenant_id: String,
    /// The rows, or why there are none.
    pub(super) rows: Result<Vec<Row>, String>,
}

/// One prerequisite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) check: String,
    pub(super) state: State,
    pub(super) detail: String,
    pub(super) fix: Option<String>,
    /// What is expected and why; of secure defaults only.
    pub(super) expected: Option<String>,
    pub(super) why: Option<String>,
    /// Controls of public baselines that ask for the same.
    pub(super) baselines: Vec<String>,
}

/// How a prerequisite stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Met,
    Unmet,
    /// A permission to look is missing.
    Hidden,
    /// Graph does not show it to anybody.
    Unseen,
    /// Not a prerequisite: a setting that allows more than its default, which somebody may want.
    Allowed,
}

impl State {
    /// The word for it, in the table and in JSON.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Unmet => "not met",
            Self::Hidden => "no permission",
            Self::Unseen => "not visible",
            Self::Allowed => "allowed",
        }
    }
}

impl Row {
    /// A row of the data source `crosstenant_readiness`.
    pub(super) fn of(row: &Value) -> Option<Self> {
        let state = match row.member("passed").as_bool() {
            Some(true) => State::Met,
            Some(false) => State::Unmet,
            None if row.member("permission_missing").as_bool() == Some(true) => State::Hidden,
            None => State::Unseen,
        };
        Some(Self {
            check: text(row, "check")?,
            state,
            detail: text(row, "detail")
                .or_else(|| text(row, "found"))
                .unwrap_or_default(),
            fix: text(row, "fix"),
            expected: text(row, "expected"),
            why: text(row, "why"),
            baselines: texts(row.member("baselines")),
        })
    }

    /// A setting of the data source `crosstenant_readiness` that allows more than its default.
    pub(super) fn allowed(setting: &Value) -> Option<Self> {
        let (resource, attribute) = (text(setting, "resource")?, text(setting, "attribute")?);
        Some(Self {
            check: format!("{resource}.{attribute}"),
            state: State::Allowed,
            detail: text(setting, "found").unwrap_or_default(),
            fix: text(setting, "fix"),
            expected: None,
            why: None,
            baselines: Vec::new(),
        })
    }

    /// Whether it says whether a prerequisite is met.
    pub(super) fn judges(&self) -> bool {
        self.state != State::Allowed
    }

    /// What somebody sees who goes on all the same.
    pub(super) fn symptom(&self) -> Option<&'static str> {
        (self.state == State::Unmet)
            .then(|| symptoms::of(&self.check))
            .flatten()
    }

    /// What to know about a row that is not met beyond what was found, as paragraphs.
    pub(super) fn advice(&self) -> String {
        let labeled =
            |label: &str, words: Option<&str>| words.map(|words| format!("{label} {words}"));
        let baselines = self.baselines.join(", ");
        let baselines = Some(baselines.as_str()).filter(|it| !it.is_empty());
        let paragraphs = [
            labeled("Symptom:", self.symptom()),
            labeled("Expected:", self.expected.as_deref()),
            labeled("Required by:", baselines),
            labeled("Reason:", self.why.as_deref()),
            labeled("Fix:\n", self.fix.as_deref()),
        ];
        paragraphs
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    fn json(&self) -> Json {
        json!({
            "check": self.check,
            "state": self.state.word().replace(' ', "_"),
            "passed": match self.state { State::Met => Some(true), State::Unmet => Some(false), _ => None },
            "detail": self.detail,
            "symptom": self.symptom(),
            "fix": self.fix,
            "expected": self.expected,
            "why": self.why,
            "baselines": self.baselines,
        })
    }
}

impl Part {
    fn json(&self) -> Json {
        match &self.rows {
            Ok(rows) => {
                let rows: Vec<Json> = rows.iter().map(Row::json).collect();
                json!({ "tenant_id": self.tenant_id, "checks": rows, "error": null })
            }
            Err(why) => json!({ "tenant_id": self.tenant_id, "checks": [], "error": why }),
        }
    }
}

impl Report {
    /// Whether the source tenant could be asked for its configurations.
    pub(super) fn asked_for_configurations(&self) -> bool {
        self.source.as_ref().is_some_and(|part| part.rows.is_ok())
    }

    /// Every part with what it is about.
    pub(super) fn titled(&self) -> Vec<(String, &Part)> {
        let tenants = [("Source", &self.source), ("Target", &self.target)];
        let tenants = tenants.into_iter().filter_map(|(side, part)| {
            let part = part.as_ref()?;
            Some((format!("{side} tenant {}", part.tenant_id), part))
        });
        let configurations = self.configurations.iter().map(|(configuration, part)| {
            let title = format!("Configuration {}", printable(&configuration.name));
            (title, part)
        });
        tenants.chain(configurations).collect()
    }

    /// Every part.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        let tenants = self.source.iter().chain(&self.target);
        tenants.chain(self.configurations.iter().map(|(_, part)| part))
    }

    /// How many rows stand so.
    pub(super) fn count(&self, state: State) -> usize {
        let rows = self.parts().filter_map(|part| part.rows.as_ref().ok());
        rows.flatten().filter(|row| row.state == state).count()
    }

    /// How many rows cannot be seen for want of a permission, without or with those for which synchronization needs none.
    pub(super) fn hidden(&self, with_optional: bool) -> usize {
        let rows = self.parts().filter_map(|part| part.rows.as_ref().ok());
        rows.flatten()
            .filter(|row| row.state == State::Hidden)
            .filter(|row| with_optional || !OPTIONAL.contains(&row.check.as_str()))
            .count()
    }

    /// Ready, not ready, or not to be told. One row that is not met is enough to know.
    pub(super) fn verdict(&self) -> Verdict {
        if self.count(State::Unmet) > 0 {
            Verdict::Bad
        } else if self.hidden(false) > 0 || self.parts().any(|part| part.rows.is_err()) {
            Verdict::Unknown
        } else {
            Verdict::Good
        }
    }

    /// The report for programs. Its form is documented and only ever grows.
    pub(super) fn json(&self) -> Json {
        let configurations = self.configurations.iter().map(|(configuration, part)| {
            let mut json = part.json();
            let known = (!configuration.id.is_empty()).then_some(configuration);
            json["service_principal_id"] = known.map(|known| known.id.as_str()).into();
            json["display_name"] = known.map(|known| known.name.as_str()).into();
            json
        });
        json!({
            "profile": self.profile.name(),
            "ready": match self.verdict() { Verdict::Good => Some(true), Verdict::Bad => Some(false), Verdict::Unknown | Verdict::Refused => None },
            "source": self.source.as_ref().map(Part::json),
            "target": self.target.as_ref().map(Part::json),
            "configurations": configurations.collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(states: &[State]) -> Part {
        let row = |state: &State| Row {
            check: "partner_exists".to_owned(),
            state: *state,
            detail: "d".to_owned(),
            fix: (*state == State::Unmet).then(|| "f".to_owned()),
            expected: None,
            why: None,
            baselines: Vec::new(),
        };
        Part {
            tenant_id: "t".to_owned(),
            rows: Ok(states.iter().map(row).collect()),
        }
    }

    fn report(source: Part) -> Report {
        Report {
            source: Some(source),
            ..Report::default()
        }
    }

    #[test]
    fn one_row_that_is_not_met_decides() {
        let verdict = |states: &[State]| report(part(states)).verdict();
        assert_eq!(verdict(&[State::Met, State::Unseen]), Verdict::Good);
        assert_eq!(verdict(&[State::Met, State::Hidden]), Verdict::Unknown);
        assert_eq!(verdict(&[State::Hidden, State::Unmet]), Verdict::Bad);
        let mut optional = report(part(&[State::Hidden, State::Met]));
        let rows = optional.source.as_mut().unwrap().rows.as_mut().unwrap();
        rows[0].check = "license".to_owned();
        assert_eq!(optional.verdict(), Verdict::Good);
        assert_eq!((optional.hidden(false), optional.hidden(true)), (0, 1));
        let mut failed = report(part(&[State::Met]));
        failed.target = Some(Part {
            tenant_id: "u".to_owned(),
            rows: Err("no".to_owned()),
        });
        assert_eq!(failed.verdict(), Verdict::Unknown);
        assert_eq!(failed.json()["ready"], Json::Null);
        assert_eq!(failed.json()["target"]["error"], "no");
    }

    #[test]
    fn json_has_symptom_and_fix_where_something_is_wrong() {
        let json = report(part(&[State::Unmet, State::Met])).json();
        let checks = &json["source"]["checks"];
        assert_eq!(
            (&checks[0]["state"], &checks[0]["passed"], &checks[0]["fix"]),
            (&json!("not_met"), &json!(false), &json!("f"))
        );
        assert!(checks[0]["symptom"].is_string() && checks[1]["symptom"].is_null());
    }
}
