//! Counts and durations of the process, as Prometheus reads them.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::shutdown::Shutdown;

/// The bounds of what is measured in seconds.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Recorded durations wait in memory until they are counted.
const UPKEEP: Duration = Duration::from_secs(15);

/// The recorder of the process. There is one, however often it is asked for.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Returns the recorder, installed for the whole process the first time.
    #[expect(clippy::missing_panics_doc, reason = "the bounds are a constant that is not empty")]
    pub fn install() -> Metrics {
        static INSTALLED: OnceLock<PrometheusHandle> = OnceLock::new();
        let handle = INSTALLED.get_or_init(|| {
            let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("seconds".into()), &SECONDS);
            let recorder = builder.expect("the bounds are not empty").build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another recorder has the metrics, /metrics stays empty");
            }
            handle
        });
        Metrics(handle.clone())
    }

    /// Returns everything recorded, in the text format of Prometheus.
    pub fn text(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }

    /// Keeps what is recorded small, until the shutdown begins.
    pub fn keep(&self, shutdown: &Shutdown) {
        let (handle, begun) = (self.0.clone(), shutdown.begun());
        tokio::spawn(async move {
            tokio::pin!(begun);
            while tokio::time::timeout(UPKEEP, &mut begun).await.is_err() {
                handle.run_upkeep();
            }
        });
    }
}
