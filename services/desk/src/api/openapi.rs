//! The description of the API (OpenAPI 3.1), built route by route from the types that the handlers read and write.

use axum::http::StatusCode;
use rectify_case::{Command, Happened};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::api::asked::{DOCUMENT, HAPPENED, LONGEST_KEY};
use crate::api::evidence::FILE_NAME;
use crate::caller::{ON_BEHALF_OF, ROLE, UNIT};
use crate::problem::ProblemDocument;

/// The description as it grows.
pub(crate) struct OpenApi {
    paths: Map<String, Value>,
    schemas: SchemaGenerator,
}

impl OpenApi {
    pub(crate) fn new() -> OpenApi {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        OpenApi { paths: Map::new(), schemas: settings.into_generator() }
    }

    /// Adds one operation.
    pub(crate) fn add(&mut self, method: &str, path: &str, describe: impl FnOnce(Operation<'_>) -> Operation<'_>) {
        let operation = Operation::new(path, &mut self.schemas);
        let described = describe(operation).value;
        let item = self.paths.entry(path.replace("{*", "{")).or_insert_with(|| json!({}));
        item[method] = described;
    }

    /// Returns the whole document.
    pub(crate) fn finish(mut self) -> Value {
        self.schemas.definitions_mut().remove("Command");
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Rectify 整改台账",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "Rectification cases: findings in, verified closures out. Texts of problems are told in \
                    Chinese or English, by Accept-Language. A command names the version it has seen (If-Match) and a \
                    key of the caller's own (Idempotency-Key): sent again with the same key, it returns its first \
                    answer.",
            },
            "paths": self.paths,
            "components": {
                "schemas": self.schemas.take_definitions(true),
                "securitySchemes": {
                    "token": { "type": "http", "scheme": "bearer", "description": "A token of `rectify token issue`." },
                },
            },
            "security": [{ "token": [] }],
        })
    }
}

/// One operation as it is described.
pub(crate) struct Operation<'a> {
    value: Value,
    schemas: &'a mut SchemaGenerator,
}

