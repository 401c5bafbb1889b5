//! Import ids, for every resource.

use crosstenant::resources::CrossTenant;
use crosstenant::terraform::Provider;

use crate::engine::{CONTOSO, FABRIKAM};
use crate::harness::Target;

/// An input is an id.
pub struct Imports {
    provider: CrossTenant,
}

impl Imports {
    pub fn new() -> Self {
        Self {
            provider: CrossTenant::default(),
        }
    }
}

impl Target for Imports {
    const NAME: &'static str = "imports";

    fn samples(&mut self) -> Vec<Vec<u8>> {
        let job = format!("{CONTOSO}/Azure2Azure.{FABRIKAM}.{CONTOSO}");
        let samples = [
            CONTOSO.to_owned(),
            format!("{CONTOSO}/{FABRIKAM}"),
            format!("{CONTOSO}/{FABRIKAM}/{CONTOSO}"),
            format!("{CONTOSO}/dGhlIGlkIG9mIGFuIGFzc2lnbm1lbnQsIGluIGJhc2U2NA"),
            format!(
                "/servicePrincipals/{CONTOSO}/appRoleAssignedTo/dGhlIGlkIG9mIGFuIGFzc2lnbm1lbnQsIGluIGJhc2U2NA"
            ),
            format!("/servicePrincipals/{job}/synchronization/jobs/x"),
            job,
        ];
        samples.map(String::into_bytes).into()
    }

    fn words(&self) -> Vec<String> {
        [
            "/",
            CONTOSO,
            "servicePrincipals/",
            "/synchronization/jobs/",
            "/appRoleAssignedTo/",
            "{",
            "%2f",
            "?",
            "#",
        ]
        .map(str::to_owned)
        .into()
    }

    fn attempt(&mut self, input: &[u8]) -> String {
        let id = String::from_utf8_lossy(input).into_owned();
        let mut kinds = String::new();
        for resource in self.provider.resources() {
            match futures::executor::block_on(resource.import(id.clone())) {
                Ok(imported) => {
                    assert!(imported.state.is_wholly_known());
                    kinds.push('o');
                }
                Err(said) => {
                    assert!(!said.is_empty());
                    let text: String = said
                        .iter()
                        .flat_map(|one| [one.summary.as_str(), " ", one.detail.as_str()])
                        .collect();
                    // The beginning of the id is repeated, so that the user recognises it.
                    assert!(text.len() < 4_000, "{} bytes: {text:.500}", text.len());
                    kinds.push(if text.contains(&id) { 'x' } else { '-' });
                }
            }
        }
        kinds
    }
}
