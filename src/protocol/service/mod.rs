//! One short function per RPC, which decodes, calls and encodes.
//!
//! Every error is a diagnostic, including panics; a gRPC status means that the protocol itself was violated. All other RPCs
//! return `UNIMPLEMENTED`.

mod action;
mod answer;
mod data_source;
mod function;
mod identity;
mod list;
pub(super) mod prepared;
mod provider;
mod resource;
mod rpcs;

use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};

use proto::tfplugin6 as pb;
use proto::tfplugin6::provider_server::Provider as Serve;
pub use rpcs::Rpcs;

#[tonic::async_trait]
impl Serve for Rpcs {
    async fn get_metadata(
        &self,
        _: Request<pb::get_metadata::Request>,
    ) -> Result<Response<pb::get_metadata::Response>, Status> {
        let call = self.call("GetMetadata", "");
        call.answer(
            async { Ok(provider::metadata(self)) },
            pb::get_metadata::Response::default(),
        )
        .await
    }

    async fn get_provider_schema(
        &self,
        _: Request<pb::get_provider_schema::Request>,
    ) -> Result<Response<pb::get_provider_schema::Response>, Status> {
        let call = self.call("GetProviderSchema", "");
        call.answer(
            async { Ok(provider::schema(self)) },
            pb::get_provider_schema::Response::default(),
        )
        .await
    }

    async fn validate_provider_config(
        &self,
        request: Request<pb::validate_provider_config::Request>,
    ) -> Result<Response<pb::validate_provider_config::Response>, Status> {
        let call = self.call("ValidateProviderConfig", "");
        let otherwise = pb::validate_provider_config::Response::default();
        call.answer(
            async { provider::validate(self, &request.into_inner()) },
            otherwise,
        )
        .await
    }

    async fn configure_provider(
        &self,
        request: Request<pb::configure_provider::Request>,
    ) -> Result<Response<pb::configure_provider::Response>, Status> {
        let call = self.call("ConfigureProvider", "");
        let otherwise = pb::configure_provider::Response::default();
        call.answer(provider::configure(self, request.into_inner()), otherwise)
            .await
    }

    async fn stop_provider(
        &self,
        _: Request<pb::stop_provider::Request>,
    ) -> Result<Response<pb::stop_provider::Response>, Status> {
        self.provider.stop();
        Ok(Response::new(pb::stop_provider::Response::default()))
    }

