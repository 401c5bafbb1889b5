//! The result of a check: rows in parts, and the verdict. No I/O.

use serde_json::{Value as Json, json};

use super::super::Verdict;
use super::super::json::text;
use super::super::source::Configuration;
use super::super::terminal::printable;
use super::symptoms;
use terraform::Value;

/// Checks that require more permissions than setting up synchronization does. The guide "Getting started" lists these as needed only if
/// used. For secure defaults, these are checks that read applications, which the application in a target tenant is usually not allowed to
/// do.
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

/// The strings in a list.
fn texts(list: &Value) -> Vec<String> {
    let elements = list.as_elements().into_iter().flatten();
    elements
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The subject of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Profile {
    /// Whether the pair is ready for synchronization
    #[default]
    Readiness,
    /// Whether both tenants keep to secure defaults for collaboration with others
    SecureDefaults,
}

impl Profile {
    /// Its name as a value of the flag.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Readiness => "readiness",
            Self::SecureDefaults => "secure-defaults",
        }
    }

    /// The name of a row, singular and plural.
    pub(super) fn rows(self) -> (&'static str, &'static str) {
        match self {
            Self::Readiness => ("prerequisite", "prerequisites"),
            Self::SecureDefaults => ("secure default", "secure defaults"),
        }
    }
}

/// The complete result of a check.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) profile: Profile,
    pub(super) source: Option<Part>,
    pub(super) target: Option<Part>,
    pub(super) configurations: Vec<(Configuration, Part)>,
}

/// The rows of one tenant or configuration.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) tenant_id: String,
    /// The rows, or the reason why they could not be read.
    pub(super) rows: Result<Vec<Row>, String>,
}

/// One prerequisite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) check: String,
    pub(super) state: State,
    pub(super) detail: String,
    pub(super) fix: Option<String>,
    /// The expected value and the reason for it; only for secure defaults.
    pub(super) expected: Option<String>,
    pub(super) why: Option<String>,
    /// Controls of public baselines that require the same.
    pub(super) baselines: Vec<String>,
}

/// The state of a prerequisite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Met,
    Unmet,
    /// The permission to read it is missing.
    Hidden,
    /// Graph does not return it to any application.
    Unseen,
    /// Not a prerequisite: a setting that allows more than its default, which may be intended.
    Allowed,
}

impl State {
    /// Its name in the table and in JSON.
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

    /// Whether it states whether a prerequisite is met.
    pub(super) fn judges(&self) -> bool {
        self.state != State::Allowed
    }

    /// The symptom if the prerequisite is ignored.
    pub(super) fn symptom(&self) -> Option<&'static str> {
        (self.state == State::Unmet)
            .then(|| symptoms::of(&self.check))
            .flatten()
    }

    /// Paragraphs about a row that is not met, in addition to what was found.
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
    /// Whether the configurations of the source tenant could be listed.
    pub(super) fn asked_for_configurations(&self) -> bool {
        self.source.as_ref().is_some_and(|part| part.rows.is_ok())
    }

    /// Every part with its title.
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

    /// The number of rows in this state.
    pub(super) fn count(&self, state: State) -> usize {
        let rows = self.parts().filter_map(|part| part.rows.as_ref().ok());
        rows.flatten().filter(|row| row.state == state).count()
    }

    /// The number of rows that cannot be read because a permission is missing, with or without those that synchronization does not require.
    pub(super) fn hidden(&self, with_optional: bool) -> usize {
        let rows = self.parts().filter_map(|part| part.rows.as_ref().ok());
        rows.flatten()
            .filter(|row| row.state == State::Hidden)
            .filter(|row| with_optional || !OPTIONAL.contains(&row.check.as_str()))
            .count()
    }

    /// Ready, not ready, or unknown. One row that is not met suffices for "not ready".
    pub(super) fn verdict(&self) -> Verdict {
        if self.count(State::Unmet) > 0 {
            Verdict::Bad
        } else if self.hidden(false) > 0 || self.parts().any(|part| part.rows.is_err()) {
            Verdict::Unknown
        } else {
            Verdict::Good
        }
    }

    /// The report as JSON. Its format is documented, and members are only ever added.
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
