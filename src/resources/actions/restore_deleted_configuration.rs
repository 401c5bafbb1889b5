//! Restores a deleted configuration and its application.

use super::{Action, model_of};
use crate::restored_configuration::RestoredConfiguration;
use sdk::prelude::*;
use terraform::Progress;

attributes! {
    /// Restores a deleted configuration for cross-tenant synchronization: its application and its service principal, with the
    /// assignments, settings and job that belonged to it when it was deleted. Invoke this action with the provider of the
    /// source tenant.
    ///
    /// A configuration that exists is not changed. Configurations can be restored for 30 days. A job that was deleted before
    /// its configuration, as `terraform destroy` does, cannot be restored.
    pub struct RestoreDeletedConfiguration {
        /// Object ID of the configuration's service principal, which is the same before and after the deletion.
        service_principal_id: String = required().guid(),
    }
}

impl Action for RestoreDeletedConfiguration {
    const NAME: &'static str = "restore_deleted_configuration";
    const TASK: Task = Task::Synchronization;
    const CALLS: Calls = RestoredConfiguration::CALLS;

    async fn invoke(context: &Context, config: &Self, progress: &Progress) -> Result {
        let id = &config.service_principal_id;
        let wanted: RestoredConfiguration =
            model_of([("service_principal_id", id.as_str().into())])?;
        progress.tell(format!("Restoring the configuration {id}"));
        let mut reached = None;
        RestoredConfiguration::create(context, &wanted, &mut reached).await?;
        let name = reached.and_then(|reached| reached.display_name);
        progress.tell(format!(
            "The configuration {} is not deleted.",
            name.as_deref().unwrap_or(id)
        ));
        Ok(())
    }
}