impl Operation<'_> {
    fn new<'a>(path: &str, schemas: &'a mut SchemaGenerator) -> Operation<'a> {
        let in_path = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        // One that takes the rest of an address is a parameter like any other.
        let in_path = in_path.map(|name| name.trim_start_matches('*'));
        let parameters: Vec<Value> = in_path.map(path_parameter).collect();
        let operation = Operation { value: json!({ "parameters": parameters, "responses": {} }), schemas };
        operation.problems(&[401, 429, 500, 503])
    }

    /// Names it, and says in one sentence what it does.
    pub(crate) fn says(mut self, id: &str, summary: &str) -> Self {
        self.value["operationId"] = json!(id);
        self.value["summary"] = json!(summary);
        self
    }

    /// Adds what the summary has no room for.
    pub(crate) fn explains(mut self, description: &str) -> Self {
        self.value["description"] = json!(description);
        self
    }

    /// Says that nobody needs a token for it.
    pub(crate) fn open_to_all(mut self) -> Self {
        self.value["security"] = json!([]);
        self.value["responses"] = json!({});
        self
    }

    /// Adds the fields of a type as parameters of the query.
    pub(crate) fn query<T: JsonSchema>(mut self) -> Self {
        let name = T::schema_name();
        self.schemas.subschema_for::<T>();
        let schema = self.schemas.definitions_mut().remove(name.as_ref()).unwrap_or_default();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let mut field = field.clone();
            let description = field.as_object_mut().and_then(|field| field.remove("description"));
            self = self.parameter(json!({
                "name": name, "in": "query", "description": description, "schema": bounded(without_null(field)),
            }));
        }
        self.problems(&[400])
    }

    /// Adds the headers that say in what capacity the caller acts.
    pub(crate) fn in_capacity(self) -> Self {
        let id = || json!({ "type": "string", "format": "uuid" });
        let role = self.schemas.subschema_for::<rectify_case::Role>();
        let header = |name: &str, description: &str, schema: Value| json!({ "name": name, "in": "header", "description": description, "schema": schema });
        self.parameter(header(UNIT, "The unit acted in, where several would fit.", id()))
            .parameter(header(ROLE, "The role acted in, where several would fit.", role.to_value()))
            .parameter(header(ON_BEHALF_OF, "The person acted for (代办), under a delegation in force.", id()))
            .problems(&[400, 403])
    }

    /// Adds the key that every write comes with.
    pub(crate) fn keyed(self) -> Self {
        self.parameter(json!({
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "The caller's own key for this request: sent again, it returns its first answer.",
            "schema": { "type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$" },
        }))
        .problems(&[400, 422, 428, 507])
    }

    /// Adds what a command comes with.
    pub(crate) fn commanding(self) -> Self {
        self.keyed()
            .in_capacity()
            .parameter(json!({
                "name": "If-Match", "in": "header", "required": true,
                "description": "The version seen, as the ETag gave it.",
                "schema": { "type": "string", "pattern": "^\"[0-9]{1,19}\"$" },
            }))
            .late()
            .problems(&[404, 409, 412, 413, 415])
    }

    fn late(self) -> Self {
        let schema = self.schemas.subschema_for::<Happened>().to_value();
        let happened = "When it really happened, a day or an instant, where the office enters it later (补录).";
        let document = "The document that shows it, as percent-encoded UTF-8.";
        self.parameter(json!({ "name": HAPPENED, "in": "header", "description": happened, "schema": schema }))
            .parameter(json!({ "name": DOCUMENT, "in": "header", "description": document, "schema": encoded() }))
    }

    /// Adds the name that a file comes with.
    pub(crate) fn named(self) -> Self {
        self.parameter(json!({
            "name": FILE_NAME, "in": "header", "required": true,
            "description": "The file's name, as percent-encoded UTF-8.", "schema": encoded(),
        }))
    }

    /// Adds one parameter.
    pub(crate) fn parameter(mut self, parameter: Value) -> Self {
        if let Some(parameters) = self.value["parameters"].as_array_mut() {
            parameters.push(parameter);
        }
        self
    }

    /// Says what is sent.
    pub(crate) fn takes<T: JsonSchema>(self) -> Self {
        let schema = self.schemas.subschema_for::<T>().to_value();
        self.takes_as("application/json", &schema).problems(&[400, 413, 415, 422])
    }

    /// Says that the fields of a command are sent.
    pub(crate) fn takes_command(self, name: &str) -> Self {
        let schema = fields_of(name, self.schemas);
        self.takes_as("application/json", &schema).problems(&[400, 413, 415, 422])
    }

    /// Says what is sent, by its media type.
    pub(crate) fn takes_as(mut self, media_type: &str, schema: &Value) -> Self {
        self.value["requestBody"] = json!({ "required": true, "content": { media_type: { "schema": schema } } });
        self
    }

    /// Says what is answered.
    pub(crate) fn answers<T: JsonSchema>(self, status: StatusCode, description: &str) -> Self {
        let schema = self.schemas.subschema_for::<T>().to_value();
        self.answers_as(status, description, "application/json", &schema)
    }

    /// Says what is answered, by its media type.
    pub(crate) fn answers_as(
        mut self,
        status: StatusCode,
        description: &str,
        media_type: &str,
        schema: &Value,
    ) -> Self {
        self.value["responses"][status.as_str()] =
            json!({ "description": description, "content": { media_type: { "schema": schema } } });
        self
    }

    /// Says that server-sent events are answered, each with such data. The schema is that of one of them.
    pub(crate) fn streams<T: JsonSchema>(self, description: &str) -> Self {
        let data = self.schemas.subschema_for::<T>().to_value();
        let message = json!({
            "type": "object",
            "properties": {
                "id": { "type": "string" },
                "event": { "type": "string" },
                "data": { "type": "string", "contentMediaType": "application/json", "contentSchema": data },
            },
            "required": ["data"],
        });
        self.answers_as(StatusCode::OK, description, "text/event-stream", &message)
    }

    /// Says that the same is answered in another form to whoever accepts that.
    pub(crate) fn answers_also_as(mut self, media_type: &str, schema: &Value) -> Self {
        self.value["responses"][StatusCode::OK.as_str()]["content"][media_type] = json!({ "schema": schema });
        self
    }

    /// Says that nothing but the status is answered.
    pub(crate) fn answers_nothing(mut self, status: StatusCode, description: &str) -> Self {
        self.value["responses"][status.as_str()] = json!({ "description": description });
        self
    }

    /// Says with which statuses a problem may be answered.
    pub(crate) fn problems(mut self, statuses: &[u16]) -> Self {
        let schema = self.schemas.subschema_for::<ProblemDocument>().to_value();
        for status in statuses {
            let reason = StatusCode::from_u16(*status).ok().and_then(|status| status.canonical_reason());
            self.value["responses"][status.to_string()] = json!({
                "description": reason.unwrap_or_default(),
                "content": { "application/problem+json": { "schema": schema } },
            });
        }
        self
    }
}

