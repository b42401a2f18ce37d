//! What a process says about itself: its log lines, and its traces where somebody collects them.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt};

use crate::config::{Format, Telemetry};

type Layer = Box<dyn tracing_subscriber::Layer<Registry> + Send + Sync>;

/// Sends what is still held back when the process ends.
#[must_use = "traces are sent as long as this lives"]
pub struct Telling {
    #[cfg(feature = "server")]
    traces: Option<opentelemetry_sdk::trace::SdkTracerProvider>,
}

/// Begins to write log lines to the standard error, for the whole process. May be called once.
pub fn install(config: &Telemetry) -> anyhow::Result<Telling> {
    let filter = || EnvFilter::try_new(&config.level).context("telemetry.level is not a filter");
    let lines: Layer = match config.format {
        Format::Text => fmt::layer()
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr)
            .with_filter(filter()?)
            .boxed(),
        Format::Json => {
            fmt::layer().json().flatten_event(true).with_writer(std::io::stderr).with_filter(filter()?).boxed()
        }
    };
    let (layers, telling) = with_traces(config, vec![lines])?;
    tracing_subscriber::registry().with(layers).try_init().context("log lines are already written somewhere")?;
    std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a panic")));
    Ok(telling)
}

#[cfg(feature = "server")]
fn with_traces(config: &Telemetry, mut layers: Vec<Layer>) -> anyhow::Result<(Vec<Layer>, Telling)> {
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
    use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};

    let Some(endpoint) = &config.otlp else { return Ok((layers, Telling { traces: None })) };
    let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build()?;
    let traces = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("rectify").build())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(traces.tracer("rectify"));
    layers.push(layer.with_filter(EnvFilter::try_new(&config.level)?).boxed());
    Ok((layers, Telling { traces: Some(traces) }))
}

#[cfg(not(feature = "server"))]
fn with_traces(config: &Telemetry, layers: Vec<Layer>) -> anyhow::Result<(Vec<Layer>, Telling)> {
    anyhow::ensure!(
        config.otlp.is_none(),
        "telemetry.otlp is set, but this program was built without traces: build it with `--features server`"
    );
    Ok((layers, Telling {}))
}

impl Drop for Telling {
    fn drop(&mut self) {
        #[cfg(feature = "server")]
        if let Some(traces) = self.traces.take() {
            let _ = traces.shutdown();
        }
    }
}