    async fn validate_resource_config(
        &self,
        request: Request<pb::validate_resource_config::Request>,
    ) -> Result<Response<pb::validate_resource_config::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("ValidateResourceConfig", &request.type_name);
        let otherwise = pb::validate_resource_config::Response::default();
        call.answer(async { resource::validate(self, &request) }, otherwise)
            .await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<pb::upgrade_resource_state::Request>,
    ) -> Result<Response<pb::upgrade_resource_state::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("UpgradeResourceState", &request.type_name);
        let otherwise = pb::upgrade_resource_state::Response::default();
        call.answer(async { resource::upgrade(self, &request) }, otherwise)
            .await
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<pb::get_resource_identity_schemas::Request>,
    ) -> Result<Response<pb::get_resource_identity_schemas::Response>, Status> {
        let call = self.call("GetResourceIdentitySchemas", "");
        let otherwise = pb::get_resource_identity_schemas::Response::default();
        call.answer(async { Ok(identity::schemas(self)) }, otherwise)
            .await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<pb::upgrade_resource_identity::Request>,
    ) -> Result<Response<pb::upgrade_resource_identity::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("UpgradeResourceIdentity", &request.type_name);
        let otherwise = pb::upgrade_resource_identity::Response::default();
        call.answer(async { identity::upgrade(self, &request) }, otherwise)
            .await
    }

    async fn read_resource(
        &self,
        request: Request<pb::read_resource::Request>,
    ) -> Result<Response<pb::read_resource::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("ReadResource", &request.type_name);
        // Never null, which would mean that the object no longer exists.
        let otherwise = pb::read_resource::Response {
            new_state: request.current_state.clone(),
            private: request.private.clone(),
            new_identity: request.current_identity.clone(),
            ..pb::read_resource::Response::default()
        };
        call.answer(resource::read(self, request), otherwise).await
    }

    async fn plan_resource_change(
        &self,
        request: Request<pb::plan_resource_change::Request>,
    ) -> Result<Response<pb::plan_resource_change::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("PlanResourceChange", &request.type_name);
        let otherwise = pb::plan_resource_change::Response {
            planned_state: request.prior_state.clone(),
            planned_private: request.prior_private.clone(),
            planned_identity: request.prior_identity.clone(),
            ..pb::plan_resource_change::Response::default()
        };
        call.answer(resource::plan(self, request), otherwise).await
    }

    async fn apply_resource_change(
        &self,
        request: Request<pb::apply_resource_change::Request>,
    ) -> Result<Response<pb::apply_resource_change::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("ApplyResourceChange", &request.type_name);
        // After a failure the prior state is the best that is known, for deletions too.
        let otherwise = pb::apply_resource_change::Response {
            new_state: request.prior_state.clone(),
            private: request.planned_private.clone(),
            new_identity: resource::prior_identity(self, &request),
            ..pb::apply_resource_change::Response::default()
        };
        call.answer(resource::apply(self, request), otherwise).await
    }

    async fn import_resource_state(
        &self,
        request: Request<pb::import_resource_state::Request>,
    ) -> Result<Response<pb::import_resource_state::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("ImportResourceState", &request.type_name);
        let otherwise = pb::import_resource_state::Response::default();
        call.answer(resource::import(self, request), otherwise)
            .await
    }

    async fn generate_resource_config(
        &self,
        request: Request<pb::generate_resource_config::Request>,
    ) -> Result<Response<pb::generate_resource_config::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("GenerateResourceConfig", &request.type_name);
        let otherwise = pb::generate_resource_config::Response::default();
        call.answer(async { resource::generate(self, &request) }, otherwise)
            .await
    }

    async fn move_resource_state(
        &self,
        request: Request<pb::move_resource_state::Request>,
    ) -> Result<Response<pb::move_resource_state::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("MoveResourceState", &request.target_type_name);
        let otherwise = pb::move_resource_state::Response::default();
        call.answer(async { resource::move_from(self, request) }, otherwise)
            .await
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<pb::validate_data_resource_config::Request>,
    ) -> Result<Response<pb::validate_data_resource_config::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("ValidateDataResourceConfig", &request.type_name);
        let otherwise = pb::validate_data_resource_config::Response::default();
        call.answer(async { data_source::validate(self, &request) }, otherwise)
            .await
    }

    async fn read_data_source(
        &self,
        request: Request<pb::read_data_source::Request>,
    ) -> Result<Response<pb::read_data_source::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("ReadDataSource", &request.type_name);
        let otherwise = pb::read_data_source::Response::default();
        call.answer(data_source::read(self, request), otherwise)
            .await
    }

    async fn get_functions(
        &self,
        _: Request<pb::get_functions::Request>,
    ) -> Result<Response<pb::get_functions::Response>, Status> {
        let call = self.call("GetFunctions", "");
        call.answer(
            async { Ok(function::all(self)) },
            pb::get_functions::Response::default(),
        )
        .await
    }

    async fn call_function(
        &self,
        request: Request<pb::call_function::Request>,
    ) -> Result<Response<pb::call_function::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("CallFunction", &request.name);
        call.compute(async { function::call(self, &request) }).await
    }

    async fn validate_action_config(
        &self,
        request: Request<pb::validate_action_config::Request>,
    ) -> Result<Response<pb::validate_action_config::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("ValidateActionConfig", &request.type_name);
        let otherwise = pb::validate_action_config::Response::default();
        call.answer(async { action::validate(self, &request) }, otherwise)
            .await
    }

    async fn plan_action(
        &self,
        request: Request<pb::plan_action::Request>,
    ) -> Result<Response<pb::plan_action::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("PlanAction", &request.action_type);
        let otherwise = pb::plan_action::Response::default();
        call.answer(action::plan(self, request), otherwise).await
    }

    async fn invoke_action(
        &self,
        request: Request<pb::invoke_action::Request>,
    ) -> Result<Response<BoxStream<pb::invoke_action::Event>>, Status> {
        let request = request.into_inner();
        let call = self.call("InvokeAction", &request.action_type);
        Ok(Response::new(action::invoke(self, call, request)))
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<pb::validate_list_resource_config::Request>,
    ) -> Result<Response<pb::validate_list_resource_config::Response>, Status> {
        let request = request.into_inner();
        let call = self.call("ValidateListResourceConfig", &request.type_name);
        let otherwise = pb::validate_list_resource_config::Response::default();
        call.answer(async { list::validate(self, &request) }, otherwise)
            .await
    }

    async fn list_resource(
        &self,
        request: Request<pb::list_resource::Request>,
    ) -> Result<Response<BoxStream<pb::list_resource::Event>>, Status> {
        let request = request.into_inner();
        let call = self.call("ListResource", &request.type_name);
        Ok(Response::new(list::list(self, call, request)))
    }
}