fn path_parameter(name: &str) -> Value {
    let (description, schema) = match name {
        "case" => {
            ("The case's id, or its number such as 审计-2020-0007.", json!({ "type": "string", "maxLength": 200 }))
        }
        "level" => {
            ("The level, 0 to 7; 0 has the hashes of leaves.", json!({ "type": "string", "pattern": "^[0-7]$" }))
        }
        "path" => (
            "The number of the tile in groups of three digits, and its width where it is not full.",
            json!({ "type": "string", "pattern": "^[0-9]{3}$" }),
        ),
        "digest" => ("The file's SHA-256.", json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })),
        "sequence" => {
            ("Its place among what was set aside.", json!({ "type": "integer", "minimum": 1, "maximum": u64::MAX }))
        }
        "number" => ("Its number.", json!({ "type": "integer", "minimum": 1, "maximum": u64::MAX })),
        _ => ("Its id.", json!({ "type": "string", "format": "uuid" })),
    };
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema })
}

/// A text that is percent-encoded.
fn encoded() -> Value {
    json!({ "type": "string", "pattern": "^[ -~]+$" })
}

/// A number in a query is no larger than what is read, which a body's format says well enough.
fn bounded(mut schema: Value) -> Value {
    let most = match schema["format"].as_str() {
        Some("uint32") => u64::from(u32::MAX),
        Some("uint64") => u64::MAX,
        _ => return schema,
    };
    if schema["maximum"].is_null() {
        schema["maximum"] = json!(most);
    }
    schema
}

/// A parameter that is not given is left out, not null.
fn without_null(mut schema: Value) -> Value {
    if let Some(kinds) = schema.get_mut("type").and_then(Value::as_array_mut) {
        kinds.retain(|kind| kind != "null");
        if let [kind] = kinds.as_slice() {
            schema["type"] = kind.clone();
        }
    }
    if let Some(choices) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        choices.retain(|choice| choice["type"] != "null");
        if let [choice] = choices.as_slice() {
            return choice.clone();
        }
    }
    schema
}

/// Returns the schema of the fields of a command.
fn fields_of(name: &str, schemas: &mut SchemaGenerator) -> Value {
    schemas.subschema_for::<Command>();
    let commands = schemas.definitions().get("Command").cloned().unwrap_or_default();
    let all = commands["oneOf"].as_array().cloned().unwrap_or_default();
    let command = all.into_iter().find(|command| command["properties"]["type"]["const"] == name).unwrap_or_default();
    command["properties"].get("data").cloned().unwrap_or_else(|| json!({ "type": "object" }))
}

/// Returns the sentences that say what a command does.
pub(crate) fn summary_of(name: &str) -> String {
    let schema = schemars::schema_for!(Command).to_value();
    let all = schema["oneOf"].as_array().cloned().unwrap_or_default();
    let command = all.into_iter().find(|command| command["properties"]["type"]["const"] == name).unwrap_or_default();
    command["description"].as_str().unwrap_or_default().to_owned()
}
