//! The environment of the tests: requests that are recorded for transcripts, waiting for replication, and objects that tests share, created
//! when the first test needs them.

use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::time::Instant;

use super::super::{Failure, Tenant};
use super::finding::{Obstacle, obstacle};
use super::made::CreatedPartners;
use graph::{self, Client, Exchange};
use resources::CrossTenant;

pub(super) use super::side::Side;

/// Prefix of the names of all created objects.
pub(super) const PREFIX: &str = "crosstenant-live";

/// Microsoft's template of a configuration for cross-tenant synchronization.
pub(super) const TEMPLATE: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";

/// The template of its job.
pub(super) const JOB_TEMPLATE: &str = "Azure2Azure";

/// An exchange and the tenant that it was sent to.
pub(super) type Entry = (Side, Exchange);

/// An application created by this command, with its service principal.
#[derive(Clone, Debug)]
pub(super) struct Configuration {
    pub(super) application: String,
    pub(super) principal: String,
}

/// The environment of the tests.
pub(super) struct Stage {
    tenants: [Tenant; 2],
    clients: [Client; 2],
    patience: Duration,
    pub(super) made: CreatedPartners,
    /// The reason why partner entries must not be changed, if any.
    pub(super) foreign_partners: Option<String>,
    configuration: Option<Configuration>,
    job: Option<String>,
    /// The exchanges before the first test, those that created shared objects, and those of the current test.
    pub(super) before: Vec<Entry>,
    shared: Vec<Entry>,
    current: Vec<Entry>,
}

impl Stage {
    pub(super) fn new(
        tenants: [Tenant; 2],
        patience: Duration,
        made: CreatedPartners,
    ) -> Result<Self, Failure> {
        let client = |tenant: &Tenant| {
            let context = tenant.provider().context();
            let context = context.map_err(|why| Failure::said("Signing in", "", &[why]))?;
            // Without waiting for replication, because a test evaluates what it observes.
            Ok::<_, Failure>(context.graph.impatient())
        };
        Ok(Self {
            clients: [client(&tenants[0])?, client(&tenants[1])?],
            tenants,
            patience,
            made,
            foreign_partners: None,
            configuration: None,
            job: None,
            before: Vec::new(),
            shared: Vec::new(),
            current: Vec::new(),
        })
    }

    /// The provider that is configured for a tenant.
    pub(super) fn provider(&self, side: Side) -> &CrossTenant {
        self.tenants[side as usize].provider()
    }

    /// The ID of a tenant.
    pub(super) fn id(&self, side: Side) -> &str {
        self.clients[side as usize].tenant_id()
    }

    /// Discards the exchanges of the previous test.
    pub(super) fn begin(&mut self) {
        self.current.clear();
    }

    /// Every exchange on which the current test depends, in order.
    pub(super) fn exchanges(&self) -> impl Iterator<Item = &Entry> {
        self.before.iter().chain(&self.shared).chain(&self.current)
    }

    /// Records all exchanges so far as those before the first test.
    pub(super) fn keep_as_before(&mut self) {
        self.before.append(&mut self.current);
    }

    /// Sends one request and returns the exchange, whatever its status. Returns an obstacle if a permission is missing or there is no
    /// response.
    pub(super) async fn ask(
        &mut self,
        side: Side,
        method: &str,
        path: &str,
        body: Option<Json>,
    ) -> Result<Exchange, Obstacle> {
        let client = &self.clients[side as usize];
        let exchange = client.ask(method, path, body.as_ref()).await;
        let exchange = exchange.map_err(|why| Obstacle(format!("{}: {why}", side.name())))?;
        self.current.push((side, exchange.clone()));
        if exchange.status == 403 && exchange.code() == "Authorization_RequestDenied" {
            return obstacle(Self::missing_permission(side, method, path));
        }
        Ok(exchange)
    }

    fn missing_permission(side: Side, method: &str, path: &str) -> String {
        let needed = graph::permissions::needed(method, path);
        let needed = needed.map_or("another permission", |access| access.permission);
        format!(
            "the application in the {} tenant needs {needed}",
            side.name()
        )
    }

    pub(super) async fn get(&mut self, side: Side, path: &str) -> Result<Exchange, Obstacle> {
        self.ask(side, "GET", path, None).await
    }

