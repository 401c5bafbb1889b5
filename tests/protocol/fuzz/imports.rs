//! Import IDs, for every resource.

use crosstenant::resources::CrossTenant;
use crosstenant::terraform::Provider;

use crate::fuzz::harness::{Attempt, Target};
use crate::fuzz::mutate::Form;
use crate::fuzz::rpc::runtime;

pub const IMPORTS: Target = Target {
    name: "imports",
    what: "the import of every resource: the ID",
    rounds: 500,
    form: Form::Text(&[
        "/",
        "//",
        "/servicePrincipals/",
        "/synchronization/jobs/",
        "/appRoleAssignedTo/",
        "a1000000-0000-4000-8000-000000000001",
        "A1000000-0000-4000-8000-00000000000F",
        "Azure2Azure.3f1c8a526d0b4c1e9c550a7d2b9e4f10.8b2e6d17",
        "{}",
        "?",
        "#",
        " ",
    ]),
    open,
};

fn open() -> Attempt {
    let (runtime, provider) = (runtime("imports"), CrossTenant::default());
    Box::new(move |input| {
        let id = String::from_utf8_lossy(input);
        let mut most = 0;
        for resource in provider.resources() {
            let size = match runtime.block_on(resource.import(id.clone().into_owned())) {
                Ok(imported) if !imported.state.is_wholly_known() => {
                    return Err(format!("{}: something is unknown", resource.type_name()));
                }
                Ok(imported) => format!("{:?}", imported.state).len(),
                Err(said) => said
                    .iter()
                    .map(|said| said.summary.len() + said.detail.len())
                    .sum(),
            };
            most = most.max(size);
        }
        Ok(most)
    })
}
