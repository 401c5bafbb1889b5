//! Reads both tenants with the data sources that a configuration would use.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::super::json::{json as as_json, text};
use super::super::source::{self, Configuration};
use super::super::{Failure, Pair, Tenant};
use super::Options;
use resources::previewing;
use sdk::{Context, Problem};
use terraform::Value;

/// The leftover users.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) source: String,
    pub(super) target: String,
    pub(super) configurations: Vec<String>,
    /// Notes about the limits of the result.
    pub(super) notes: Vec<String>,
    /// Attributes of `crosstenant_leftover_users`, with some of `crosstenant_synchronized_users`.
    pub(super) leftovers: Vec<Json>,
    pub(super) unknown: Vec<String>,
    /// The number of external users that were evaluated.
    pub(super) looked_at: usize,
}

impl Found {
    pub(super) fn document(&self) -> Json {
        json!({
            "source_tenant_id": self.source, "target_tenant_id": self.target, "configurations": self.configurations,
            "notes": self.notes, "leftovers": self.leftovers, "unknown": self.unknown,
        })
    }
}

/// Attributes of a leftover that come from its target user.
const OF_TARGET: [&str; 6] = [
    "state",
    "created",
    "age_days",
    "account_enabled",
    "last_sign_in",
    "user_type",
];

/// Attributes that `target_users` accepts.
const PASSED_ON: [&str; 7] = [
    "id",
    "user_principal_name",
    "display_name",
    "mail",
    "source_object_id",
    "home_user_principal_name",
    "known_by",
];

pub(super) async fn found(pair: &Pair, options: &Options) -> Result<Found, Failure> {
    let mut found = Found {
        source: pair.source.id().to_owned(),
        target: pair.target.id().to_owned(),
        ..Found::default()
    };
    let configurations = configurations(pair, &options.configurations).await?;
    found.configurations = configurations
        .iter()
        .map(|one| one.0.name.clone())
        .collect();
    if configurations.is_empty() {
        found.notes.push(
            "No configuration of the source tenant synchronizes to the target tenant. Only users whose source user \
            does not exist any more, is deleted or is disabled are shown."
                .to_owned(),
        );
    }
    let links = links(pair, &configurations, options, &mut found.notes).await;
    let domains = domains(pair, options, &mut found.notes).await?;
    let guesses = !options.exact && !domains.is_empty();
    let attribute = options
        .source_object_id_attribute
        .clone()
        .or_else(|| configurations.iter().find_map(|(_, it)| it.clone()));
    let users = users(pair, options, links, &domains, attribute, &mut found.notes).await?;
    found.looked_at = users.len();
    let targets: Vec<Value> = users.iter().map(passed_on).collect();
    let principals: Vec<Option<&str>> = if configurations.is_empty() {
        vec![None]
    } else {
        configurations
            .iter()
            .map(|(it, _)| Some(it.id.as_str()))
            .collect()
    };
    let mut reports = Vec::new();
    for principal in principals {
        reports.push(judged(&pair.source, principal, &targets, guesses).await?);
    }
    found.unknown = reports.first().map(unknown).unwrap_or_default();
    found.leftovers = common(&reports);
    let by_id: BTreeMap<String, &Value> = users
        .iter()
        .filter_map(|user| Some((text(user, "id")?, user)))
        .collect();
    for leftover in &mut found.leftovers {
        let user = leftover["id"].as_str().and_then(|id| by_id.get(id));
        for name in OF_TARGET {
            leftover[name] = user.map_or(Json::Null, |user| as_json(user.member(name)));
        }
    }
    Ok(found)
}

/// The users who are leftovers of every configuration; a user in scope of one configuration is not a leftover.
fn common(reports: &[Value]) -> Vec<Json> {
    let of = |report: &Value| -> Vec<Value> {
        let all = report.member("leftovers").as_elements();
        all.unwrap_or_default().to_vec()
    };
    let Some((first, rest)) = reports.split_first() else {
        return Vec::new();
    };
    let rest: Vec<BTreeSet<String>> = rest
        .iter()
        .map(|report| of(report).iter().filter_map(|it| text(it, "id")).collect())
        .collect();
    let in_all = |one: &Value| {
        let id = text(one, "id").unwrap_or_default();
        rest.iter().all(|ids| ids.contains(&id))
    };
    let all = of(first).into_iter();
    all.filter(in_all).map(|one| as_json(&one)).collect()
}

