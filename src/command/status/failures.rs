//! The latest failures of jobs, from the provisioning log.

use std::collections::HashMap;

use tokio::sync::Mutex;

use super::super::Tenant;
use super::super::json::{number, text};
use super::report::Line;
use terraform::Value;

/// The entries of the log, or the reason why it could not be read.
pub(super) type Failures = Result<Vec<Value>, String>;

/// The log. It is read again only after another cycle, because Microsoft's rate limit for it is low.
pub(super) struct Log {
    /// The number of failures to show for each job; `None` shows none.
    most: Option<u16>,
    /// The entries that were read, by configuration and cycle.
    read: Mutex<HashMap<(String, Option<String>), Failures>>,
}

impl Log {
    pub(super) fn new(most: Option<u16>) -> Self {
        Self {
            most,
            read: Mutex::default(),
        }
    }

    /// Makes the next refresh read the log again, because entries may appear minutes after their cycle.
    pub(super) fn forget(&mut self) {
        self.read.get_mut().clear();
    }

    /// The latest failures of the job on this line, if they are requested and there may be any.
    pub(super) async fn of(&self, tenant: &Tenant, line: &Line) -> Option<Failures> {
        let most = self.most?;
        let job = line.job.as_ref()?;
        if !has_failed(line) {
            return Some(Ok(Vec::new()));
        }
        let key = (line.configuration.id.clone(), line.last_cycle());
        // One at a time, to comply with Microsoft's rate limit.
        let mut read = self.read.lock().await;
        if let Some(known) = read.get(&key) {
            return Some(known.clone());
        }
        let arguments = [
            (
                "service_principal_id",
                line.configuration.id.as_str().into(),
            ),
            ("job_id", job.id.as_str().into()),
            ("status", "failure".into()),
            ("max_results", i64::from(most).into()),
        ];
        let found = tenant.read("provisioning_logs", &arguments).await;
        let found = found.map_err(|why| why.to_string()).map(|found| {
            let entries = found.member("entries").as_elements();
            entries.unwrap_or_default().to_vec()
        });
        read.insert(key, found.clone());
        Some(found)
    }
}

/// Whether the last cycle, or the job as a whole, has failed.
fn has_failed(line: &Line) -> bool {
    let last = line.found().member("last_execution");
    let all_well = last.is_null() || last.member("state").as_str() == Some("succeeded");
    !all_well || number(last, "failed").is_some_and(|count| count > 0) || line.is_quarantined()
}

/// One failure in a line: time, user and reason.
pub(super) fn one_line(entry: &Value) -> String {
    let source = entry.member("source");
    let names = ["user_principal_name", "display_name", "id"];
    let who = names.iter().find_map(|name| text(source, name));
    let error = entry.member("error");
    let why = text(entry, "explanation").or_else(|| text(error, "reason"));
    let code = text(error, "code");
    let mut words = vec![text(entry, "time").unwrap_or_default()];
    words.push(who.unwrap_or_else(|| "unknown user".to_owned()));
    words.extend(code);
    format!(
        "{}: {}",
        words.join(", "),
        why.unwrap_or_else(|| "the log contains no reason".to_owned())
    )
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::line;
    use super::*;

    fn object(members: &[(&str, Value)]) -> Value {
        let members = members
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        Value::Object(members.collect())
    }

    #[test]
    fn only_who_has_failed_is_looked_up() {
        let after = |last: Value| has_failed(&line("a", &[("last_execution", last)]));
        assert!(!after(Value::Null));
        assert!(!after(object(&[
            ("state", "succeeded".into()),
            ("failed", 0.into())
        ])));
        assert!(after(object(&[
            ("state", "succeeded".into()),
            ("failed", 2.into())
        ])));
        assert!(after(object(&[("state", "entry_level_errors".into())])));
        assert!(has_failed(&line("a", &[("state", "quarantined".into())])));
    }

    #[test]
    fn a_failure_says_when_who_and_why() {
        let entry = object(&[
            ("time", "2026-08-07T10:00:00Z".into()),
            ("source", object(&[("display_name", "Ada".into())])),
            ("error", object(&[("code", "ObjectConflict".into())])),
            ("explanation", "There is another.".into()),
        ]);
        assert_eq!(
            one_line(&entry),
            "2026-08-07T10:00:00Z, Ada, ObjectConflict: There is another."
        );
        assert_eq!(
            one_line(&object(&[])),
            ", unknown user: the log contains no reason"
        );
    }
}
