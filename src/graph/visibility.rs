//! What was written lately, and how long Graph's replicas may still answer as if it had not been.
//!
//! Microsoft Graph answers reads from replicas that learn of a write late, each at its own time. So one good answer proves
//! nothing about the next, and absence, an old value or a deleted object is believed only when the window of the write is over.
//! Every write is recorded here by the client, by path and id. Nothing in it sends or waits.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::Method;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::path::{segment, version};
use super::{Error, Json};

/// How long replicas may disagree about a policy. Reported: seconds to about a minute; no limit is documented (UNVERIFIED).
const POLICIES: Duration = Duration::from_secs(60);
/// The same for applications, assignments and jobs. Reported: up to five minutes.
const DIRECTORY: Duration = Duration::from_secs(300);
/// How long a call is repeated for an object of which nothing is known: another program may have just created it, but a wrong
/// id should not take minutes to be reported.
pub const FOR_OTHERS: Duration = Duration::from_secs(15);
/// More writes than these are remembered from one process to the next as a change of their collection.
const MOST_KEPT: usize = 16;

/// What a write did to its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It did not exist before.
    Created,
    /// It has new values.
    Changed,
    /// It does not exist any more.
    Deleted,
}

/// One write, as it is remembered from one process to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The address of the object, without version and query, in lower case.
    pub path: String,
    /// What was done to it.
    pub change: Change,
    /// When, in seconds since 1970.
    pub at: u64,
}

impl Written {
    fn age(&self) -> Duration {
        // A clock that went backwards makes it a write of this moment.
        Duration::from_secs(now().saturating_sub(self.at))
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// When something was written.
#[derive(Clone, Copy, Debug)]
struct Moment {
    noted: Instant,
    /// How old it was already when it was noted here.
    before: Duration,
}

impl Moment {
    fn age(self) -> Duration {
        self.before + self.noted.elapsed()
    }
}

/// What is known of one object.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    created: Option<Moment>,
    changed: Option<Moment>,
    deleted: Option<Moment>,
    /// It was created by an earlier process.
    is_earlier: bool,
}

#[derive(Default)]
struct Objects {
    by_path: HashMap<String, Entry>,
    /// Ids of what was created, wherever a path or a body names them.
    ids: HashMap<String, Entry>,
    prune_at: usize,
}

/// The writes that replicas may not know of yet.
#[derive(Default)]
pub(super) struct Visibility {
    objects: Mutex<Objects>,
    /// In place of the windows of the kinds.
    configured: Option<Duration>,
}

/// What a listing is expected to have, and not to have.
#[derive(Default)]
pub(super) struct Expected {
    created: HashMap<String, Duration>,
    deleted: HashMap<String, Duration>,
}

impl Visibility {
    pub(super) fn new(configured: Option<Duration>) -> Self {
        Self {
            objects: Mutex::default(),
            configured,
        }
    }

    fn objects(&self) -> MutexGuard<'_, Objects> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long replicas may disagree about what is at `path`.
    fn window(&self, path: &str) -> Duration {
        let of_kind = if is_policy(path) { POLICIES } else { DIRECTORY };
        self.configured.unwrap_or(of_kind)
    }

    /// The same for a listing, which lags more than the objects in it.
    fn listing_window(&self, path: &str) -> Duration {
        let window = self.window(path);
        if is_policy(path) { 2 * window } else { window }
    }

    /// How long a call is repeated for an object of which nothing is known.
    pub(super) fn for_others(&self) -> Duration {
        self.configured
            .map_or(FOR_OTHERS, |configured| configured.min(FOR_OTHERS))
    }

    fn left(&self, path: &str, moment: Option<Moment>) -> Duration {
        moment.map_or(Duration::ZERO, |moment| {
            self.window(path).saturating_sub(moment.age())
        })
    }

    /// Records a write that Graph has just acknowledged.
    pub(super) fn note(&self, path: &str, change: Change) {
        self.record(path, change, Duration::ZERO, false);
    }

    /// Records writes of an earlier process, in their order. What this process knows itself it knows better.
    pub(super) fn recall(&self, written: &[Written]) {
        let mut news: Vec<&Written> = written.iter().collect();
        {
            let objects = self.objects();
            news.retain(|one| !objects.by_path.contains_key(&one.path));
        }
        news.sort_by_key(|one| one.at);
        for one in news {
            let age = one.age();
            if age < self.listing_window(&one.path) {
                self.record(&one.path, one.change, age, true);
            }
        }
    }

