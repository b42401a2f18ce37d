//! The routes, each with its description: neither is written without the other.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodRouter, delete, get, post, put};
use serde_json::Value;

use crate::api::openapi::{OpenApi, Operation};
use crate::desk::Desk;

/// The routes and their description as they grow.
pub(crate) struct Routes {
    router: Router<Desk>,
    described: OpenApi,
}

impl Routes {
    pub(crate) fn new() -> Routes {
        Routes { router: Router::new(), described: OpenApi::new() }
    }

    pub(crate) fn get<H, T>(self, path: &str, handler: H, describe: impl FnOnce(Operation<'_>) -> Operation<'_>) -> Self
    where
        H: Handler<T, Desk>,
        T: 'static,
    {
        self.add("get", path, get(handler), describe)
    }

    pub(crate) fn post<H, T>(
        self,
        path: &str,
        handler: H,
        describe: impl FnOnce(Operation<'_>) -> Operation<'_>,
    ) -> Self
    where
        H: Handler<T, Desk>,
        T: 'static,
    {
        self.add("post", path, post(handler), describe)
    }

    pub(crate) fn put<H, T>(self, path: &str, handler: H, describe: impl FnOnce(Operation<'_>) -> Operation<'_>) -> Self
    where
        H: Handler<T, Desk>,
        T: 'static,
    {
        self.add("put", path, put(handler), describe)
    }

    pub(crate) fn delete<H, T>(
        self,
        path: &str,
        handler: H,
        describe: impl FnOnce(Operation<'_>) -> Operation<'_>,
    ) -> Self
    where
        H: Handler<T, Desk>,
        T: 'static,
    {
        self.add("delete", path, delete(handler), describe)
    }

    /// Adds the routes of a resource.
    pub(crate) fn with(self, add: impl FnOnce(Routes) -> Routes) -> Self {
        add(self)
    }

    /// Describes a route that is added elsewhere.
    pub(crate) fn describe(
        mut self,
        method: &str,
        path: &str,
        describe: impl FnOnce(Operation<'_>) -> Operation<'_>,
    ) -> Self {
        self.described.add(method, path, describe);
        self
    }

    /// Returns the routes and their description.
    pub(crate) fn finish(self) -> (Router<Desk>, Value) {
        (self.router, self.described.finish())
    }

    fn add(
        self,
        method: &str,
        path: &str,
        handler: MethodRouter<Desk>,
        describe: impl FnOnce(Operation<'_>) -> Operation<'_>,
    ) -> Self {
        let Routes { router, described } = self.describe(method, path, describe);
        Routes { router: router.route(path, handler), described }
    }
}
