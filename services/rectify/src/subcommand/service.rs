//! One service in a process of its own, beside the others.

use rectify_kit::{Frame, Part, shutdown};

use crate::composition::{self, Service};
use crate::settings::Settings;

/// Runs a service until the process is told to end.
pub async fn run(settings: &Settings, service: Service) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_service()?;
    let frame = Frame::open(config, Part::Service(service.name())).await?;
    frame.shutdown.on_signals()?;
    composition::start(&frame, &[service]).await?;
    tracing::info!(service = service.name(), log = %frame.log.id(), "at work");
    frame.shutdown.finished(shutdown::PATIENCE).await
}