    fn record(&self, path: &str, change: Change, before: Duration, is_earlier: bool) {
        let moment = Moment {
            noted: Instant::now(),
            before,
        };
        let mut objects = self.objects();
        self.prune(&mut objects);
        let entry = objects.by_path.entry(path.to_owned()).or_default();
        match change {
            Change::Created => {
                *entry = Entry {
                    created: Some(moment),
                    changed: Some(moment),
                    deleted: None,
                    is_earlier,
                };
                let entry = *entry;
                if let Some(id) = id_of(path) {
                    objects.ids.insert(id.to_owned(), entry);
                }
            }
            Change::Changed => entry.changed = Some(moment),
            Change::Deleted => {
                *entry = Entry {
                    deleted: Some(moment),
                    ..Entry::default()
                };
                objects.forget_below(path);
            }
        }
    }

    /// Forgets what is old, so that a long process does not collect everything it ever wrote.
    fn prune(&self, objects: &mut Objects) {
        const FEWEST: usize = 4096;
        if objects.by_path.len() < objects.prune_at.max(FEWEST) {
            return;
        }
        let longest = self.configured.unwrap_or(DIRECTORY) * 2;
        let is_young = |entry: &Entry| {
            let moments = [entry.created, entry.changed, entry.deleted];
            moments
                .into_iter()
                .flatten()
                .any(|moment| moment.age() < longest)
        };
        objects.by_path.retain(|_, entry| is_young(entry));
        objects.ids.retain(|_, entry| is_young(entry));
        objects.prune_at = 2 * objects.by_path.len();
    }

    /// How long an answer of a read may still be the one from before our own write: that there is no such object, that there
    /// is one although it was deleted, or a listing without or with such an object.
    pub(super) fn doubt(&self, path: &str, answer: Option<&Json>) -> Duration {
        let plain = plain(path);
        let Some(answer) = answer else {
            return self.missing(&plain);
        };
        let ghost = if is_leaving(answer) {
            Duration::ZERO
        } else {
            self.ghost(&plain)
        };
        match answer["value"].as_array() {
            Some(items) if ghost.is_zero() => {
                let mut expected = self.expected(path);
                for item in items {
                    expected.see(item);
                }
                expected.doubt()
            }
            _ => ghost,
        }
    }

    /// How long the object at `path`, or one on the way to it, may exist without being visible.
    pub(super) fn missing(&self, path: &str) -> Duration {
        let objects = self.objects();
        let by_path = prefixes(path).map(|at| {
            self.left(
                path,
                objects.by_path.get(at).and_then(|entry| entry.created),
            )
        });
        let by_id = names(path)
            .map(|id| self.left(path, objects.ids.get(id).and_then(|entry| entry.created)));
        by_path.chain(by_id).max().unwrap_or_default()
    }

    /// How long an object that is to be deleted may exist without being visible. A service principal is not waited for: it goes
    /// with its application.
    pub(super) fn unseen(&self, path: &str) -> Duration {
        let plain = plain(path);
        if plain.starts_with("/serviceprincipals/") && plain.matches('/').count() == 2 {
            return Duration::ZERO;
        }
        let entry = self.objects().by_path.get(&plain).copied();
        self.left(&plain, entry.and_then(|entry| entry.created))
    }

    /// How long the object at `path`, or one on the way to it, may be visible although it was deleted.
    fn ghost(&self, path: &str) -> Duration {
        let objects = self.objects();
        let deleted = |at: &str| objects.by_path.get(at).and_then(|entry| entry.deleted);
        prefixes(path)
            .map(|at| self.left(path, deleted(at)))
            .max()
            .unwrap_or_default()
    }

    /// How long the values at `path` may be those from before our own last write.
    pub(super) fn written(&self, path: &str) -> Duration {
        let plain = plain(path);
        let objects = self.objects();
        let entry = objects.by_path.get(&plain).copied().unwrap_or_default();
        let moments = [entry.created, entry.changed, entry.deleted]
            .into_iter()
            .flatten();
        moments
            .map(|moment| self.left(&plain, Some(moment)))
            .max()
            .unwrap_or_default()
    }

    /// How long a call may be refused because it names something that was created lately.
    pub(super) fn referred(&self, path: &str, body: Option<&Json>) -> Duration {
        let of_body = body.map_or(Duration::ZERO, |body| {
            self.named(body, |entry| entry.created)
        });
        self.missing(&plain(path)).max(of_body)
    }

