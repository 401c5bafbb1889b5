//! The settings of a provisioning job as Graph stores them: a list of keys and strings, one of which contains JSON.
//!
//! For cross-tenant synchronization, none of them is secret. A write replaces the whole list, so that unmanaged entries are read first and
//! sent back unchanged. Graph returns truly secret values as `*`; whether it accepts that as "unchanged" is UNVERIFIED.

mod notifications;

use serde_json::{Value as Json, json};

use self::notifications::Notifications;
use super::provisioning_job::ProvisioningJob;
use sdk::Result;

const COMPANY: &str = "CompanyId";
const AUTHENTICATION: &str = "AuthenticationType";
const SCOPE: &str = "SyncAll";
const NOTIFICATIONS: &str = "SyncNotificationSettings";

/// The current list. A value may be null.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Secrets(Vec<(String, Json)>);

/// The settings of a job, as entries to be merged into the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    target: String,
    sync_all: bool,
    notifications: Notifications,
}

/// Returns the settings of `job`.
pub(super) fn wanted(job: &ProvisioningJob) -> Wanted {
    Wanted {
        target: job.target_tenant_id.to_lowercase(),
        sync_all: job.scope.as_deref() == Some("all"),
        notifications: Notifications::of(job),
    }
}

impl Secrets {
    /// Reads Graph's response; `None` stands for an empty list.
    pub(super) fn read(answer: Option<&Json>) -> Self {
        let pairs = answer.and_then(|answer| answer["value"].as_array());
        let pair = |pair: &Json| Some((pair["key"].as_str()?.to_owned(), pair["value"].clone()));
        Self(pairs.into_iter().flatten().filter_map(pair).collect())
    }

    fn get(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.and_then(|(_, value)| value.as_str())
    }

    /// Returns the ID of the target tenant if one is saved.
    pub(super) fn target(&self) -> Option<&str> {
        self.get(COMPANY).filter(|target| !target.is_empty())
    }

    /// Returns the body that sets the wanted values, and `None` if the list already has them.
    pub(super) fn with(&self, wanted: &Wanted) -> Result<Option<Json>> {
        let written = self.get(NOTIFICATIONS);
        let replaced = notifications::replaced(written, &wanted.notifications)?;
        let is = |key: &str, value: &str| {
            self.get(key)
                .is_some_and(|text| text.eq_ignore_ascii_case(value))
        };
        let sync_all = wanted.sync_all.to_string();
        let same = replaced.is_none()
            && is(COMPANY, &wanted.target)
            && self.get(AUTHENTICATION) == Some("SyncPolicy")
            && is(SCOPE, &sync_all);
        if same {
            return Ok(None);
        }
        let ours = [
            (AUTHENTICATION, "SyncPolicy"),
            (COMPANY, &wanted.target),
            (
                NOTIFICATIONS,
                replaced.as_deref().or(written).unwrap_or_default(),
            ),
            (SCOPE, &sync_all),
        ];
        let is_ours = |name: &str| ours.iter().any(|(key, _)| *key == name);
        let others = self.0.iter().filter(|(name, _)| !is_ours(name));
        let others = others.map(|(key, value)| json!({ "key": key, "value": value }));
        let pairs: Vec<Json> = ours
            .iter()
            .map(|(key, value)| json!({ "key": key, "value": value }))
            .chain(others)
            .collect();
        Ok(Some(json!({ "value": pairs })))
    }

