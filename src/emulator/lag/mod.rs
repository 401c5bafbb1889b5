//! Replication lag: a write goes to the primary, each replica receives it later, and any replica answers reads.
//!
//! Writes that a replica has not received yet are kept as a short version history per object. To answer a read, the tenant temporarily
//! contains what the replica has, so that handlers are not concerned. Without lag, nothing is kept.

mod parts;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::clock::millis;
use super::store::{Tenant, World};
use parts::PARTS;

/// Settings of replication lag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// The longest time until a replica receives a write; zero disables lag.
    pub longest: std::time::Duration,
    /// The number of replicas that answer reads.
    pub replicas: usize,
    /// Seed of the random lags and of the choice of replicas.
    pub seed: u64,
    /// Whether a replica receives the writes of a collection in their order. Otherwise, each write is delayed independently.
    pub in_order: bool,
}

impl Default for Lag {
    fn default() -> Self {
        Self {
            longest: std::time::Duration::ZERO,
            replicas: 3,
            seed: 1,
            in_order: false,
        }
    }
}

impl Lag {
    /// Refuses invalid settings.
    pub(super) fn check(self) -> Result<(), String> {
        if (1..=100).contains(&self.replicas) {
            Ok(())
        } else {
            Err(format!(
                "the number of replicas must be between 1 and 100, not {}",
                self.replicas
            ))
        }
    }
}

/// The factor by which the provisioning engine can receive policies and assignments later than a replica.
const ENGINE: i64 = 5;

/// The view from which a request is answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum View {
    /// One object on this replica.
    Object(usize),
    /// A listing, which lags more than single objects do.
    Listing(usize),
    /// A query that needs an index, which lags most.
    Index(usize),
    /// The view of the provisioning engine.
    Engine,
}

/// One write of one object; `None` is a deletion.
#[derive(Debug, Clone)]
struct Version {
    value: Option<Value>,
    /// When each replica has it: as an object, in listings and in indexes. `engine`: when the engine has it.
    known: Vec<[i64; 3]>,
    engine: i64,
    /// When all views have it.
    everywhere: i64,
}

impl Version {
    fn is_known(&self, view: View, now: i64) -> bool {
        let (replica, kind) = match view {
            View::Object(replica) => (replica, 0),
            View::Listing(replica) => (replica, 1),
            View::Index(replica) => (replica, 2),
            View::Engine => return self.engine <= now,
        };
        self.known
            .get(replica)
            .is_none_or(|known| known[kind] <= now)
    }
}

/// The recent versions of an object, and the value before them.
#[derive(Debug, Clone, Default)]
struct History {
    before: Option<Value>,
    versions: Vec<Version>,
}

impl History {
    /// The latest version in this view.
    fn seen(&self, view: View, now: i64) -> Option<&Value> {
        let known = |version: &&Version| version.is_known(view, now);
        let newest = self.versions.iter().rev().find(known);
        newest.map_or(self.before.as_ref(), |version| version.value.as_ref())
    }

    fn is_behind(&self, view: View, now: i64) -> bool {
        self.versions
            .last()
            .is_some_and(|version| !version.is_known(view, now))
    }

    /// Drops the versions that are no longer visible in any view; false if none are left.
    fn shorten(&mut self, now: i64) -> bool {
        let old = |version: &Version| version.everywhere <= now;
        if let Some(at) = self.versions.iter().rposition(old) {
            self.before = self
                .versions
                .drain(..=at)
                .next_back()
                .and_then(|version| version.value);
        }
        !self.versions.is_empty()
    }
}

/// splitmix64, a random number generator that is sufficient for lags.
#[derive(Debug, Clone, Copy, Default)]
struct SplitMix64(u64);

impl SplitMix64 {
    fn next_number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `most`.
    fn up_to(&mut self, most: i64) -> i64 {
        let span = u64::try_from(most).unwrap_or(0).saturating_add(1);
        i64::try_from(self.next_number() % span).unwrap_or(0)
    }
}

/// The objects of a part by key.
type Objects = Map<String, Value>;

/// Tenant, part and key of an object.
type Place = (usize, usize, String);