    /// How long a call may be refused because something it names was deleted only lately.
    pub(super) fn replaced(&self, path: &str, body: Option<&Json>) -> Duration {
        let plain = plain(path);
        let mut ids = Vec::new();
        if let Some(body) = body {
            texts(body, &mut ids);
        }
        let objects = self.objects();
        let deleted = |id: &String| {
            objects
                .by_path
                .get(&format!("{plain}/{id}"))
                .and_then(|entry| entry.deleted)
        };
        ids.iter()
            .map(|id| self.left(&plain, deleted(id)))
            .max()
            .unwrap_or_default()
    }

    fn named(&self, body: &Json, moment: impl Fn(&Entry) -> Option<Moment>) -> Duration {
        let mut ids = Vec::new();
        texts(body, &mut ids);
        let objects = self.objects();
        let left = |id: &String| {
            self.configured.unwrap_or(DIRECTORY).saturating_sub(
                objects
                    .ids
                    .get(id)
                    .and_then(&moment)
                    .map_or(Duration::MAX, Moment::age),
            )
        };
        ids.iter().map(left).max().unwrap_or_default()
    }

    /// Whether an object with this id was created so lately that it may not be visible.
    pub(super) fn is_fresh(&self, id: &str) -> bool {
        self.objects().ids.contains_key(&id.to_ascii_lowercase())
    }

    /// How long something that an earlier process made of the object with this id may not be visible yet. Nothing where this
    /// process has created the object: nobody else knew its id.
    pub(super) fn since_earlier(&self, id: &str) -> Duration {
        match self.objects().ids.get(&id.to_ascii_lowercase()) {
            Some(entry) if !entry.is_earlier => Duration::ZERO,
            _ => self.configured.unwrap_or(DIRECTORY),
        }
    }

    /// How long looks for the result of a write to `path` make sense: until a listing must show it.
    pub(super) fn until_listed(&self, path: &str) -> Duration {
        self.listing_window(&plain(path))
    }

    /// How long replicas may disagree about what is at `path`, whenever it was written.
    pub(super) fn window_of(&self, path: &str) -> Duration {
        self.window(&plain(path))
    }

    /// What a listing of `path` should contain. One that is filtered may leave out whatever it likes.
    pub(super) fn expected(&self, path: &str) -> Expected {
        let base = plain(path);
        let is_filtered = path.contains("$filter=") || path.contains("$search=");
        let window = self.listing_window(&base);
        let left = |moment: Option<Moment>| {
            window.saturating_sub(moment.map_or(Duration::MAX, Moment::age))
        };
        let mut expected = Expected::default();
        for (at, entry) in &self.objects().by_path {
            let Some(id) = at
                .strip_prefix(&base)
                .and_then(|rest| rest.strip_prefix('/'))
            else {
                continue;
            };
            if id.contains('/') || id_of(at).is_none() {
                continue;
            }
            let (created, deleted) = (left(entry.created), left(entry.deleted));
            if !created.is_zero() && !is_filtered {
                expected.created.insert(id.to_owned(), created);
            }
            if !deleted.is_zero() {
                expected.deleted.insert(id.to_owned(), deleted);
            }
        }
        expected
    }

    /// Whether anything was written lately.
    pub(super) fn is_any_recent(&self) -> bool {
        !self.objects().by_path.is_empty()
    }

    /// How long the provisioning service may not heed the latest write at or below `path`. It sees policies and assignments
    /// later than Graph shows them, up to five minutes.
    pub(super) fn unheeded(&self, path: &str) -> Duration {
        let (plain, window) = (plain(path), self.configured.unwrap_or(DIRECTORY));
        let objects = self.objects();
        let below = objects
            .by_path
            .iter()
            .filter(|(at, _)| at.starts_with(&plain));
        let moments = below.flat_map(|(_, entry)| [entry.created, entry.changed]);
        let left = moments
            .flatten()
            .map(|moment| window.saturating_sub(moment.age()));
        left.max().unwrap_or_default()
    }

    /// What of the recent writes `ids` names, for another process.
    pub(super) fn about(&self, ids: &HashSet<String>) -> Vec<Written> {
        let objects = self.objects();
        let fresh = objects.by_path.iter().filter_map(|(path, entry)| {
            let created = entry
                .created
                .filter(|moment| moment.age() < self.window(path))?;
            let named = id_of(path).is_some_and(|id| ids.contains(id));
            named.then(|| Written {
                path: path.clone(),
                change: Change::Created,
                at: now().saturating_sub(created.age().as_secs()),
            })
        });
        let mut about: Vec<Written> = fresh.collect();
        about.sort_by(|one, other| one.path.cmp(&other.path));
        about.truncate(MOST_KEPT);
        about
    }

