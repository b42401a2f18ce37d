//! The frame around a process's routes: health, metrics, one log line a request, limits.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tracing::Instrument as _;

use crate::config::Http;
use crate::health::Health;
use crate::ids;
use crate::metrics::Metrics;
use crate::shutdown::Shutdown;

mod client;
mod limit;

pub use client::client;
use limit::{Limit, limited};

/// How long the bytes of a request may stop coming.
const SILENCE: Duration = Duration::from_secs(30);

/// Returns routes with `/healthz`, `/readyz` and `/metrics` beside them, and limits, an id and a log line around them.
///
/// A route that takes more bytes than `http.body_limit` says so with its own `DefaultBodyLimit`.
pub fn framed(routes: Router, config: &Http, health: Health, metrics: Metrics) -> Router {
    let served = routes
        .layer(from_fn_with_state(config.timeout, timely))
        .layer(DefaultBodyLimit::max(config.body_limit))
        .layer(RequestBodyTimeoutLayer::new(SILENCE))
        .layer(from_fn_with_state(Limit::of(config), limited))
        .layer(from_fn(told));
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(readyz).with_state(health))
        .route("/metrics", get(async move || ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.text())))
        .merge(served)
}

/// Serves routes until the shutdown begins, then finishes what is under way.
pub async fn serve(listener: TcpListener, routes: Router, shutdown: &Shutdown) -> anyhow::Result<()> {
    tracing::info!(address = %listener.local_addr()?, "listening");
    let listener = listener.tap_io(|stream| {
        // Without it the last packet of a small answer may wait for 40 ms.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
    });
    let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, routes).with_graceful_shutdown(shutdown.begun()).await?)
}

async fn readyz(State(health): State<Health>) -> Response {
    let readiness = health.readiness().await;
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness)).into_response()
}

/// Answers in time, one way or the other.
async fn timely(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::CONTENT_TYPE, "application/problem+json"), (header::RETRY_AFTER, "5")],
            format!(
                r#"{{"type":"about:blank","title":"no answer in {} s","status":503,"code":"timed_out"}}"#,
                limit.as_secs()
            ),
        )
            .into_response(),
    }
}

/// What stands in a route for what nobody else may know, such as a one-time link.
const SECRET: &str = "{secret}";

/// Writes one line a request, with its path and its id; never a query or a body, for people are named there, nor a path that
/// lets in whoever knows it.
async fn told(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = ids::new();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let path = if route.contains(SECRET) { route.as_str() } else { request.uri().path() };
    let span = tracing::info_span!("request", request.id = %id, %method, path);

    let mut response = next.run(request).instrument(span.clone()).await;

    let status = response.status();
    let seconds = began.elapsed().as_secs_f64();
    span.in_scope(|| tracing::info!(status = status.as_u16(), seconds, "answered"));
    let labels = [("method", known(&method).to_owned()), ("route", route), ("status", status.as_u16().to_string())];
    metrics::histogram!("rectify_http_request_seconds", &labels).record(seconds);
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// A method may be any word, and every word would be one more thing to count.
fn known(method: &Method) -> &str {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE | Method::OPTIONS => {
            method.as_str()
        }
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use axum::body::Body;
    use axum::body::to_bytes;
    use axum::extract::ConnectInfo;
    use tower::ServiceExt as _;

    use super::*;

    fn config() -> Http {
        Http {
            listen: ([127, 0, 0, 1], 0).into(),
            public_url: None,
            proxy: None,
            rate: NonZeroU32::MIN,
            timeout: Duration::from_secs(1),
            body_limit: 8,
        }
    }

    async fn ask(routes: Router, health: Health, request: Request) -> (StatusCode, String) {
        let response = framed(routes, &config(), health, Metrics::install()).oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn get_of(path: &str) -> Request {
        Request::get(path).body(Body::empty()).unwrap()
    }

    #[tokio::test]
    async fn an_unready_process_is_alive_and_says_why_it_is_not_ready() {
        let health = Health::default();
        assert_eq!(ask(Router::new(), health.clone(), get_of("/readyz")).await.0, StatusCode::OK);
        health.check("bus", || async { Err("the server is too old".to_owned()) });
        assert_eq!(ask(Router::new(), health.clone(), get_of("/healthz")).await, (StatusCode::OK, "alive\n".into()));
        let (status, body) = ask(Router::new(), health, get_of("/readyz")).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(body, r#"{"ready":false,"checks":[{"name":"bus","ready":false,"reason":"the server is too old"}]}"#);
    }

    #[tokio::test]
    async fn whoever_asks_too_much_must_wait_and_others_need_not() {
        let routes = Router::new().route("/", get(async || "here"));
        let config = Http { proxy: Some([127, 0, 0, 1].into()), ..config() };
        let served = framed(routes, &config, Health::default(), Metrics::install());
        let asked = async |client: &str| {
            let mut request = get_of("/");
            request.headers_mut().insert("x-forwarded-for", client.parse().unwrap());
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
            served.clone().oneshot(request).await.unwrap()
        };
        for _ in 0..10 {
            assert_eq!(asked("10.0.0.1").await.status(), StatusCode::OK);
        }
        let refused = asked("10.0.0.1").await;
        assert_eq!(
            (refused.status(), &refused.headers()[header::RETRY_AFTER]),
            (StatusCode::TOO_MANY_REQUESTS, &"1".parse().unwrap())
        );
        assert_eq!(asked("10.0.0.2").await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn each_request_is_counted_by_its_route_and_not_by_its_path() {
        let routes = || Router::new().route("/cases/{id}", get(async || "here"));
        assert_eq!(ask(routes(), Health::default(), get_of("/cases/17?q=zhangsan")).await.1, "here");
        let (_, text) = ask(routes(), Health::default(), get_of("/metrics")).await;
        let counted = r#"rectify_http_request_seconds_count{method="GET",route="/cases/{id}",status="200"} 1"#;
        assert!(text.contains(counted), "{text}");
        assert!(!text.contains("zhangsan"), "{text}");
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_unless_the_route_takes_more() {
        let echo = || axum::routing::post(async |body: String| body);
        let routes = Router::new().route("/small", echo()).route("/large", echo().layer(DefaultBodyLimit::max(100)));
        let post = |path: &str| Request::post(path).body(Body::from("nine byte")).unwrap();
        assert_eq!(ask(routes.clone(), Health::default(), post("/small")).await.0, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(ask(routes, Health::default(), post("/large")).await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_request_without_an_answer_ends_with_a_problem() {
        let impatient = Http { timeout: Duration::from_millis(1), ..config() };
        let routes = Router::new().route("/slow", get(std::future::pending::<()>));
        let framed = framed(routes, &impatient, Health::default(), Metrics::install());
        let response = framed.oneshot(get_of("/slow")).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("timed_out"), "{body}");
    }

    #[tokio::test]
    async fn what_is_under_way_is_finished_after_the_shutdown_began() {
        let shutdown = Shutdown::new();
        let routes = {
            let shutdown = shutdown.clone();
            Router::new().route(
                "/last",
                get(async move || {
                    shutdown.begin();
                    tokio::task::yield_now().await;
                    "done"
                }),
            )
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (server, answer) = tokio::join!(serve(listener, routes, &shutdown), async move {
            use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET /last HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        });
        server.unwrap();
        assert!(answer.ends_with("done"), "{answer}");
    }
}