/// All replicas of all tenants.
#[derive(Debug, Clone, Default)]
pub(super) struct Replicas {
    /// Milliseconds; 0 without lag.
    longest: i64,
    count: usize,
    in_order: bool,
    random: SplitMix64,
    /// The tenants after the last write, to detect the changes of the next one.
    shadows: Vec<Tenant>,
    histories: BTreeMap<Place, History>,
}

impl Replicas {
    /// Replicas that have all of these tenants and lag from now on.
    pub(super) fn new(lag: Lag, tenants: &[Tenant]) -> Self {
        let longest = millis(lag.longest);
        Self {
            longest,
            count: lag.replicas.max(1),
            in_order: lag.in_order,
            random: SplitMix64(lag.seed),
            shadows: if longest > 0 {
                tenants.to_vec()
            } else {
                Vec::new()
            },
            histories: BTreeMap::new(),
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.longest > 0
    }

    /// Chooses the replica that answers the next request.
    pub(super) fn pick(&mut self) -> usize {
        usize::try_from(self.random.next_number() % self.count.max(1) as u64).unwrap_or(0)
    }

    /// Whether an object exists in a view, if the view lags behind for this object. `key` is the name of the part, a slash, and the key of
    /// the object.
    fn exists(&self, tenant: usize, key: &str, view: View, now: i64) -> Option<bool> {
        let (part, key) = key.split_once('/').unwrap_or((key, ""));
        let history = self
            .histories
            .get(&(tenant, parts::named(part)?, key.to_owned()))?;
        Some(history.seen(view, now).is_some())
    }

    /// A version that is written now, with the random times at which each replica and the engine receive it.
    fn version(&mut self, value: Option<Value>, now: i64, engine: bool) -> Version {
        let longest = self.longest;
        let known: Vec<[i64; 3]> = (0..self.count)
            .map(|_| {
                let object = now + self.random.up_to(longest);
                let listing = object + self.random.up_to(longest);
                [object, listing, listing + self.random.up_to(longest)]
            })
            .collect();
        let engine = if engine {
            now + self.random.up_to(longest * ENGINE)
        } else {
            now
        };
        let last = known.iter().flatten().copied().max().unwrap_or(now);
        Version {
            value,
            known,
            engine,
            everywhere: last.max(engine),
        }
    }

    /// Records the changes since the last call.
    fn observe(&mut self, tenants: &mut [Tenant], now: i64) {
        self.histories.retain(|_, history| history.shorten(now));
        for (at, tenant) in tenants.iter_mut().enumerate() {
            let Some(mut shadow) = self.shadows.get_mut(at).map(std::mem::take) else {
                continue;
            };
            let differs = |number: &usize| !PARTS[*number].is_equal(&mut shadow, tenant);
            let changed: Vec<usize> = (0..PARTS.len()).filter(differs).collect();
            for number in &changed {
                let part = &PARTS[*number];
                let (old, new) = (part.entries(&mut shadow), part.entries(tenant));
                self.compare(at, *number, &old, &new, now);
            }
            for number in changed {
                PARTS[number].copy(tenant, &mut shadow);
            }
            self.shadows[at] = shadow;
        }
    }

    /// Records a version of every object that differs.
    fn compare(&mut self, tenant: usize, part: usize, old: &Objects, new: &Objects, now: i64) {
        let created = new.keys().filter(|key| !old.contains_key(*key));
        for key in old.keys().chain(created) {
            if old.get(key) == new.get(key) {
                continue;
            }
            let mut version = self.version(new.get(key).cloned(), now, PARTS[part].engine);
            if self.in_order {
                self.follow(tenant, part, &mut version);
            }
            let place = (tenant, part, key.clone());
            let history = self.histories.entry(place).or_insert_with(|| History {
                before: old.get(key).cloned(),
                versions: Vec::new(),
            });
            history.versions.push(version);
        }
    }

    /// Delays a version until those that were written before it have arrived.
    fn follow(&self, tenant: usize, part: usize, version: &mut Version) {
        let earlier = self
            .histories
            .range((tenant, part, String::new())..(tenant, part + 1, String::new()))
            .flat_map(|(_, history)| &history.versions);
        for other in earlier {
            for (known, before) in version.known.iter_mut().zip(&other.known) {
                for (known, before) in known.iter_mut().zip(before) {
                    *known = (*known).max(*before);
                }
            }
            version.everywhere = version.everywhere.max(other.everywhere);
        }
    }

    /// When all replicas will have received every write.
    pub(super) fn settled(&self) -> Option<i64> {
        let versions = self
            .histories
            .values()
            .flat_map(|history| &history.versions);
        versions.map(|version| version.everywhere).max()
    }

    /// The parts of a tenant in which a view lags behind, with the differing objects as the view has them.
    fn behind(&self, tenant: usize, view: View, now: i64) -> Vec<(usize, &str, Option<&Value>)> {
        self.histories
            .range((tenant, 0, String::new())..(tenant + 1, 0, String::new()))
            .filter(|(_, history)| history.is_behind(view, now))
            .map(|((_, part, key), history)| (*part, key.as_str(), history.seen(view, now)))
            .collect()
    }
}

/// The actual tenant while a view is in its place.
pub(super) struct ReplacedTenant {
    tenant: usize,
    actual: Tenant,
    parts: Vec<usize>,
}

impl World {
    /// Sets the lag from now on. Replicas receive all earlier writes.
    pub(super) fn lag(&mut self, lag: Lag) {
        self.replicas = Replicas::new(lag, &self.tenants);
    }

