//! Access tokens: formatted like the real ones, bound to a tenant and an app, with an expiration time.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The tenant and app of a token.
#[derive(Debug, PartialEq)]
pub(super) struct Bearer {
    pub(super) tenant: String,
    pub(super) app: String,
}

/// Why a token is not accepted.
#[derive(Debug, PartialEq)]
pub(super) enum TokenError {
    Malformed,
    Expired,
}

fn key(secret: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Issues a token; `now` and `lifetime` are in seconds.
pub(super) fn issue(
    secret: &str,
    tenant: &str,
    app: &str,
    audience: &str,
    now: i64,
    lifetime: i64,
) -> String {
    let header = part(&json!({ "typ": "JWT", "alg": "HS256" }));
    let claims = part(&json!({
        "aud": audience, "iss": format!("https://sts.windows.net/{tenant}/"), "iat": now, "nbf": now,
        "exp": now + lifetime, "appid": app, "tid": tenant, "ver": "1.0",
        "uti": uuid::Uuid::new_v4().simple().to_string(),
    }));
    let signed = format!("{header}.{claims}");
    let tag = hmac::sign(&key(secret), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

/// Verifies a token that was issued with the same secret.
pub(super) fn read(secret: &str, token: &str, now: i64) -> Result<Bearer, TokenError> {
    let (signed, tag) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let tag = URL_SAFE_NO_PAD
        .decode(tag)
        .map_err(|_| TokenError::Malformed)?;
    hmac::verify(&key(secret), signed.as_bytes(), &tag).map_err(|_| TokenError::Malformed)?;
    let claims = claims(token).ok_or(TokenError::Malformed)?;
    if claims["exp"].as_i64().is_none_or(|end| end <= now) {
        return Err(TokenError::Expired);
    }
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    Ok(Bearer {
        tenant: text("tid"),
        app: text("appid"),
    })
}

/// The claims of a JWT, not verified.
pub(super) fn claims(jwt: &str) -> Option<Value> {
    decoded(jwt.split('.').nth(1)?)
}

/// The header of a JWT.
pub(super) fn header(jwt: &str) -> Option<Value> {
    decoded(jwt.split('.').next()?)
}

fn decoded(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_name_their_bearer_until_they_expire() {
        let token = issue("k", "t", "a", "x", 100, 60);
        assert_eq!(
            read("k", &token, 159).unwrap(),
            Bearer {
                tenant: "t".into(),
                app: "a".into()
            }
        );
        assert_eq!(read("k", &token, 160), Err(TokenError::Expired));
        assert_eq!(read("other", &token, 100), Err(TokenError::Malformed));
        assert_eq!(read("k", "abc", 100), Err(TokenError::Malformed));
        assert_eq!(
            read("k", &token.replace('.', ".e"), 100),
            Err(TokenError::Malformed)
        );
    }
}
