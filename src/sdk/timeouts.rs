//! The `timeouts` attribute that every resource has.

use std::time::Duration;

use terraform::{Attribute, Check, Kind, Rules, Value};

/// The operations, in the order of [`super::Resource::TIMEOUTS`].
#[derive(Clone, Copy)]
pub(crate) enum Operation {
    Create,
    Read,
    Update,
    Delete,
}

impl Operation {
    const ALL: [Self; 4] = [Self::Create, Self::Read, Self::Update, Self::Delete];

    /// Returns the verb, which is also the name of the attribute.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// Returns the attribute, with `defaults` in its description.
pub(crate) fn attribute(defaults: [Duration; 4]) -> Attribute {
    let nested = Operation::ALL.map(|operation| {
        let default = written(defaults[operation as usize]);
        let text = format!(
            "Time limit to {}, for example `30s` or `10m`. Defaults to `{default}`.",
            operation.verb()
        );
        Attribute::new(
            operation.verb(),
            text,
            Kind::String,
            Rules::optional().check(Check::Duration),
        )
    });
    let text = "Time limits of operations, including retries and waiting for replication.";
    Attribute::new(
        "timeouts",
        text,
        Kind::Object(nested.into()),
        Rules::optional().local(),
    )
}

/// Returns the timeout of `operation` for the object.
pub(crate) fn of(object: &Value, operation: Operation, defaults: [Duration; 4]) -> Duration {
    let written = object.member("timeouts").member(operation.verb()).as_str();
    written
        .and_then(terraform::duration)
        .unwrap_or(defaults[operation as usize])
}

fn written(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}
