//! `/users/{id}/authentication/phoneMethods`, and SMS sign-in, which excludes users from synchronization.

use serde_json::{Value, json};

use super::users;
use crate::call::Call;
use crate::odata::{self, Entity};
use crate::reply::{Answer, Refusal, Reply};

/// The ID of the mobile phone method, which is the same in every tenant.
pub(crate) const MOBILE: &str = "3179e48a-750b-4051-897c-87b9720928f7";

const ENTITY: Entity = Entity {
    name: "phoneAuthenticationMethod",
    properties: &[
        "id",
        "createdDateTime",
        "phoneNumber",
        "phoneType",
        "smsSignInState",
    ],
    usual: &[],
    directory: false,
};

/// A mobile phone, with or without SMS sign-in.
pub(crate) fn mobile(number: &str, sms: bool) -> Value {
    json!({
        "id": MOBILE, "createdDateTime": null, "phoneNumber": number, "phoneType": "mobile",
        "smsSignInState": if sms { "ready" } else { "notEnabled" },
    })
}

/// Whether SMS sign-in is enabled for one of a user's methods.
pub(crate) fn sms_sign_in(methods: Option<&Vec<Value>>) -> bool {
    methods.is_some_and(|methods| {
        methods
            .iter()
            .any(|method| method["smsSignInState"] == "ready")
    })
}

pub(crate) fn list(call: &mut Call) -> Answer {
    let user = users::existing(call)?;
    let methods = call.tenant().phone_methods.get(&user).into_iter().flatten();
    odata::list(
        call,
        methods,
        &ENTITY,
        &format!("users('{user}')/authentication/phoneMethods"),
    )
}

fn existing<'c>(call: &'c mut Call<'_>) -> Result<&'c mut Value, Refusal> {
    let user = users::existing(call)?;
    let id = call.arg(1).to_owned();
    let methods = call
        .tenant_mut()
        .phone_methods
        .get_mut(&user)
        .into_iter()
        .flatten();
    methods
        .into_iter()
        .find(|method| method["id"] == *id)
        .ok_or_else(|| {
            Refusal::new(
                404,
                "resourceNotFound",
                "The requested authentication method was not found.",
            )
        })
}

pub(crate) fn get(call: &mut Call) -> Answer {
    let method = existing(call)?.clone();
    odata::single(call, &method, &ENTITY, "users/authentication/phoneMethods")
}

pub(crate) fn disable(call: &mut Call) -> Answer {
    switch(call, "notEnabled")
}

pub(crate) fn enable(call: &mut Call) -> Answer {
    switch(call, "ready")
}

fn switch(call: &mut Call, state: &str) -> Answer {
    call.optional_body(&[])?;
    let method = existing(call)?;
    if method["phoneType"] != "mobile" {
        return Err(Refusal::bad(
            "SMS sign-in is only available for mobile phones.",
        ));
    }
    method["smsSignInState"] = json!(state);
    Ok(Reply::no_content())
}
