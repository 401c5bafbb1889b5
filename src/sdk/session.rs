//! The configuration of the provider, shared by all its resources. It can be missing, replaced and canceled.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::Context;
use super::missing_tenant::{self, MissingTenant};
use terraform::Diagnostic;

/// The shared state that `configure` sets and every operation reads.
#[derive(Default)]
pub struct Session {
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    #[default]
    Unconfigured,
    /// Configured without a tenant.
    WithoutTenant(MissingTenant),
    Connected(Connected),
}

/// The context and the cancellation token of a configured provider.
#[derive(Clone)]
pub struct Connected {
    /// The tenant, and its client.
    pub context: Context,
    /// Canceled when the CLI stops the provider.
    pub cancel: CancellationToken,
}

impl Session {
    /// Uses `context` for all later operations. Operations in progress continue with theirs.
    ///
    /// # Errors
    ///
    /// If an earlier configuration is for another tenant, because operations for the two tenants could not be distinguished.
    pub fn connect(&self, context: Context) -> Result<(), Diagnostic> {
        let mut state = self.state();
        if let State::Connected(earlier) = &*state {
            let (earlier, wanted) = (earlier.context.tenant_id(), context.tenant_id());
            if earlier != wanted {
                return Err(second_tenant(earlier, wanted));
            }
        }
        *state = State::Connected(Connected {
            context,
            cancel: CancellationToken::new(),
        });
        Ok(())
    }

    /// Makes every operation fail with `missing` until the provider is configured with a tenant.
    ///
    /// # Errors
    ///
    /// If an earlier configuration has a tenant.
    pub fn connect_without_tenant(&self, missing: MissingTenant) -> Result<(), Diagnostic> {
        let mut state = self.state();
        if let State::Connected(earlier) = &*state {
            return Err(second_tenant(earlier.context.tenant_id(), "(none)"));
        }
        *state = State::WithoutTenant(missing);
        Ok(())
    }

    /// Cancels the operations in progress. Later operations are not affected.
    pub fn stop(&self) {
        if let State::Connected(connected) = &mut *self.state() {
            std::mem::take(&mut connected.cancel).cancel();
        }
    }

    /// Returns the tenant if the provider is configured with one.
    pub fn tenant_id(&self) -> Option<String> {
        match &*self.state() {
            State::Connected(connected) => Some(connected.context.tenant_id().to_owned()),
            State::Unconfigured | State::WithoutTenant(_) => None,
        }
    }

    /// Returns the error for `type_name` if the provider was configured without a tenant.
    pub fn missing_tenant(&self, type_name: &str) -> Option<Diagnostic> {
        match &*self.state() {
            State::WithoutTenant(missing) => Some(missing_tenant::explained(missing, type_name)),
            State::Unconfigured | State::Connected(_) => None,
        }
    }

    /// Returns the connection for an operation on `type_name`.
    pub fn connected(&self, type_name: &str) -> Result<Connected, Diagnostic> {
        match &*self.state() {
            State::Connected(connected) => Ok(connected.clone()),
            State::WithoutTenant(missing) => Err(missing_tenant::explained(missing, type_name)),
            State::Unconfigured => Err(Diagnostic::error(
                "The provider is not configured",
                "The operation was requested before the provider was configured, or the connection to a provider in \
                debug mode was reopened after a long pause. Run the command again; if that does not help, please \
                report this.",
            )),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn second_tenant(earlier: &str, wanted: &str) -> Diagnostic {
    let detail = format!(
        "This connection to the provider serves tenant {earlier} and is now configured for tenant {wanted}. The second \
         configuration is refused, so that nothing is written to the wrong tenant. Terraform and OpenTofu open a connection for each \
         provider configuration, in debug mode too. A program that shares one connection must start one provider process for each \
         tenant: to debug two tenants, run `terraform-provider-crosstenant --debug` twice and give each its own run of the program."
    );
    Diagnostic::error("The provider already serves another tenant", detail)
}
