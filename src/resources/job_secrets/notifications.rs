//! The secret `SyncNotificationSettings`: JSON in a string. Other tools write its members with other types and in other case.
//!
//! A value that cannot be parsed is never overwritten, because it may contain settings of other tools.

use serde_json::{Map, Value as Json, json};

use super::NOTIFICATIONS;
use crate::provisioning_job::ProvisioningJob;
use sdk::Problem;

const ENABLED: &str = "Enabled";
const RECIPIENTS: &str = "Recipients";
const PREVENTION: &str = "DeleteThresholdEnabled";
const THRESHOLD: &str = "DeleteThresholdValue";
const LOOKAHEAD: &str = "HumanResourcesLookaheadQueryEnabled";

/// The threshold that the portal shows and the service uses if none is stored.
const DEFAULT_THRESHOLD: i64 = 500;

/// The managed members of the secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notifications {
    enabled: bool,
    recipients: String,
    prevention: bool,
    threshold: Option<i64>,
}

impl Notifications {
    /// Returns the settings of `job`.
    pub(super) fn of(job: &ProvisioningJob) -> Self {
        Self {
            enabled: job.notification_email.is_some(),
            recipients: job.notification_email.clone().unwrap_or_default(),
            prevention: job.prevent_accidental_deletion.unwrap_or(true),
            threshold: Some(
                job.accidental_deletion_threshold
                    .unwrap_or(DEFAULT_THRESHOLD),
            ),
        }
    }

    /// Sets the attributes of `job`.
    pub(super) fn describe(&self, job: &mut ProvisioningJob) {
        let is_told = self.enabled && !self.recipients.is_empty();
        job.notification_email = is_told.then(|| self.recipients.clone());
        job.prevent_accidental_deletion = Some(self.prevention);
        job.accidental_deletion_threshold = Some(self.threshold.unwrap_or(DEFAULT_THRESHOLD));
    }

    fn read(members: &Map<String, Json>) -> Result<Self, Unreadable> {
        let truth = |name| member(members, name, truth).map(Option::unwrap_or_default);
        Ok(Self {
            enabled: truth(ENABLED)?,
            recipients: member(members, RECIPIENTS, words)?.unwrap_or_default(),
            prevention: truth(PREVENTION)?,
            threshold: member(members, THRESHOLD, number)?,
        })
    }

    /// Replaces the members whose meaning differs; all others remain unchanged.
    fn merged(&self, members: &Map<String, Json>) -> Result<Map<String, Json>, Unreadable> {
        let (mut merged, now) = (members.clone(), Self::read(members)?);
        let mut set = |name, same: bool, value: Json| {
            let key = key(members, name);
            if !same || key.is_none() {
                merged.insert(key.unwrap_or_else(|| name.to_owned()), value);
            }
        };
        set(ENABLED, now.enabled == self.enabled, json!(self.enabled));
        set(
            PREVENTION,
            now.prevention == self.prevention,
            json!(self.prevention),
        );
        set(
            THRESHOLD,
            now.threshold == self.threshold,
            json!(self.threshold.unwrap_or(DEFAULT_THRESHOLD)),
        );
        // The recipient address is kept if notifications remain disabled.
        if now.recipients != self.recipients && (self.enabled || now.enabled) {
            set(RECIPIENTS, false, json!(self.recipients));
        }
        if key(members, LOOKAHEAD).is_none() {
            set(LOOKAHEAD, false, json!(false));
        }
        Ok(merged)
    }
}

/// The reason why the secret cannot be read, without its contents, which may contain personal data.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable(String);

impl From<Unreadable> for Problem {
    fn from(Unreadable(why): Unreadable) -> Self {
        Self::error(
            "The notification settings of the job cannot be read",
            format!(
                "They are stored in the secret `{NOTIFICATIONS}` of the service principal, and {why}. Nothing was \
                changed, because the existing settings would be lost. Save the notification settings once in the \
                portal, under Provisioning, or write a valid value of the secret with Microsoft Graph."
            ),
        )
    }
}

/// Parses the secret. An empty string stands for no settings.
pub(super) fn read(text: Option<&str>) -> Result<Notifications, Unreadable> {
    Notifications::read(&members(text)?)
}

/// Returns the secret with the wanted settings, and `None` if `text` already has them.
pub(super) fn replaced(
    text: Option<&str>,
    wanted: &Notifications,
) -> Result<Option<String>, Unreadable> {
    let before = members(text)?;
    let after = wanted.merged(&before)?;
    Ok((after != before).then(|| Json::Object(after).to_string()))
}

fn members(text: Option<&str>) -> Result<Map<String, Json>, Unreadable> {
    let text = text.unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(Json::Object(members)) => Ok(members),
        Ok(Json::Null) => Ok(Map::new()),
        _ => Err(Unreadable("its value is not a JSON object".to_owned())),
    }
}

/// Returns the name as it is spelled in `members`.
fn key(members: &Map<String, Json>, name: &str) -> Option<String> {
    let mut names = members.keys();
    names
        .find(|other| other.eq_ignore_ascii_case(name))
        .cloned()
}

fn member<T>(
    members: &Map<String, Json>,
    name: &str,
    read: fn(&Json) -> Option<T>,
) -> Result<Option<T>, Unreadable> {
    let value = key(members, name).and_then(|key| members.get(&key));
    match value {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) if text.is_empty() => Ok(None),
        Some(value) => read(value).map(Some).ok_or_else(|| {
            Unreadable(format!(
                "its member `{name}` does not have the expected type"
            ))
        }),
    }
}

fn truth(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(truth) => Some(*truth),
        Json::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Json::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn number(value: &Json) -> Option<i64> {
    match value {
        Json::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    }
}

fn words(value: &Json) -> Option<String> {
    value.as_str().map(str::to_owned)
}
