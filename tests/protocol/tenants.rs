//! Nothing is written to a tenant other than the one that a change was planned for.

use crosstenant::proto::tfplugin6 as pb;

use crate::known::{GUID, configured, configured_provider, filled, plan, resources};
use crate::support::{CONTOSO, FABRIKAM};
use crate::wire::{Wire, errors, object_of, pack, set, text, unpack};

async fn apply(
    cli: &mut crate::life::Cli,
    type_name: &str,
    prior: &Wire,
    planned: &pb::plan_resource_change::Response,
    config: &Wire,
) -> pb::apply_resource_change::Response {
    let request = pb::apply_resource_change::Request {
        type_name: type_name.to_owned(),
        prior_state: pack(prior),
        planned_state: planned.planned_state.clone(),
        config: pack(config),
        planned_private: planned.planned_private.clone(),
        planned_identity: planned.planned_identity.clone(),
        ..Default::default()
    };
    let answer = cli.client.apply_resource_change(request).await;
    answer.unwrap().into_inner()
}

/// Every resource, created, updated and deleted by a process that is configured for another tenant than the plan.
#[tokio::test]
async fn a_change_planned_for_another_tenant_is_refused() {
    let mut source = configured_provider(CONTOSO).await;
    let mut target = configured_provider(FABRIKAM).await;
    for (type_name, attributes) in resources(&mut source).await {
        let config = configured(&attributes, &text(GUID), false);
        let mut existing = object_of(&attributes, &|attribute| filled(attribute, &text(GUID)));
        set(&mut existing, "tenant_id", text(CONTOSO));
        for (prior, config) in [
            (&Wire::Nil, &config),
            (&existing, &config),
            (&existing, &Wire::Nil),
        ] {
            let planned = plan(&mut source, &type_name, prior, config, b"").await;
            let answer = apply(&mut target, &type_name, prior, &planned, config).await;
            let found = errors(&answer.diagnostics);
            assert_eq!(found.len(), 1, "{type_name}: {found:?}");
            assert_eq!(
                found[0].summary, "The change was planned for another tenant",
                "{type_name}"
            );
            for words in [CONTOSO, FABRIKAM, "Nothing was written"] {
                assert!(found[0].detail.contains(words), "{}", found[0].detail);
            }
            assert_eq!(&unpack(answer.new_state.as_ref()), prior, "{type_name}");
        }
    }
}