    /// Sets the attributes of `job` from the list.
    pub(super) fn describe(&self, job: &mut ProvisioningJob) -> Result {
        notifications::read(self.get(NOTIFICATIONS))?.describe(job);
        self.target()
            .unwrap_or_default()
            .clone_into(&mut job.target_tenant_id);
        let all = self
            .get(SCOPE)
            .is_some_and(|text| text.eq_ignore_ascii_case("true"));
        job.scope = Some(if all { "all" } else { "assigned" }.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sdk::Problem;

    fn job() -> ProvisioningJob {
        ProvisioningJob {
            service_principal_id: "sp".into(),
            template_id: None,
            target_tenant_id: "T".into(),
            scope: Some("assigned".into()),
            notification_email: None,
            prevent_accidental_deletion: Some(true),
            accidental_deletion_threshold: Some(500),
            enabled: Some(true),
            validate_connection: None,
            validate_connection_timeout: None,
            restart_triggers: None,
            reset_scope: None,
            prevent_leftovers: None,
            wait_for: None,
            maximum_leaving: None,
            restart_pending: None,
            id: None,
            tenant_id: None,
        }
    }

    fn stored(notifications: &str, more: &[(&str, &str)]) -> Secrets {
        let ours = [
            (AUTHENTICATION, "SyncPolicy"),
            (COMPANY, "t"),
            (NOTIFICATIONS, notifications),
            (SCOPE, "False"),
        ];
        let pairs = ours
            .iter()
            .chain(more)
            .map(|(key, value)| ((*key).to_owned(), json!(value)));
        Secrets(pairs.collect())
    }

    const SAME: &str = r#"{"DeleteThresholdValue":500,"Other":1,"DeleteThresholdEnabled":true,"HumanResourcesLookaheadQueryEnabled":false,"Enabled":false}"#;

    /// Returns the notification settings in a body.
    fn sent(body: &Json) -> Json {
        let mut pairs = body["value"].as_array().unwrap().iter();
        let settings = pairs.find(|pair| pair["key"] == NOTIFICATIONS).unwrap();
        serde_json::from_str(settings["value"].as_str().unwrap()).unwrap()
    }

    #[test]
    fn another_order_or_spelling_is_not_a_difference() {
        assert_eq!(stored(SAME, &[]).with(&wanted(&job())).unwrap(), None);
    }

    #[test]
    fn what_is_not_ours_is_sent_back() {
        let changed = ProvisioningJob {
            notification_email: Some("a@b.example".into()),
            ..job()
        };
        let body = stored(SAME, &[("Domain", "x")])
            .with(&wanted(&changed))
            .unwrap()
            .unwrap();
        let pairs = body["value"].as_array().unwrap();
        assert!(pairs.contains(&json!({ "key": "Domain", "value": "x" })));
        let notifications = sent(&body);
        assert_eq!(
            (&notifications["Other"], &notifications["Recipients"]),
            (&json!(1), &json!("a@b.example"))
        );
    }

    #[test]
    fn the_list_describes_the_job() {
        let settings = r#"{"Enabled":true,"Recipients":"a@b.example","DeleteThresholdEnabled":false,"DeleteThresholdValue":7}"#;
        let mut found = job();
        stored(settings, &[]).describe(&mut found).unwrap();
        assert_eq!(found.notification_email.as_deref(), Some("a@b.example"));
        assert_eq!(
            (
                found.prevent_accidental_deletion,
                found.accidental_deletion_threshold
            ),
            (Some(false), Some(7))
        );
    }

    /// As other tools write them: every value is a string.
    const TEXTS: &str = r#"{"Enabled":"true","Recipients":"ops@x.example","DeleteThresholdEnabled":"true","DeleteThresholdValue":"50"}"#;

    #[test]
    fn notification_settings_written_as_texts_are_read() {
        let mut found = job();
        stored(TEXTS, &[]).describe(&mut found).unwrap();
        assert_eq!(found.notification_email.as_deref(), Some("ops@x.example"));
        assert_eq!(found.prevent_accidental_deletion, Some(true));
        assert_eq!(found.accidental_deletion_threshold, Some(50));
    }

    #[test]
    fn a_change_of_the_scope_leaves_notification_settings_as_they_are() {
        let mut changed = job();
        stored(TEXTS, &[]).describe(&mut changed).unwrap();
        changed.scope = Some("all".into());
        let body = stored(TEXTS, &[]).with(&wanted(&changed)).unwrap().unwrap();
        let mut expected: Json = serde_json::from_str(TEXTS).unwrap();
        expected["HumanResourcesLookaheadQueryEnabled"] = json!(false);
        assert_eq!(sent(&body), expected);

        let in_other_case =
            r#"{"enabled":true,"RECIPIENTS":"a@b.example","deleteThresholdValue":7}"#;
        stored(in_other_case, &[]).describe(&mut changed).unwrap();
        assert_eq!(changed.notification_email.as_deref(), Some("a@b.example"));
        changed.accidental_deletion_threshold = Some(8);
        let body = stored(in_other_case, &[])
            .with(&wanted(&changed))
            .unwrap()
            .unwrap();
        assert_eq!(sent(&body)["deleteThresholdValue"], 8);
        assert_eq!(sent(&body)["DeleteThresholdValue"], Json::Null);
    }

    #[test]
    fn settings_that_cannot_be_read_are_never_overwritten() {
        for odd in [
            "{",
            "[]",
            "7",
            r#"{"Enabled":"perhaps"}"#,
            r#"{"Recipients":["a@b.example"]}"#,
            r#"{"DeleteThresholdValue":{"x":1}}"#,
        ] {
            let told = |problem: Problem| {
                let told = problem.into_diagnostic("test", "tenant");
                assert!(told.detail.contains("`SyncNotificationSettings`"), "{odd}");
                assert!(!told.detail.contains("a@b.example"), "{odd}");
            };
            told(stored(odd, &[]).with(&wanted(&job())).unwrap_err());
            told(stored(odd, &[]).describe(&mut job()).unwrap_err());
        }
        for nothing in ["", " ", "null", "{}"] {
            assert!(stored(nothing, &[]).describe(&mut job()).is_ok());
        }
    }

    #[test]
    fn a_secret_without_a_value_comes_back_as_null() {
        let answer = json!({ "value": [{ "key": "Domain", "value": null }, { "key": "CompanyId", "value": null }] });
        let secrets = Secrets::read(Some(&answer));
        assert_eq!(secrets.target(), None);
        let body = secrets.with(&wanted(&job())).unwrap().unwrap();
        let pairs = body["value"].as_array().unwrap();
        assert!(pairs.contains(&json!({ "key": "Domain", "value": null })));
        assert!(pairs.contains(&json!({ "key": "CompanyId", "value": "t" })));
        assert_eq!(pairs.len(), 5);
    }
}
