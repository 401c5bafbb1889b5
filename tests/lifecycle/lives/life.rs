//! One lifecycle: validate, plan, apply, plan again, read, import, change, destroy, with the checks that CLIs make at each step.

use crosstenant::terraform::{
    Apply, Attribute, Capabilities, Diagnostics, Plan, PlanRequest, Provider as _, ReadRequest,
    Resource, Value, has_errors,
};

use crate::dice::Dice;
use crate::engine::scenarios::{Made, Scenario};
use crate::engine::{Patience, Stage, Stored, object, seed};
use crate::lives::configurations::{varied, with_unknowns, without_local};
use crate::plan::host::{agree, conform_object, valid};
use crate::plan::random::shown;

/// The results of the lifecycles of one resource.
#[derive(Debug, Default)]
pub struct Tally {
    /// Configurations that the provider's own checks refuse.
    pub invalid: u32,
    /// Configurations that Graph refuses.
    pub refused: u32,
    /// Lifecycles that were completed.
    pub whole: u32,
}

/// Refusals are not retried.
const IMPATIENT: Patience = Patience {
    max_retries: 0,
    request_timeout: "10s",
    replication_timeout: Some("4s"),
};

/// The resource under test.
struct World<'a> {
    resource: &'a dyn Resource,
    attributes: &'a [Attribute],
}

type Verdict = Result<(), String>;

fn said(diagnostics: &Diagnostics) -> String {
    let each = diagnostics.iter();
    let texts = each.map(|it| format!("{}: {}", it.summary, it.detail));
    texts.collect::<Vec<_>>().join(" | ")
}

pub async fn lead(scenario: &Scenario, number: u64, tally: &mut Tally) -> Verdict {
    let mut dice = Dice(number);
    let stage = Stage::open(seed()).await;
    let made = Made::on(&stage, scenario).await;
    let provider = stage.provider(scenario.side, IMPATIENT).await;
    let resource = provider.resource(scenario.type_name).unwrap();
    let world = World {
        resource,
        attributes: &resource.schema().attributes,
    };
    let mut bases = vec![object(world.attributes, &made.fill(&scenario.config))];
    if !scenario.changed.is_null() {
        bases.push(object(world.attributes, &made.fill(&scenario.changed)));
    }
    let mut stored = Stored::default();
    for _ in 0..3 {
        let base = dice.pick(&bases).clone();
        let config = varied(world.attributes, &base, &mut dice);
        let told = resource.validate(&config, Capabilities::default());
        if has_errors(&told) {
            tally.invalid += 1;
            continue;
        }
        let problem = |problem| format!("{problem}\n  with {}", brief(&config));
        match world
            .step(&stored, &config, &mut dice)
            .await
            .map_err(problem)?
        {
            Step::Invalid => tally.invalid += 1,
            Step::Refused(left) => {
                tally.refused += 1;
                stored = left;
            }
            Step::Done(now) => {
                let id = import_id(scenario, &now.value);
                world.settled(&now, &config, &id).await.map_err(problem)?;
                tally.whole += 1;
                stored = now;
            }
        }
    }
    world.destroy(&stored).await
}

/// Assignments of a role other than the usual one are imported with the role.
fn import_id(scenario: &Scenario, stored: &Value) -> String {
    let id = scenario.import_id(stored);
    match (scenario.type_name, stored.member("app_role_id").as_str()) {
        ("crosstenant_app_role_assignments", Some(role)) => format!("{id}/{role}"),
        _ => id,
    }
}

/// A value without its null members.
fn brief(config: &Value) -> String {
    let members = config.as_object().into_iter().flatten();
    let set = members.filter(|(_, value)| !value.is_null());
    let each = set.map(|(name, value)| format!("{name} = {}", shown(value)));
    each.collect::<Vec<_>>().join(", ")
}

enum Step {
    Invalid,
    Refused(Stored),
    Done(Stored),
}

