//! The support itself: what every other test leans on.

use std::time::Duration;

use rectify_tests::proxy::Proxy;
use rectify_tests::{folder, nats, postgres, until};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const LIMIT: Duration = Duration::from_secs(10);

async fn answers(url: &str) -> bool {
    let psql = tokio::process::Command::new("psql").args(["-X", "-d", url, "-c", "SELECT 1"]).output().await;
    psql.is_ok_and(|output| output.status.success())
}

#[tokio::test]
async fn a_postgres_database_is_dropped_with_its_test() {
    let database = postgres::database().await;
    let url = database.url().to_owned();
    assert!(answers(&url).await);
    drop(database);
    assert!(!answers(&url).await);
}

#[tokio::test]
async fn a_postgres_cluster_comes_back_with_its_data() {
    let mut cluster = postgres::Cluster::start().await;
    let database = cluster.database().await;
    cluster.kill().await;
    assert!(!answers(database.url()).await);
    cluster.restart().await;
    assert!(answers(database.url()).await);
}

#[tokio::test]
async fn a_postgres_database_is_reached_through_a_proxy() {
    let database = postgres::database().await;
    let proxy = Proxy::before(database.port()).await;
    let url = database.url_through(proxy.port());
    assert!(answers(&url).await);
    proxy.cut();
    assert!(!answers(&url).await);
}

#[tokio::test]
async fn a_nats_server_comes_back_on_its_port() {
    let mut server = nats::server().await;
    let port = server.port();
    let reached = async || TcpStream::connect(("127.0.0.1", port)).await.is_ok();
    assert!(reached().await);
    server.kill().await;
    assert!(!reached().await);
    server.restart().await;
    assert_eq!(server.port(), port);
    assert!(reached().await);
}

#[tokio::test]
async fn a_folder_is_removed_with_its_test() {
    let folder = folder();
    let path = folder.path().to_owned();
    std::fs::write(path.join("file"), "text").unwrap();
    drop(folder);
    assert!(!path.exists());
}

#[tokio::test]
#[should_panic(expected = "until pigs fly")]
async fn a_condition_that_does_not_come_fails_the_test() {
    until(Duration::from_millis(30), "pigs fly", async || false).await;
}

#[tokio::test]
async fn a_proxy_cuts_freezes_and_restores_the_line() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let proxy = Proxy::before(listener.local_addr().unwrap().port()).await;
    let echo = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
            });
        }
    });

    let mut stream = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
    let mut buffer = [0; 4];
    stream.write_all(b"open").await.unwrap();
    stream.read_exact(&mut buffer).await.unwrap();
    assert_eq!(&buffer, b"open");

    proxy.freeze();
    stream.write_all(b"kept").await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(100), stream.read_exact(&mut buffer)).await;
    assert!(early.is_err(), "a frozen line lets nothing through");
    proxy.restore();
    stream.read_exact(&mut buffer).await.unwrap();
    assert_eq!(&buffer, b"kept");

    proxy.cut();
    assert_eq!(tokio::time::timeout(LIMIT, stream.read(&mut buffer)).await.unwrap().unwrap_or(0), 0);
    let mut refused = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
    assert_eq!(refused.read(&mut buffer).await.unwrap_or(0), 0);
    echo.abort();
}