    /// Must be called after everything that may have changed objects.
    pub(super) fn written(&mut self) {
        if self.replicas.is_on() {
            let now = self.clock.now();
            let mut replicas = std::mem::take(&mut self.replicas);
            replicas.observe(&mut self.tenants, now);
            self.replicas = replicas;
        }
    }

    /// Whether this object exists on a replica, if that differs from the primary.
    pub(super) fn exists_for(&self, tenant: usize, key: &str, replica: usize) -> Option<bool> {
        let now = self.clock.now();
        self.replicas
            .exists(tenant, key, View::Object(replica), now)
    }

    /// Replaces the content of a tenant with a view of it, until [`World::leave_view`].
    pub(super) fn enter_view(&mut self, tenant: usize, view: View) -> ReplacedTenant {
        self.enter_parts(tenant, view, |_| true)
    }

    /// The same with the view of the provisioning engine on both sides of a job. Its own writes go to other parts.
    pub(super) fn engine_view(&mut self, source: usize) -> Vec<ReplacedTenant> {
        let policies = |name: &str| name != "assignments";
        let tenants = 0..self.tenants.len();
        tenants
            .map(|at| self.enter_parts(at, View::Engine, |name| at == source || policies(name)))
            .collect()
    }

    fn enter_parts(
        &mut self,
        tenant: usize,
        view: View,
        takes: impl Fn(&str) -> bool,
    ) -> ReplacedTenant {
        let now = self.clock.now();
        let mut replaced = ReplacedTenant {
            tenant,
            actual: Tenant::default(),
            parts: Vec::new(),
        };
        for (number, key, value) in self.replicas.behind(tenant, view, now) {
            let part = &PARTS[number];
            if !takes(part.name) {
                continue;
            }
            if !replaced
                .parts
                .iter()
                .any(|other| *other == number || PARTS[*other].shares(part))
            {
                part.copy(&mut self.tenants[tenant], &mut replaced.actual);
                replaced.parts.push(number);
            }
            part.put(&mut replaced.actual, key, value);
        }
        self.swap(&mut replaced);
        replaced
    }

    /// Puts the actual content back.
    pub(super) fn leave_view(&mut self, mut replaced: ReplacedTenant) {
        self.swap(&mut replaced);
    }

    pub(super) fn leave_views(&mut self, replaced: Vec<ReplacedTenant>) {
        for replaced in replaced {
            self.leave_view(replaced);
        }
    }

    fn swap(&mut self, replaced: &mut ReplacedTenant) {
        for part in &replaced.parts {
            PARTS[*part].swap(&mut self.tenants[replaced.tenant], &mut replaced.actual);
        }
    }
}
