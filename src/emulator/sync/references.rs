//! References to other objects: memberships and managers. They are written after the objects, because both ends must exist.

use serde_json::{Value, json};

use super::cycle::{Cycle, flows};
use super::functions;
use super::log::{self, Entry};
use super::mapping::{self, Flow, attribute};

impl Cycle<'_> {
    /// The copy of a source user in the target tenant, if it exists. Both ends of a reference must be in scope.
    fn counterpart(&self, user: &str) -> Option<String> {
        let target = self.alive.get(user).filter(|_| self.is_in_scope(user))?;
        let there = self.target().users.contains_key(target);
        there.then(|| target.clone())
    }

    /// The name of a source user in the log.
    fn called(&self, user: &str) -> String {
        let found = self.source().users.get(user);
        found.map_or(user, |user| log::name(user)).to_owned()
    }

    /// Stores the references that could not be resolved, and logs them once.
    fn unresolved(&mut self, object: &Value, copy: &str, role: &str, missing: &[String]) -> Value {
        self.counts.unresolved += missing.len();
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        let link = self.job.links.entry(id).or_default();
        let now = missing.join(" ");
        let news = link.unresolved != now;
        link.unresolved = now;
        if missing.is_empty() || !(news || self.full) {
            return Value::Null;
        }
        let names = missing.iter().map(|user| self.called(user)).collect();
        let copy = self.copy(copy);
        let entry = Entry::new("update", object).target(&copy);
        log::write(self, &entry.unresolved(role, names))
    }

    /// Adds the copies of a group's members to its copy: only direct members that are users. `chosen` restricts them. Only changes in the
    /// source since the last time are sent; a full cycle adds missing members. Whether the engine repairs all members with the next change
    /// is UNVERIFIED.
    pub(super) fn memberships(&mut self, group: &Value, chosen: Option<&[String]>) -> Value {
        let id = group["id"].as_str().unwrap_or_default().to_owned();
        let link = self.job.links.get(&id).cloned().unwrap_or_default();
        let mapping = &self.group_mapping;
        let mapped = mapping::reference(&mapping["attributeMappings"], "members");
        // The members of a new group are a part of its creation.
        let may = self.looked_at.contains(&id) || flows(mapping, "Update");
        if !self.target().groups.contains_key(&link.target) || mapped.is_none() || !may {
            return Value::Null;
        }
        let members = self.source().members.get(&id).cloned().unwrap_or_default();
        let is_user = |member: &String| self.source().users.contains_key(member);
        let wanted: Vec<String> = members.into_iter().filter(is_user).collect();
        let is_chosen = |member: &&String| chosen.is_none_or(|chosen| chosen.contains(*member));
        let (mut there, mut missing) = (Vec::new(), Vec::new());
        for member in wanted.iter().filter(is_chosen) {
            match self.counterpart(member) {
                Some(copy) => there.push((member.clone(), copy)),
                None => missing.push(member.clone()),
            }
        }
        let removed: Vec<String> = link
            .references
            .iter()
            .filter(|member| chosen.is_none() && !wanted.contains(member))
            .cloned()
            .collect();
        let done = self.write_members(group, &link.target, &there, &removed);
        let link = self.job.links.entry(id).or_default();
        link.references
            .retain(|it| !removed.contains(it) && !missing.contains(it));
        for (member, _) in there {
            if !link.references.contains(&member) {
                link.references.push(member);
            }
        }
        let target = link.target.clone();
        log::merged(done, &self.unresolved(group, &target, "member", &missing))
    }

    fn write_members(
        &mut self,
        group: &Value,
        copy: &str,
        there: &[(String, String)],
        removed: &[String],
    ) -> Value {
        let id = group["id"].as_str().unwrap_or_default();
        let sent = self.job.links.get(id).map(|link| link.references.clone());
        let sent = sent.unwrap_or_default();
        let before = self.target().members.get(copy).cloned().unwrap_or_default();
        let is_new = |(member, copy): &&(String, String)| {
            !before.contains(copy) && (self.full || !sent.contains(member))
        };
        let added: Vec<String> = there.iter().filter(is_new).map(|it| it.1.clone()).collect();
        let gone: Vec<String> = removed
            .iter()
            .filter_map(|member| self.alive.get(member))
            .filter(|copy| before.contains(*copy))
            .cloned()
            .collect();
        if added.is_empty() && gone.is_empty() {
            return Value::Null;
        }
        let mut after = before.clone();
        after.retain(|member| !gone.contains(member));
        after.extend(added.iter().cloned());
        self.counts.references += added.len() + gone.len();
        self.counts.exported += 1;
        let flows = [Flow {
            property: "members".to_owned(),
            value: json!(after),
        }];
        let existing = self.copy(copy);
        let away = &mut self.world.tenants[self.target];
        away.members.insert(copy.to_owned(), after);
        let entry = Entry::new("update", group).target(&existing);
        log::write(self, &entry.modified(&json!({ "members": before }), &flows))
    }

    /// The manager of a user according to the mapping, as a source user.
    pub(super) fn manager_of(&self, user: &Value) -> Option<String> {
        let mapping = mapping::reference(&self.mapping["attributeMappings"], "manager")?;
        let value = functions::value(&mapping["source"], &|name| attribute(user, name)).ok()?;
        value.as_str().map(str::to_owned)
    }

    /// Writes the manager of a user whose copy was created or compared in this cycle. A manager that is removed in the source remains in
    /// the target. That a user is retried in every cycle until its manager exists follows from the documentation of failures in general.
    pub(super) fn manager(&mut self, user: &Value) -> Value {
        let id = user["id"].as_str().unwrap_or_default();
        if !self.looked_at.contains(id) || self.crosses_clouds() {
            return Value::Null;
        }
        let target = self.job.links.get(id).map(|link| link.target.clone());
        let target = target.unwrap_or_default();
        let manager = self.manager_of(user);
        let copy = manager.as_ref().and_then(|it| self.counterpart(it));
        let missing: Vec<String> = manager.filter(|_| copy.is_none()).into_iter().collect();
        let noted = self.unresolved(user, &target, "manager", &missing);
        let existing = self.copy(&target);
        let Some(copy) = copy.filter(|copy| existing["_manager"] != *copy) else {
            return noted;
        };
        self.counts.references += 1;
        self.counts.exported += 1;
        self.world.tenants[self.target].users[&target]["_manager"] = json!(copy);
        let flows = [Flow {
            property: "_manager".to_owned(),
            value: json!(copy),
        }];
        let entry = Entry::new("update", user).target(&existing);
        log::write(self, &entry.modified(&existing, &flows))
    }
}