    /// How long ago enough these writes are: what is left of the longest of their windows.
    pub(super) fn left_of(&self, written: &[Written]) -> Duration {
        let left = |one: &Written| self.window(&one.path).saturating_sub(one.age());
        written.iter().map(left).max().unwrap_or_default()
    }
}

impl Objects {
    /// What was below an object is gone with it.
    fn forget_below(&mut self, path: &str) {
        if let Some(id) = id_of(path) {
            self.ids.remove(id);
        }
        if path.contains("/approleassignedto/") {
            return; // nothing is below an assignment, and there may be thousands
        }
        let below = format!("{path}/");
        let Self { by_path, ids, .. } = self;
        by_path.retain(|at, _| {
            let stays = !at.starts_with(&below);
            if let (false, Some(id)) = (stays, id_of(at)) {
                ids.remove(id);
            }
            stays
        });
    }
}

impl Expected {
    /// Takes note of what is listed.
    pub(super) fn see(&mut self, item: &Json) {
        if self.is_nothing() {
            return;
        }
        let ids = ["id", "tenantId"].map(|name| item[name].as_str().map(str::to_ascii_lowercase));
        for id in ids.into_iter().flatten() {
            self.created.remove(&id);
            if let Some(left) = self.deleted.remove(&id).filter(|_| !is_leaving(item)) {
                self.created.insert(format!("{id} was deleted"), left);
            }
        }
    }

    fn is_nothing(&self) -> bool {
        self.created.is_empty() && self.deleted.is_empty()
    }

    /// How long a listing that has been seen whole may be outdated.
    pub(super) fn doubt(&self) -> Duration {
        self.created.values().max().copied().unwrap_or_default()
    }
}

/// Whether an object says itself that it was deleted: a tenant stays in an organization for up to two hours that way.
fn is_leaving(object: &Json) -> bool {
    object["state"] == "removed"
}

/// Whether `path`, in lower case, is that of a policy.
fn is_policy(path: &str) -> bool {
    path.starts_with("/policies/") || path.starts_with("/tenantrelationships/")
}

/// A path without version and query, in lower case.
pub(super) fn plain(path: &str) -> String {
    let (_, path) = version(path);
    path.split('?')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

/// The path and everything above it.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    let above = path.match_indices('/').skip(1).map(|(at, _)| &path[..at]);
    above.chain([path])
}

/// What may be ids in a path: its segments, and what is quoted in one.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split(['/', '\'']).filter(|name| is_id(name))
}

/// The id at the end of a path, where it ends with one.
fn id_of(path: &str) -> Option<&str> {
    path.rsplit('/').next().filter(|name| is_id(name))
}

/// Ids have digits; the words in paths have none.
fn is_id(name: &str) -> bool {
    name.len() > 8 && name.bytes().any(|byte| byte.is_ascii_digit())
}

