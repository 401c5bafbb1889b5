//! Writes logs in the format of hosts: JSON lines on standard error, filtered by `TF_LOG_PROVIDER` or `TF_LOG`.
//!
//! Only events of the project itself are logged: libraries might log headers, which contain tokens.

use std::env;
use std::fmt::Debug;
use std::io::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use super::instances::Instances;

/// Hosts truncate lines after 64 KiB, and the rest is not valid JSON.
const LONGEST_VALUE: usize = 8 * 1024;

/// Starts logging if the user requested it; otherwise an event costs one comparison. The providers redact every value.
pub(super) fn start(instances: Arc<Instances>) {
    let level = level(|name| env::var(name).ok());
    if level == LevelFilter::OFF {
        return;
    }
    let lines = JsonLines { instances }.with_filter(own(level));
    let subscriber = tracing_subscriber::registry().with(lines);
    // This fails if a test has set another subscriber, which is kept.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// The crates whose events are logged. Exchanges with Graph have the target `graph`, regardless of their module.
const CRATES: [&str; 9] = [
    "command",
    "expression",
    "graph",
    "preview",
    "protocol",
    "resources",
    "sdk",
    "terraform",
    "terraform_provider_crosstenant",
];

/// Returns a filter for the events of the project, without those of libraries.
fn own(level: LevelFilter) -> Targets {
    Targets::new().with_targets(CRATES.map(|name| (name, level)))
}

fn level(lookup: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let wanted = ["TF_LOG_PROVIDER", "TF_LOG"]
        .into_iter()
        .filter_map(lookup)
        .find(|wanted| !wanted.is_empty());
    match wanted.map(|wanted| wanted.to_ascii_uppercase()).as_deref() {
        None | Some("OFF") => LevelFilter::OFF,
        Some("ERROR") => LevelFilter::ERROR,
        Some("WARN") => LevelFilter::WARN,
        Some("INFO") => LevelFilter::INFO,
        Some("DEBUG") => LevelFilter::DEBUG,
        // `JSON` means all levels, and so does a value that the CLI does not recognize.
        Some(_) => LevelFilter::TRACE,
    }
}

struct JsonLines {
    instances: Arc<Instances>,
}

/// The fields of a span or an event.
#[derive(Clone, Default)]
struct Fields(Map<String, Json>);

impl Fields {
    fn insert(&mut self, field: &Field, value: Json) {
        let key = match field.name() {
            "message" => "@message",
            name => name,
        };
        self.0.insert(key.to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for JsonLines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(more) = span.extensions().get::<Fields>() {
                fields.0.extend(more.0.clone());
            }
        }
        event.record(&mut fields);
        for (_, value) in &mut fields.0 {
            if let Json::String(text) = value {
                *text = cut(self.instances.redact(text));
            }
        }
        let mut line = line(event.metadata(), fields.0, Timestamp::now());
        line.push('\n');
        // If standard error is closed, there is nowhere to report that.
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }
}

/// Truncates a value to the length that fits on a line.
fn cut(mut text: String) -> String {
    let mut end = text.len().min(LONGEST_VALUE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

fn line(metadata: &tracing::Metadata<'_>, mut fields: Map<String, Json>, now: Timestamp) -> String {
    // Hosts fail if one of the first three fields is not a string.
    let message = match fields.remove("@message") {
        Some(Json::String(text)) => text,
        other => other.map(|json| json.to_string()).unwrap_or_default(),
    };
    let mut object = Map::new();
    let level = metadata.level().as_str().to_ascii_lowercase();
    object.insert("@level".to_owned(), level.into());
    object.insert("@message".to_owned(), message.into());
    object.insert("@timestamp".to_owned(), format!("{now:.6}").into());
    let module = metadata.target().replace("::", ".");
    object.insert("@module".to_owned(), module.into());
    object.extend(fields);
    Json::Object(object).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level_of(provider: Option<&str>, all: Option<&str>) -> LevelFilter {
        level(|name| {
            let value = if name == "TF_LOG" { all } else { provider };
            value.map(str::to_owned)
        })
    }

    #[test]
    fn logging_is_off_by_default() {
        assert_eq!(level_of(None, None), LevelFilter::OFF);
        assert_eq!(level_of(Some(""), Some("debug")), LevelFilter::DEBUG);
        assert_eq!(level_of(Some("off"), Some("TRACE")), LevelFilter::OFF);
        assert_eq!(level_of(Some("JSON"), None), LevelFilter::TRACE);
        assert_eq!(level_of(Some("WARN"), Some("TRACE")), LevelFilter::WARN);
    }

    #[test]
    fn only_events_of_the_project_are_logged() {
        let own = own(LevelFilter::DEBUG);
        for target in [
            concat!(env!("CARGO_CRATE_NAME"), "::logging"),
            "graph::exchange",
            "terraform_provider_crosstenant",
            "graph",
        ] {
            assert!(own.would_enable(target, &tracing::Level::DEBUG), "{target}");
        }
        for target in ["hyper", "reqwest::connect", "azure_core", "h2"] {
            assert!(
                !own.would_enable(target, &tracing::Level::ERROR),
                "{target}"
            );
        }
    }

    #[test]
    fn times_have_six_digits() {
        let whole = Timestamp::from_second(1_700_000_000).unwrap();
        assert_eq!(format!("{whole:.6}"), "2023-11-14T22:13:20.000000Z");
    }
}
