//! The provider: everything that it serves, and its configuration.

use std::sync::{Arc, OnceLock};

use crate::SERVED;
use sdk::Context;
use sdk::credentials::{self, Settings};
use sdk::served::{How, Served};
use sdk::session::Session;
use terraform::{
    self, Attributes, BoxFuture, Capabilities, DataSource, Diagnostic, Diagnostics, Schema, Value,
    has_errors,
};

/// The provider for cross-tenant synchronization.
pub struct CrossTenant {
    schema: OnceLock<Schema>,
    session: Arc<Session>,
    redactor: graph::Redactor,
    resources: Vec<Box<dyn terraform::Resource>>,
    data_sources: Vec<Box<dyn DataSource>>,
    functions: Vec<Box<dyn terraform::Function>>,
    actions: Vec<Box<dyn terraform::Action>>,
    listings: Vec<Box<dyn terraform::ListResource>>,
}

impl Default for CrossTenant {
    fn default() -> Self {
        Self::with(graph::Redactor::default())
    }
}

impl CrossTenant {
    /// Creates a provider that adds its secrets to `redactor`.
    #[must_use]
    pub fn with(redactor: graph::Redactor) -> Self {
        let session = Arc::new(Session::default());
        let mut provider = Self {
            schema: OnceLock::new(),
            redactor,
            resources: Vec::new(),
            data_sources: Vec::new(),
            functions: super::functions::all(),
            actions: Vec::new(),
            listings: Vec::new(),
            session,
        };
        for served in SERVED {
            provider.serve(served);
        }
        provider
    }

    fn serve(&mut self, served: &Served) {
        let session = &self.session;
        match served.how {
            How::Resource(_, new) => self.resources.push(Box::new(new(session))),
            How::DataSource(new) => self.data_sources.push(new(session)),
            How::Action(new) => self.actions.push(new(session)),
            How::List(new) => self.listings.push(new(session)),
        }
    }
}

impl CrossTenant {
    /// Validates and applies a configuration like Terraform's two calls, for the commands of this binary. Values that `config` omits are
    /// taken from `environment`.
    pub fn configure_by_hand(
        &self,
        config: &Value,
        environment: &dyn Fn(&str) -> Option<String>,
        command: &str,
    ) -> Diagnostics {
        let mut found = terraform::Provider::validate(self, config);
        if !has_errors(&found) {
            let connected = self.connect(config, environment, command);
            found.extend(connected.err().unwrap_or_default());
        }
        if !has_errors(&found) {
            found.extend(self.context().err());
        }
        found
    }

    /// Returns the tenant if the provider is configured.
    #[must_use]
    pub fn tenant_id(&self) -> Option<String> {
        self.session.tenant_id()
    }

    /// Returns the name of the tenant's cloud in policies if the provider is configured.
    #[must_use]
    pub fn cloud(&self) -> Option<&'static str> {
        let context = self.context().ok()?;
        Some(context.graph.cloud().policy_name())
    }

    /// Returns the context of operations.
    ///
    /// # Errors
    ///
    /// If the provider is not configured.
    pub fn context(&self) -> Result<Context, Diagnostic> {
        Ok(self.session.connected("")?.context)
    }

    /// Configures the client. `host` identifies the calling program to Graph.
    fn connect(
        &self,
        config: &Value,
        environment: &dyn Fn(&str) -> Option<String>,
        host: &str,
    ) -> Result<(), Diagnostics> {
        self.redactor
            .learn_environment(std::env::vars_os().filter_map(|(name, value)| {
                Some((name.into_string().ok()?, value.into_string().ok()?))
            }));
        let settings = Settings::merge(config, environment, &self.redactor)?;
        if let Some(missing) = settings.missing_tenant() {
            let connected = self.session.connect_without_tenant(missing);
            return connected.map_err(|problem| vec![problem]);
        }
        let options = settings
            .options(&user_agent(host))
            .map_err(|problem| vec![problem])?;
        let origin = settings.origin();
        let client = graph::Client::new(options).map_err(|error| {
            vec![Diagnostic::error(
                "The provider cannot sign in with this configuration",
                error.to_string(),
            )]
        })?;
        let connected = self.session.connect(Context::new(client).of(origin));
        connected.map_err(|problem| vec![problem])
    }
}