fn unknown(report: &Value) -> Vec<String> {
    let ids = report.member("unknown_ids").as_elements();
    let ids = ids.unwrap_or_default().iter();
    ids.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The configurations that synchronize to the target, with the attribute to which each maps the object ID.
async fn configurations(
    pair: &Pair,
    wanted: &[String],
) -> Result<Vec<(Configuration, Option<String>)>, Failure> {
    let context = context(&pair.source)?;
    let mut leading = Vec::new();
    for configuration in source::configurations(&pair.source, wanted).await? {
        let doing = format!("read the jobs of {:?}", configuration.name);
        let jobs = previewing::jobs(&context, &configuration.id).await;
        let jobs = or_failure(&pair.source, &context, &doing, jobs)?;
        let Some(job) = jobs.first() else {
            if !wanted.is_empty() {
                leading.push((configuration, None));
            }
            continue;
        };
        let settings = previewing::settings(&context, &configuration.id, job).await;
        let settings = or_failure(&pair.source, &context, &doing, settings)?;
        let target = settings.target_tenant_id.as_deref().unwrap_or_default();
        if !wanted.is_empty() || target.eq_ignore_ascii_case(pair.target.id()) {
            leading.push((configuration, settings.source_object_id_attribute()));
        }
    }
    Ok(leading)
}

fn context(tenant: &Tenant) -> Result<Context, Failure> {
    let context = tenant.provider().context();
    context.map_err(|why| Failure::said("Looking for leftovers", tenant.id(), &[why]))
}

fn or_failure<T>(
    tenant: &Tenant,
    context: &Context,
    doing: &str,
    outcome: Result<T, Problem>,
) -> Result<T, Failure> {
    outcome.map_err(|problem| {
        let why = previewing::into_diagnostic(problem, doing, context);
        Failure::said("Looking for leftovers", tenant.id(), &[why])
    })
}

/// Source users by target user, from the provisioning log. Without it, fewer matches are exact.
async fn links(
    pair: &Pair,
    configurations: &[(Configuration, Option<String>)],
    options: &Options,
    notes: &mut Vec<String>,
) -> BTreeMap<String, Value> {
    let mut links = BTreeMap::new();
    if options.log_entries == 0 {
        return links;
    }
    for (configuration, _) in configurations {
        let arguments = [
            (
                "service_principal_id",
                Value::from(configuration.id.as_str()),
            ),
            ("status", Value::from("success")),
            ("max_results", Value::from(i64::from(options.log_entries))),
        ];
        match pair.source.read("provisioning_logs", &arguments).await {
            Ok(read) => {
                let found = read.member("links").as_object();
                links.extend(found.into_iter().flatten().map(|(id, it)| (id.to_string(), it.clone())));
            }
            Err(why) => notes.push(format!(
                "The provisioning log of {:?} cannot be read, so fewer source users are known exactly. {why}",
                configuration.name
            )),
        }
    }
    links
}

/// The domains of the source tenant. Without them, every external user would seem to come from it.
async fn domains(
    pair: &Pair,
    options: &Options,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, Failure> {
    if !options.home_domains.is_empty() {
        return Ok(options.home_domains.clone());
    }
    let context = context(&pair.source)?;
    let domains = previewing::domains(&context).await;
    if domains.is_empty() {
        notes.push(
            "The domains of the source tenant cannot be read, so no source users are guessed. Set them with \
            --home-domain, or grant Organization.Read.All."
                .to_owned(),
        );
    }
    Ok(domains)
}

/// The external users of the target tenant.
async fn users(
    pair: &Pair,
    options: &Options,
    links: BTreeMap<String, Value>,
    domains: &[String],
    attribute: Option<String>,
    notes: &mut Vec<String>,
) -> Result<Vec<Value>, Failure> {
    let mut arguments = vec![
        (
            "provisioning_links",
            Value::Map(links.into_iter().collect()),
        ),
        ("include_sign_in_activity", Value::from(true)),
        ("include_profiles", Value::from(options.profiles)),
    ];
    if !domains.is_empty() {
        let domains = domains.iter().map(|domain| Value::from(domain.as_str()));
        arguments.push(("home_domains", Value::List(domains.collect())));
    }
    if let Some(attribute) = attribute {
        arguments.push(("source_object_id_attribute", Value::from(attribute)));
    }
    let read = pair.target.read("synchronized_users", &arguments).await?;
    if read.member("sign_in_activity_available").as_bool() == Some(false) {
        notes.push(
            "The times of the last sign-ins cannot be read. This requires the permission AuditLog.Read.All in the \
            target tenant and a P1 license."
                .to_owned(),
        );
    }
    let users = read.member("users").as_elements();
    Ok(users.unwrap_or_default().to_vec())
}

fn passed_on(user: &Value) -> Value {
    let members = PASSED_ON.map(|name| (name.to_owned(), user.member(name).clone()));
    Value::Object(members.into_iter().collect())
}

/// The users evaluated against the source tenant.
async fn judged(
    source: &Tenant,
    principal: Option<&str>,
    targets: &[Value],
    guesses: bool,
) -> Result<Value, Failure> {
    let mut arguments = vec![
        ("target_users", Value::List(targets.to_vec())),
        ("include_guesses", Value::from(guesses)),
    ];
    arguments.extend(principal.map(|id| ("service_principal_id", Value::from(id))));
    source.read("leftover_users", &arguments).await
}

/// The value of a leftover's member as text.
pub(super) fn member<'j>(leftover: &'j Json, name: &str) -> &'j str {
    let members: Option<&Map<String, Json>> = leftover.as_object();
    members
        .and_then(|members| members.get(name))
        .and_then(Json::as_str)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(ids: &[&str]) -> Value {
        let one =
            |id: &&str| Value::Object([("id".to_owned(), Value::from(*id))].into_iter().collect());
        let all = Value::List(ids.iter().map(one).collect());
        Value::Object([("leftovers".to_owned(), all)].into_iter().collect())
    }

    #[test]
    fn users_in_scope_of_any_configuration_are_not_left_over() {
        let ids = |reports: &[Value]| -> Vec<String> {
            let found = common(reports);
            found.iter().map(|it| member(it, "id").to_owned()).collect()
        };
        assert_eq!(ids(&[report(&["a", "b"])]), ["a", "b"]);
        assert_eq!(ids(&[report(&["a", "b"]), report(&["b", "c"])]), ["b"]);
        assert!(ids(&[]).is_empty());
    }
}