    /// Repeats a request until the response is `accepted`, or until the time is over, and returns the last exchange.
    pub(super) async fn eventually(
        &mut self,
        side: Side,
        (method, path, body): (&str, &str, Option<Json>),
        accepted: impl Fn(&Exchange) -> bool,
    ) -> Result<Exchange, Obstacle> {
        let until = Instant::now() + self.patience;
        let mut pause = Duration::from_millis(250);
        loop {
            let exchange = self.ask(side, method, path, body.clone()).await?;
            if accepted(&exchange) || Instant::now() + pause > until {
                return Ok(exchange);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(10));
        }
    }

    /// Repeats a request that must succeed; returns an obstacle if it does not.
    pub(super) async fn must(
        &mut self,
        side: Side,
        method: &str,
        path: &str,
        body: Option<Json>,
    ) -> Result<Exchange, Obstacle> {
        let done = self.eventually(side, (method, path, body), Exchange::succeeded);
        let done = done.await?;
        if done.succeeded() {
            return Ok(done);
        }
        obstacle(format!("{method} {path} was refused: {}", shown(&done)))
    }

    /// The configuration that tests share.
    pub(super) async fn configuration(&mut self) -> Result<Configuration, Obstacle> {
        if let Some(made) = &self.configuration {
            return Ok(made.clone());
        }
        let own = std::mem::take(&mut self.current);
        let made = self.instantiate().await;
        self.shared.append(&mut self.current);
        self.current = own;
        self.configuration = Some(made?);
        self.configuration
            .clone()
            .ok_or_else(|| Obstacle(String::new()))
    }

    /// Creates a configuration and waits until both of its objects can be read.
    pub(super) async fn instantiate(&mut self) -> Result<Configuration, Obstacle> {
        let path = format!("/applicationTemplates/{TEMPLATE}/instantiate");
        let body = json!({ "displayName": PREFIX });
        let answer = self.ask(Side::Source, "POST", &path, Some(body)).await?;
        let id = |of: &str| answer.response.pointer(&format!("/{of}/id"));
        let id = |of: &str| id(of).and_then(Json::as_str).map(str::to_owned);
        let (Some(application), Some(principal)) = (id("application"), id("servicePrincipal"))
        else {
            return obstacle(format!(
                "no configuration could be made: {}",
                shown(&answer)
            ));
        };
        let made = Configuration {
            application,
            principal,
        };
        for path in [made.application_path(), made.principal_path()] {
            self.must(Side::Source, "GET", &path, None).await?;
        }
        Ok(made)
    }

    /// Gives the shared configuration to a test that deletes it.
    pub(super) async fn take_configuration(&mut self) -> Result<Configuration, Obstacle> {
        let made = self.configuration().await?;
        self.configuration = None;
        self.job = None;
        // Later tests use another one.
        let own = std::mem::replace(&mut self.current, std::mem::take(&mut self.shared));
        self.current.extend(own);
        Ok(made)
    }

    /// The path of a job of the shared configuration, which is never started.
    pub(super) async fn job(&mut self) -> Result<String, Obstacle> {
        let jobs = self.configuration().await?.jobs_path();
        if self.job.is_none() {
            let own = std::mem::take(&mut self.current);
            let body = json!({ "templateId": JOB_TEMPLATE });
            let made = self.must(Side::Source, "POST", &jobs, Some(body)).await;
            self.shared.append(&mut self.current);
            self.current = own;
            let made = made?;
            self.job = made.response["id"].as_str().map(str::to_owned);
        }
        let id = self.job.as_deref().unwrap_or_default();
        Ok(format!("{jobs}/{}", graph::segment(id)))
    }
}

impl Configuration {
    pub(super) fn application_path(&self) -> String {
        format!("/applications/{}", graph::segment(&self.application))
    }

    pub(super) fn principal_path(&self) -> String {
        format!("/servicePrincipals/{}", graph::segment(&self.principal))
    }

    pub(super) fn jobs_path(&self) -> String {
        format!("{}/synchronization/jobs", self.principal_path())
    }
}

/// The status and error code of a response.
pub(super) fn shown(exchange: &Exchange) -> String {
    format!("{} {}", exchange.status, exchange.code())
        .trim()
        .to_owned()
}
