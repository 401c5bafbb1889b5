//! The configured provider as its resources see it: there or not yet, replaceable, stoppable.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::Context;
use super::missing_tenant::{self, MissingTenant};
use terraform::Diagnostic;

/// Where `configure` puts the context and every operation finds it.
#[derive(Default)]
pub struct Session {
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    #[default]
    Unconfigured,
    /// Configured, but not for any tenant.
    WithoutTenant(MissingTenant),
    Connected(Connected),
}

/// What an operation needs from the configured provider.
#[derive(Clone)]
pub struct Connected {
    /// The tenant, and the client for it.
    pub context: Context,
    /// Is canceled when the CLI wants the provider to stop.
    pub cancel: CancellationToken,
}

impl Session {
    /// Everything from now on uses `context`. What is in flight goes on with the one it started with.
    ///
    /// # Errors
    ///
    /// An earlier configuration is for another tenant: nothing would keep apart what is meant for one and for the other.
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

    /// Every operation fails with `missing` until a configuration has a tenant.
    ///
    /// # Errors
    ///
    /// An earlier configuration has one.
    pub fn connect_without_tenant(&self, missing: MissingTenant) -> Result<(), Diagnostic> {
        let mut state = self.state();
        if let State::Connected(earlier) = &*state {
            return Err(second_tenant(earlier.context.tenant_id(), "(none)"));
        }
        *state = State::WithoutTenant(missing);
        Ok(())
    }

    /// Ends what is in flight. Later operations start afresh.
    pub fn stop(&self) {
        if let State::Connected(connected) = &mut *self.state() {
            std::mem::take(&mut connected.cancel).cancel();
        }
    }

    /// The tenant, where the provider is configured.
    pub fn tenant_id(&self) -> Option<String> {
        match &*self.state() {
            State::Connected(connected) => Some(connected.context.tenant_id().to_owned()),
            State::Unconfigured | State::WithoutTenant(_) => None,
        }
    }

    /// What is wrong where the provider was configured without a tenant; `type_name` needs one.
    pub fn missing_tenant(&self, type_name: &str) -> Option<Diagnostic> {
        match &*self.state() {
            State::WithoutTenant(missing) => Some(missing_tenant::explained(missing, type_name)),
            State::Unconfigured | State::Connected(_) => None,
        }
    }

    /// What an operation on `type_name` works with.
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
