//! Actions right after a change of the objects that they refer to, in a run that has not made the change itself, on any replica.

use crosstenant::terraform::{Progress, Provider as _, has_errors};
use serde_json::{Value as Json, json};

use super::lagging;
use crate::engine::scenarios::{ADA, EDSGER, Made, Scenario, all};
use crate::engine::{Side, Stage, WITH_LAG, object};
use crate::support::{CONTOSO, FABRIKAM};

const NADIA: &str = "f1000000-0000-4000-8000-000000000001";

/// An action, the resource that it requires, and the check in the tenants that it was performed.
struct Act {
    name: &'static str,
    side: Side,
    /// The resource whose prerequisites the action requires.
    after: &'static str,
    config: Json,
    is_done: fn(&Json) -> bool,
}

fn acts() -> Vec<Act> {
    let job =
        || json!({ "service_principal_id": "@job.service_principal_id", "job_id": "@job.id" });
    let and = |mut config: Json, name: &str, value: &str| {
        config[name] = json!(value);
        config
    };
    let act = |name, side, config, is_done| Act {
        name,
        side,
        after: "crosstenant_provision_on_demand",
        config,
        is_done,
    };
    vec![
        act(
            "validate_connection",
            Side::Source,
            json!({
                "service_principal_id": "@job.service_principal_id", "target_tenant_id": FABRIKAM,
            }),
            |_| true,
        ),
        act("restart_provisioning_job", Side::Source, job(), |_| true),
        act(
            "provision_on_demand",
            Side::Source,
            and(job(), "user_object_id", ADA),
            |_| true,
        ),
        Act {
            after: "crosstenant_sms_sign_in",
            ..act(
                "disable_sms_sign_in",
                Side::Source,
                json!({ "user_object_id": EDSGER }),
                |tenant| !tenant["users"][EDSGER].to_string().contains("\"ready\""),
            )
        },
        Act {
            after: "crosstenant_restored_user",
            ..act(
                "restore_deleted_user",
                Side::Target,
                json!({ "user_object_id": NADIA }),
                |tenant| tenant["users"][NADIA].is_object(),
            )
        },
        Act {
            after: "crosstenant_restored_policy",
            ..act(
                "restore_deleted_policy",
                Side::Target,
                json!({ "partner_tenant_id": CONTOSO, "kind": "partner" }),
                |tenant| tenant["partners"][CONTOSO].is_object(),
            )
        },
        Act {
            after: "crosstenant_restored_configuration",
            ..act(
                "restore_deleted_configuration",
                Side::Source,
                json!({ "service_principal_id": "@configuration.service_principal_id" }),
                |tenant| tenant["applications"].as_object().unwrap().len() == 2,
            )
        },
    ]
}

/// The demo's tenants with lag, in which the objects of the action were just created.
async fn set(act: &Act, seed: u64) -> (Stage, Made) {
    let stage = lagging(1, seed).await;
    let stands: Scenario = all()
        .into_iter()
        .find(|scenario| scenario.type_name == act.after)
        .unwrap();
    let made = Made::on(&stage, &stands).await;
    if act.name == "restore_deleted_configuration" {
        let id = made.fill(&json!("@configuration.application_id"));
        let path = format!("/v1.0/applications/{}", id.as_str().unwrap());
        stage.delete(act.side, &path).await;
    }
    if act.name.starts_with("restore_") {
        // A deletion by others seconds ago cannot be known while replicas show the object.
        stage.control("POST", "settle", &Json::Null).await;
    }
    (stage, made)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_action_works_right_after_its_objects_changed() {
    let names: Vec<String> = {
        let provider = crosstenant::resources::CrossTenant::default();
        let all = provider.actions();
        all.iter().map(|one| one.type_name().to_owned()).collect()
    };
    let acts = acts();
    for name in &names {
        let is_known = |act: &Act| format!("crosstenant_{}", act.name) == *name;
        assert!(acts.iter().any(is_known), "{name} is not tried with lag");
    }
    let tried = (1..=2).flat_map(|seed| acts.iter().map(move |act| tried(act, seed)));
    futures::future::join_all(tried).await;
}

async fn tried(act: &Act, seed: u64) {
    let title = format!("{}, seed {seed}", act.name);
    let (stage, made) = set(act, seed).await;
    let provider = stage.provider(act.side, WITH_LAG).await;
    let actions = provider.actions();
    let name = format!("crosstenant_{}", act.name);
    let mut all = actions.iter();
    let action = all.find(|one| one.type_name() == name).unwrap();
    let config = object(&action.schema().attributes, &made.fill(&act.config));
    let told = action.invoke(config, Progress::new(drop)).await;
    assert!(!has_errors(&told), "{title}: {told:?}");
    stage.control("POST", "settle", &Json::Null).await;
    let tenant = stage.tenant(act.side).await;
    assert!((act.is_done)(&tenant), "{title}: {tenant}");
}