/// Every text in a body that may be an id, in lower case.
fn texts(body: &Json, found: &mut Vec<String>) {
    match body {
        Json::String(text) if is_id(text) && text.len() < 200 => {
            found.push(text.to_ascii_lowercase());
        }
        Json::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Json::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

/// What a write that succeeded did, and to which objects: by its answer, where that tells.
pub(super) fn changes(method: &Method, path: &str, answer: &Json) -> Vec<(String, Change)> {
    let plain = plain(path);
    let last = plain.rsplit('/').next().unwrap_or_default();
    let above = || {
        plain
            .rsplit_once('/')
            .map_or("", |(above, _)| above)
            .to_owned()
    };
    match *method {
        Method::PUT => vec![(plain, Change::Created)],
        Method::PATCH => vec![(plain, Change::Changed)],
        // A schema goes back to its template.
        Method::DELETE if last == "schema" => vec![(plain, Change::Changed)],
        Method::DELETE => vec![(plain, Change::Deleted)],
        Method::POST
            if matches!(
                last,
                "validatecredentials" | "provisionondemand" | "$batch" | "parseexpression"
            ) =>
        {
            Vec::new()
        }
        Method::POST if last == "restore" => {
            let user = above().replacen("/directory/deleteditems/", "/users/", 1);
            vec![(above(), Change::Deleted), (user, Change::Created)]
        }
        Method::POST
            if answer["servicePrincipal"].is_object() || answer["application"].is_object() =>
        {
            instantiated(answer)
        }
        Method::POST => match created_id(&plain, answer) {
            Some(id) => vec![(format!("{plain}/{id}"), Change::Created)],
            None => vec![(above(), Change::Changed)],
        },
        _ => Vec::new(),
    }
}

/// The two objects that an application template was made into.
fn instantiated(answer: &Json) -> Vec<(String, Change)> {
    let parts = [
        ("application", "/applications"),
        ("servicePrincipal", "/serviceprincipals"),
    ];
    let mut made = Vec::new();
    for (part, collection) in parts {
        for name in ["id", "appId"] {
            if let Some(id) = answer[part][name].as_str() {
                made.push((
                    format!("{collection}/{}", segment(id).to_ascii_lowercase()),
                    Change::Created,
                ));
            }
        }
    }
    made
}

/// The id of what a POST to `collection` made.
fn created_id(collection: &str, answer: &Json) -> Option<String> {
    let is_by_tenant = collection.ends_with("/partners") || collection.ends_with("/tenants");
    let name = if is_by_tenant { "tenantId" } else { "id" };
    let id = answer[name].as_str().filter(|id| !id.is_empty())?;
    Some(segment(id).to_ascii_lowercase())
}

/// What lag may have to do with a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Suspicion {
    /// Nothing.
    None,
    /// Something it names is not visible yet. Where `for_others`, also something that others have created.
    Reference { for_others: bool },
    /// Something that was deleted still takes the place.
    Occupied,
    /// What is to be made exists, and may not be listed yet. Only the text says so.
    Exists,
}

/// Judges a refused call.
pub(super) fn suspect(method: &Method, path: &str, error: &Error) -> Suspicion {
    let Error::Refused(refusal) = error else {
        return Suspicion::None;
    };
    // An earlier attempt may have succeeded: then this is about that one.
    if refusal.after_lost_answer || matches!(*method, Method::GET | Method::DELETE) {
        return Suspicion::None;
    }
    let plain = plain(path);
    let assigns = plain.ends_with("/approleassignedto") || plain.ends_with("/joinrequest");
    let is_directory =
        plain.starts_with("/applications/") || plain.starts_with("/serviceprincipals/");
    match refusal.status {
        404 if error.is_not_found() => Suspicion::Reference { for_others: true },
        400 | 409 if assigns && error.says_it_exists() => Suspicion::Exists,
        400 if error.has_code("Request_BadRequest") && (assigns || is_directory) => {
            Suspicion::Reference {
                for_others: assigns,
            }
        }
        // The code of this one is that of a missing permission, so its text has to be read.
        403 if is_directory && refusal.message.contains("backing application") => {
            Suspicion::Reference { for_others: false }
        }
        409 if *method == Method::PUT && plain.contains("/synchronization/") => {
            Suspicion::Reference { for_others: true }
        }
        409 if *method == Method::POST => Suspicion::Occupied,
        _ => Suspicion::None,
    }
}

/// Pauses that start short, because Graph usually agrees at once, and grow, because sometimes it takes minutes.
pub(super) struct Pauses(Duration);

impl Default for Pauses {
    fn default() -> Self {
        Self(Duration::from_millis(200))
    }
}

impl Pauses {
    /// The next pause, where there is time `left`.
    pub(super) fn next(&mut self, left: Duration) -> Duration {
        let pause = self.0.min(left);
        self.0 = (self.0 * 3 / 2).min(Duration::from_secs(5));
        pause
    }
}

/// The writes of one operation.
#[derive(Default)]
pub(super) struct Journal(Mutex<Vec<Written>>);

impl Journal {
    pub(super) fn note(&self, path: &str, change: Change) {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = written.iter_mut().find(|one| one.path == path);
        if let Some(known) = known {
            known.at = now();
            if !(known.change == Change::Created && change == Change::Changed) {
                known.change = change;
            }
            return;
        }
        let (path, change) = match path.rsplit_once('/') {
            Some((collection, _)) if written.len() >= MOST_KEPT => (collection, Change::Changed),
            _ => (path, change),
        };
        written.retain(|one| one.path != path);
        written.push(Written {
            path: path.to_owned(),
            change,
            at: now(),
        });
    }

    pub(super) fn written(&self) -> Vec<Written> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[cfg(test)]
mod tests;
