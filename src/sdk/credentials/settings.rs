//! The provider settings, merged from HCL and the environment, and their conversion to options of the Graph client.

use std::collections::BTreeMap;
use std::time::Duration;

use super::method::{METHODS, Method, chosen, truth, variables, written};
use super::mistakes::{self, CLOUDS};
use super::{Configuration, Origin};
use crate::missing_tenant::MissingTenant;
use crate::prelude::*;
use graph::{Cloud, Endpoints, Options, Redactor, Secret};

/// Prefixes of environment variables that users may set by mistake.
const OTHER_PREFIXES: [&str; 4] = ["ARM", "AZURE", "SOURCE", "TARGET"];

/// The provider settings, merged from HCL and the environment.
#[derive(Debug)]
pub struct Settings {
    values: BTreeMap<&'static str, String>,
    /// The environment variable of each value that came from the environment.
    pub(super) sources: BTreeMap<&'static str, String>,
    /// Environment variables for other provider configurations, by argument.
    elsewhere: BTreeMap<&'static str, String>,
    prefix: String,
    pub(super) method: Option<Method>,
    redactor: Redactor,
}

type Look<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Settings {
    /// Takes each argument from `config`, or else from the environment. Secrets are added to `redactor`.
    pub fn merge(
        config: &Value,
        environment: Look<'_>,
        redactor: &Redactor,
    ) -> Result<Self, Diagnostics> {
        let attributes = Configuration::attributes();
        let unknown: Diagnostics = attributes
            .iter()
            .filter(|attribute| config.member(attribute.name).is_unknown())
            .map(|a| mistakes::not_known(a.name))
            .collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let prefix = config.member("environment_prefix").as_str();
        let mut merged = Self {
            values: BTreeMap::new(),
            sources: BTreeMap::new(),
            elsewhere: BTreeMap::new(),
            prefix: prefix.unwrap_or("ARM").to_owned(),
            method: None,
            redactor: redactor.clone(),
        };
        for attribute in &attributes {
            merged.take(attribute.name, config, environment);
            if let Some(value) = merged.get(attribute.name)
                && attribute.rules.sensitive
            {
                redactor.learn(&Secret::from(value));
            }
        }
        merged.method = merged.choose(config).map_err(|problem| vec![problem])?;
        Ok(merged)
    }

    /// Takes one argument from its source.
    fn take(&mut self, name: &'static str, config: &Value, environment: Look<'_>) {
        if let Some(value) = written(config.member(name)) {
            self.values.insert(name, value);
            return;
        }
        let set = |variable: &String| {
            let value = environment(variable).filter(|text| !text.is_empty())?;
            Some((variable.clone(), value))
        };
        if let Some((variable, value)) = variables(&self.prefix, name).iter().find_map(set) {
            self.redactor.learn_address(&value);
            self.sources.insert(name, variable);
            self.values.insert(name, value);
            return;
        }
        let others = OTHER_PREFIXES.map(|prefix| variables(prefix, name).remove(0));
        if let Some((variable, _)) = others.iter().find_map(set) {
            self.elsewhere.insert(name, variable);
        }
    }

    /// Returns the authentication method: that of HCL, or else that of the environment.
    fn choose(&self, config: &Value) -> Result<Option<Method>, Diagnostic> {
        let in_config = |name: &str| written(config.member(name));
        let in_environment = |name: &str| {
            let (name, _) = self.sources.get_key_value(name)?;
            self.get(name).map(str::to_owned)
        };
        for (argument, _) in METHODS {
            let is_switch = argument.starts_with("use_");
            if is_switch && self.get(argument).is_some_and(|text| truth(text).is_none()) {
                return Err(self.invalid(argument, "true or false"));
            }
        }
        let place = format!("the environment ({}_…)", self.prefix);
        let levels: [(Look<'_>, &str); 2] = [
            (&in_config, "the provider's configuration"),
            (&in_environment, &place),
        ];
        for (get, place) in levels {
            match chosen(get)[..] {
                [] => {}
                [(_, only)] => return Ok(Some(only)),
                [first, second, ..] => return Err(mistakes::two_methods(first, second, place)),
            }
        }
        Ok(None)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Returns the origin of the settings, for later messages.
    pub fn origin(&self) -> Origin {
        let is_default_cli = self.method.is_none() && self.get("use_cli").is_none();
        Origin::new(&self.prefix, self.values.keys().copied(), is_default_cli)
            .with_sources(self.sources.clone())
    }

    /// Returns the options of the Graph client.
    pub fn options(&self, user_agent: &str) -> Result<Options, Diagnostic> {
        let cloud = match self.get("environment") {
            Some(name) => name
                .parse()
                .map_err(|_| self.invalid("environment", CLOUDS))?,
            None => Cloud::Global,
        };
        let endpoints = Endpoints::new(
            cloud,
            self.get("graph_endpoint"),
            self.get("login_endpoint"),
        )
        .and_then(|endpoints| endpoints.mismatch().map_or(Ok(endpoints), Err))
        .map_err(|error| mistakes::endpoint(&self.prefix, &error))?;
        let tenant_id = self.guid("tenant_id")?;
        let tenant_id = tenant_id.ok_or_else(|| self.no_tenant())?;
        Ok(Options {
            tenant_id,
            client_id: self.client_id()?,
            sign_in: self.sign_in()?,
            endpoints,
            max_retries: self.max_retries()?,
            request_timeout: self.request_timeout()?,
            replication_timeout: self.replication_timeout()?,
            user_agent: user_agent.to_owned(),
            redactor: self.redactor.clone(),
        })
    }

    /// Returns the error if no tenant is set. Functions work without one.
    pub fn missing_tenant(&self) -> Option<MissingTenant> {
        self.get("tenant_id").is_none().then(|| MissingTenant {
            how: self.no_tenant(),
            may_be_default: self.get("environment_prefix").is_none(),
        })
    }

    fn no_tenant(&self) -> Diagnostic {
        self.missing(
            "tenant_id",
            "The provider must know which tenant it manages.",
        )
    }

    fn max_retries(&self) -> Result<u32, Diagnostic> {
        let Some(text) = self.get("max_retries") else {
            return Ok(8);
        };
        text.trim()
            .parse()
            .map_err(|_| self.invalid("max_retries", "a whole number such as 8"))
    }

    fn request_timeout(&self) -> Result<Duration, Diagnostic> {
        let Some(text) = self.get("request_timeout") else {
            return Ok(Duration::from_secs(60));
        };
        terraform::duration(text.trim())
            .ok_or_else(|| self.invalid("request_timeout", "a length of time such as \"30s\""))
    }

    fn replication_timeout(&self) -> Result<Option<Duration>, Diagnostic> {
        let Some(text) = self.get("replication_timeout") else {
            return Ok(None);
        };
        let read = terraform::duration(text.trim());
        read.map(Some)
            .ok_or_else(|| self.invalid("replication_timeout", "a length of time such as \"2m\""))
    }

    /// Checks a GUID, which may have come unchecked from the environment.
    pub(super) fn guid(&self, name: &'static str) -> Result<Option<String>, Diagnostic> {
        match self.get(name).map(str::trim) {
            Some(text) if !is_guid(text) => {
                self.redactor.suspect(text);
                Err(mistakes::invalid_id(&self.prefix, name, text))
            }
            text => Ok(text.map(str::to_lowercase)),
        }
    }

    fn client_id(&self) -> Result<String, Diagnostic> {
        let from_file = self.file("client_id_file_path")?;
        if let Some(text) = from_file.as_deref().filter(|text| !is_guid(text)) {
            return Err(mistakes::invalid_id(
                &self.prefix,
                "client_id_file_path",
                text,
            ));
        }
        match (self.guid("client_id")?, from_file) {
            (Some(client_id), Some(other)) if !client_id.eq_ignore_ascii_case(&other) => {
                Err(mistakes::two_values("client_id", "client_id_file_path"))
            }
            (Some(client_id), _) | (None, Some(client_id)) => Ok(client_id),
            (None, None) if matches!(self.method, None | Some(Method::Msi)) => Ok(String::new()),
            // Kubernetes sets the client ID in an environment variable of its own.
            (None, None) if self.method == Some(Method::Aks) => {
                Ok(std::env::var("AZURE_CLIENT_ID").unwrap_or_default())
            }
            (None, None) => Err(self.missing(
                "client_id",
                "The provider must know which application it signs in as.",
            )),
        }
    }

    /// Reads the file that an argument refers to.
    pub(super) fn file(&self, argument: &'static str) -> Result<Option<String>, Diagnostic> {
        let Some(path) = self.get(argument) else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| self.unreadable(argument, path, &error))?;
        let text = text.trim();
        if argument == "client_secret_file_path" {
            self.redactor.learn(&Secret::from(text));
        }
        Ok(Some(text.to_owned()))
    }

    /// Returns an error about an invalid value. The value is added to the redactor, because it may be a misplaced secret.
    pub(super) fn invalid(&self, argument: &'static str, expected: &str) -> Diagnostic {
        self.redactor
            .suspect(self.get(argument).unwrap_or_default());
        mistakes::invalid(&self.prefix, argument, expected)
    }

    pub(super) fn missing(&self, argument: &'static str, why: &str) -> Diagnostic {
        let elsewhere = self.elsewhere.get(argument).map(String::as_str);
        mistakes::missing(&self.prefix, argument, why, elsewhere)
    }

    pub(super) fn unreadable(
        &self,
        argument: &'static str,
        path: &str,
        error: &std::io::Error,
    ) -> Diagnostic {
        mistakes::unreadable(&self.prefix, argument, path, error)
    }
}