impl World<'_> {
    async fn plan(&self, prior: &Stored, config: &Value) -> Plan {
        let request = PlanRequest {
            prior: prior.value.clone(),
            config: config.clone(),
            private: prior.private.clone(),
        };
        self.resource.plan(request).await
    }

    /// A valid plan, or `None` if the provider refuses it.
    async fn valid_plan(&self, prior: &Stored, config: &Value) -> Result<Option<Plan>, String> {
        let plan = self.plan(prior, config).await;
        if has_errors(&plan.diagnostics) {
            return Ok(None);
        }
        conform_object(self.attributes, &plan.planned)?;
        valid(self.attributes, &prior.value, config, &plan.planned)
            .map_err(|problem| format!("invalid plan: {problem}"))?;
        Ok(Some(plan))
    }

    /// Plans with parts unknown and then with all of it known, as the CLI does during an apply, and applies.
    async fn step(&self, stored: &Stored, config: &Value, dice: &mut Dice) -> Result<Step, String> {
        let nothing = Stored::default();
        let prior = if stored.tainted { &nothing } else { stored };
        let early = with_unknowns(self.attributes, config, dice);
        let first = self.valid_plan(prior, &early).await?;
        let Some(plan) = self.valid_plan(prior, config).await? else {
            return Ok(Step::Invalid);
        };
        if let Some(first) = first {
            agree(&first.planned, &plan.planned)
                .map_err(|problem| format!("the final plan differs: {problem}"))?;
        }
        let replaces =
            stored.tainted || (!prior.value.is_null() && !plan.requires_replace.is_empty());
        let plan = if replaces {
            self.destroy(stored).await?;
            let Some(plan) = self.valid_plan(&nothing, config).await? else {
                return Ok(Step::Refused(nothing));
            };
            plan
        } else {
            plan
        };
        let prior = if replaces { &nothing } else { prior };
        self.apply(prior, config, plan).await
    }

    async fn apply(&self, prior: &Stored, config: &Value, plan: Plan) -> Result<Step, String> {
        if plan.planned == prior.value {
            return Ok(Step::Done(prior.clone()));
        }
        let request = Apply {
            prior: prior.value.clone(),
            planned: plan.planned.clone(),
            config: config.clone(),
            private: plan.private,
        };
        let applied = self.resource.apply(request).await;
        let failed = has_errors(&applied.diagnostics);
        if !applied.state.is_wholly_known() {
            return Err(format!("stored unknown: {}", shown(&applied.state)));
        }
        let now = Stored {
            tainted: failed && prior.value.is_null() && !applied.state.is_null(),
            value: applied.state,
            private: applied.private,
        };
        if failed {
            let text = said(&applied.diagnostics);
            let refused = text.contains("refused") || text.contains("answered 4");
            return if refused || !text.contains("report") {
                Ok(Step::Refused(now))
            } else {
                Err(format!("apply failed: {text}"))
            };
        }
        conform_object(self.attributes, &now.value)?;
        agree(&plan.planned, &now.value)
            .map_err(|problem| format!("the result differs from its plan: {problem}"))?;
        Ok(Step::Done(now))
    }

    async fn read(&self, stored: &Stored) -> Result<Stored, String> {
        let request = ReadRequest {
            current: stored.value.clone(),
            private: stored.private.clone(),
        };
        let read = self.resource.read(request).await;
        if has_errors(&read.diagnostics) {
            return Err(format!("it cannot be read: {}", said(&read.diagnostics)));
        }
        if read.state.is_null() {
            return Err("it is gone right after it was written".to_owned());
        }
        Ok(Stored {
            value: read.state,
            private: read.private,
            tainted: false,
        })
    }

    /// Reading, planning again and importing change nothing.
    async fn settled(&self, stored: &Stored, config: &Value, id: &str) -> Verdict {
        self.unchanged(stored, config, "the second plan").await?;
        let read = self.read(stored).await?;
        same("a read", &stored.value, &read.value)?;
        self.unchanged(&read, config, "the plan after a read")
            .await?;
        self.identified(&stored.value, &read.value)?;
        self.imported(stored, config, id).await
    }

    async fn unchanged(&self, stored: &Stored, config: &Value, what: &str) -> Verdict {
        let plan = self.valid_plan(stored, config).await?;
        let plan = plan.ok_or_else(|| format!("{what} is refused"))?;
        same(what, &stored.value, &plan.planned)
    }

    /// The identity is complete and does not change.
    fn identified(&self, before: &Value, after: &Value) -> Verdict {
        let identity = self.resource.identity().unwrap();
        let (before, after) = (identity.of(before), identity.of(after));
        if before.is_null() || !before.is_wholly_known() {
            return Err(format!("its identity is not whole: {}", shown(&before)));
        }
        same("the identity", &before, &after)
    }

    async fn imported(&self, stored: &Stored, config: &Value, id: &str) -> Verdict {
        let imported = self.resource.import(id.to_owned()).await;
        let imported = imported.map_err(|told| format!("import of {id}: {}", said(&told)))?;
        let named = Stored {
            value: imported.state,
            private: imported.private,
            tainted: false,
        };
        let read = self
            .read(&named)
            .await
            .map_err(|it| format!("after import {it}"))?;
        self.identified(&stored.value, &read.value)?;
        let config = without_local(self.attributes, config);
        self.unchanged(&read, &config, "the plan after an import")
            .await
    }

    async fn destroy(&self, stored: &Stored) -> Verdict {
        if stored.value.is_null() {
            return Ok(());
        }
        let plan = self.plan(stored, &Value::Null).await;
        if has_errors(&plan.diagnostics) {
            return Err(format!("destroy: {}", said(&plan.diagnostics)));
        }
        let request = Apply {
            prior: stored.value.clone(),
            planned: Value::Null,
            config: Value::Null,
            private: plan.private,
        };
        let applied = self.resource.apply(request).await;
        if has_errors(&applied.diagnostics) || !applied.state.is_null() {
            return Err(format!("destroy: {}", said(&applied.diagnostics)));
        }
        Ok(())
    }
}

/// Names each attribute that differs.
fn same(what: &str, before: &Value, after: &Value) -> Verdict {
    if before == after {
        return Ok(());
    }
    let names = before
        .as_object()
        .into_iter()
        .flat_map(crosstenant::terraform::Object::keys);
    let differing: Vec<String> = names
        .filter(|name| before.member(name) != after.member(name))
        .map(|name| {
            let (before, after) = (before.member(name), after.member(name));
            format!("{name}: {} became {}", shown(before), shown(after))
        })
        .collect();
    Err(format!("{what} changes {}", differing.join("; ")))
}