fn user_agent(host: &str) -> String {
    format!(
        "terraform-provider-crosstenant/{} ({host})",
        env!("CARGO_PKG_VERSION")
    )
}

impl terraform::Provider for CrossTenant {
    fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| Schema {
            version: 0,
            description: credentials::Configuration::DESCRIPTION.into(),
            attributes: credentials::Configuration::attributes(),
        })
    }

    fn resources(&self) -> Vec<&dyn terraform::Resource> {
        self.resources.iter().map(AsRef::as_ref).collect()
    }

    fn data_sources(&self) -> Vec<&dyn DataSource> {
        self.data_sources.iter().map(AsRef::as_ref).collect()
    }

    fn functions(&self) -> Vec<&dyn terraform::Function> {
        self.functions.iter().map(AsRef::as_ref).collect()
    }

    fn list_resources(&self) -> Vec<&dyn terraform::ListResource> {
        self.listings.iter().map(AsRef::as_ref).collect()
    }

    fn actions(&self) -> Vec<&dyn terraform::Action> {
        self.actions.iter().map(AsRef::as_ref).collect()
    }

    fn resource(&self, type_name: &str) -> Option<&dyn terraform::Resource> {
        self.resources
            .iter()
            .map(AsRef::as_ref)
            .find(|resource| resource.type_name() == type_name)
    }

    fn data_source(&self, type_name: &str) -> Option<&dyn DataSource> {
        self.data_sources
            .iter()
            .map(AsRef::as_ref)
            .find(|source| source.type_name() == type_name)
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut found =
            terraform::validate(&self.schema().attributes, config, Capabilities::default());
        if !has_errors(&found) {
            credentials::validate(config, &mut found);
        }
        found
    }

    fn configure(&self, config: Value, cli_version: String) -> BoxFuture<'_, Diagnostics> {
        let cli_version: String = cli_version.chars().filter(char::is_ascii_graphic).collect();
        let host = format!("Terraform or OpenTofu {cli_version}");
        let result = self.connect(&config, &|name| std::env::var(name).ok(), &host);
        Box::pin(std::future::ready(result.err().unwrap_or_default()))
    }

    fn stop(&self) {
        self.session.stop();
    }

    fn redact(&self, text: &str) -> String {
        self.redactor.redact(text)
    }

    fn redact_in_panic(&self, text: &str) -> String {
        self.redactor.redact_in_panic(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terraform::Provider as _;

    fn configuration(provider: &CrossTenant, tenant_id: Option<&str>) -> Value {
        let mut config = provider.schema().empty_object();
        for (name, value) in [
            ("tenant_id", tenant_id),
            ("client_id", Some("22222222-2222-4222-8222-222222222222")),
            ("client_secret", Some("planted~secret")),
        ] {
            config.set_member(name, value.map(Value::from).unwrap_or_default());
        }
        config
    }

    const ONE: &str = "11111111-1111-4111-8111-111111111111";
    const OTHER: &str = "33333333-3333-4333-8333-333333333333";

    fn summaries(found: &Diagnostics) -> Vec<&str> {
        found.iter().map(|it| it.summary.as_str()).collect()
    }

    /// Returns the names of the sets in `attributes`, each with its position.
    fn sets(place: &str, attributes: &[terraform::Attribute], found: &mut Vec<String>) {
        use terraform::Kind;
        for attribute in attributes {
            let name = format!("{place}.{}", attribute.name);
            let mut kind = &attribute.kind;
            loop {
                match kind {
                    Kind::Set(of) => {
                        found.push(attribute.name.to_owned());
                        kind = of;
                    }
                    Kind::List(of) | Kind::Map(of) => kind = of,
                    _ => break,
                }
            }
            sets(&name, attribute.kind.nested().unwrap_or_default(), found);
        }
    }

    /// The CLIs compare sets pairwise: collections with more than some hundred elements are lists or maps.
    #[test]
    fn what_can_grow_is_never_a_set() {
        const BOUNDED: [&str; 8] = [
            "allowed_cloud_endpoints",
            "excluded",
            "expected_service_providers",
            "included",
            "member_object_ids",
            "reset_scope",
            "targets",
            "template_application_level",
        ];
        let provider = CrossTenant::default();
        let mut found = Vec::new();
        for one in provider.resources() {
            sets(one.type_name(), &one.schema().attributes, &mut found);
        }
        for one in provider.data_sources() {
            sets(one.type_name(), &one.schema().attributes, &mut found);
        }
        for one in provider.actions() {
            sets(one.type_name(), &one.schema().attributes, &mut found);
        }
        found.sort();
        found.dedup();
        assert_eq!(found, BOUNDED);
    }

    #[test]
    fn a_second_tenant_is_refused_and_the_first_stays() {
        let provider = CrossTenant::default();
        let connect = |tenant_id| {
            let config = configuration(&provider, tenant_id);
            let connected = provider.connect(&config, &|_| None, "tests");
            connected.err().unwrap_or_default()
        };
        assert!(connect(Some(ONE)).is_empty());
        assert!(connect(Some(ONE)).is_empty(), "the same again");
        for other in [Some(OTHER), None] {
            let refused = connect(other);
            let summary = "The provider already serves another tenant";
            assert_eq!(summaries(&refused), [summary]);
            assert!(refused[0].detail.contains("--debug` twice"));
            assert_eq!(provider.tenant_id().as_deref(), Some(ONE));
        }
    }

    #[test]
    fn without_a_tenant_only_what_needs_one_fails() {
        let provider = CrossTenant::default();
        let config = configuration(&provider, None);
        assert!(provider.connect(&config, &|_| None, "tests").is_ok());
        let missing = provider.context().err().unwrap();
        assert_eq!(missing.summary, "Missing tenant_id");
        assert!(missing.detail.contains("ARM_TENANT_ID"));
        let by_hand = provider.configure_by_hand(&config, &|_| None, "tests");
        assert_eq!(summaries(&by_hand), ["Missing tenant_id"]);
        let config = configuration(&provider, Some(ONE));
        assert!(provider.connect(&config, &|_| None, "tests").is_ok());
    }

    #[test]
    fn no_text_holds_a_secret_of_the_configuration() {
        let provider = CrossTenant::default();
        assert_eq!(provider.redact_in_panic("as it is"), "as it is");
        let config = configuration(&provider, Some(ONE));
        let found = provider.configure_by_hand(&config, &|_| None, "tests");
        assert!(found.is_empty(), "{found:?}");
        let said = provider.redact_in_panic("called `unwrap()` on Err(\"planted~secret\")");
        assert_eq!(said, "called `unwrap()` on Err(\"(hidden)\")");
        assert_eq!(provider.redact("a planted~secret"), "a (hidden)");
    }

    #[test]
    fn every_type_in_the_lists_exists() {
        let provider = CrossTenant::default();
        let actions = provider.actions();
        let is_served = |name: &&str| {
            let type_name = format!("crosstenant_{name}");
            provider.resource(&type_name).is_some()
                || provider.data_source(&type_name).is_some()
                || actions.iter().any(|action| action.type_name() == type_name)
        };
        for name in sdk::missing_tenant::IN_SOURCE
            .iter()
            .chain(&sdk::missing_tenant::IN_TARGET)
        {
            assert!(is_served(name), "{name}");
        }
    }
}
