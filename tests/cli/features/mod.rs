//! One test for each feature that not every CLI supports. If a CLI lacks the feature, the test records that.

mod actions;
mod configuration;
mod functions;
mod opentofu;
mod queries;

use crate::support::{Feature, clis, lacks, works};

/// Runs `test` with every CLI under test that has `feature`.
fn wherever(feature: Feature, test: impl Fn(&str)) {
    for cli in clis() {
        if lacks(cli, feature) {
            continue;
        }
        test(cli);
        works(cli, feature);
    }
}
