//! A pod for tests: a fresh database of either kind, a clock that stands still, chance that repeats itself,
//! and no way out but the one that the test gives.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]
use crate::{
    Parts, Pod,
    access::{Admin, Owner, Viewer},
    contact::aspect::{self, AspectName},
    db::{self, Db, MIGRATIONS, Sql},
    env::{Clock as _, Entropy, Fetch, FetchError, FetchRequest, FetchResponse, TestClock, TestEntropy},
    id::{AspectId, PersonId, Timestamp, UserId},
    media::Files,
    person::store::{self as people, NewPerson},
    plugin::{NoPlugins, PluginHost},
    remote_pod,
    seal::Vault,
    sql,
};
use pappus_federation::key::{KeyError, PrivateKey};
use sqlx::{Connection as _, PgConnection, SqlSafeStr as _, postgres::PgConnectOptions};
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::Write as _,
    ops::Deref,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use tempfile::TempDir;

/// The moment at which every test begins: 2026-11-23 12:00 UTC.
pub const START: Timestamp = Timestamp(1_795_435_200_000_000);

/// The environment variable with the address of a PostgreSQL that tests may use.
pub const POSTGRES: &str = "TEST_POSTGRES";

/// Runs a story on a fresh pod of each kind: on SQLite, and on PostgreSQL where there is one for tests.
///
/// # Panics
/// When the story does.
pub async fn on_both(story: impl AsyncFn(TestPod)) {
    story(TestPod::new(Place::sqlite().await).await).await;
    if let Some(place) = Place::postgres().await {
        let schema = place.schema.clone().unwrap();
        story(TestPod::new(place).await).await;
        schema.drop().await;
    }
}

/// A migrated database for one test, thrown away with this value.
pub struct Place {
    /// The database.
    pub db: Db,
    folder: Option<TempDir>,
    schema: Option<Schema>,
}

#[derive(Clone)]
struct Schema {
    url: String,
    name: String,
}

static SCHEMAS: AtomicU32 = AtomicU32::new(0);

impl Place {
    /// A SQLite file: a copy of one that was migrated before.
    ///
    /// # Panics
    /// When there is no room for it.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test.sqlite");
        std::fs::copy(template().await, &file).unwrap();
        Self { db: Db::open_sqlite(&file, 2).await.unwrap(), folder: Some(folder), schema: None }
    }

    /// A schema of its own, where `TEST_POSTGRES` says where.
    ///
    /// # Panics
    /// When that server does not answer.
    pub async fn postgres() -> Option<Self> {
        let url = std::env::var(POSTGRES).ok().filter(|url| !url.is_empty())?;
        let number = SCHEMAS.fetch_add(1, Ordering::Relaxed);
        let schema = Schema { name: format!("t{}_{number}", std::process::id()), url };
        schema.run(format!("DROP SCHEMA IF EXISTS {} CASCADE", schema.name)).await;
        schema.run(format!("CREATE SCHEMA {}", schema.name)).await;
        let options: PgConnectOptions = schema.url.parse().unwrap();
        let db = Db::open_postgres(options.options([("search_path", &schema.name)]), 4).await.unwrap();
        db::migrate(&db).await.unwrap();
        Some(Self { db, folder: None, schema: Some(schema) })
    }
}

impl Schema {
    async fn run(&self, statement: String) {
        let mut conn = PgConnection::connect(&self.url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement).into_sql_str()).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
    }

    async fn drop(&self) {
        self.run(format!("DROP SCHEMA IF EXISTS {} CASCADE", self.name)).await;
    }
}

/// The migrated SQLite file that tests copy, made once for each state of the schema.
async fn template() -> PathBuf {
    let mut hash = DefaultHasher::new();
    for step in MIGRATIONS {
        step.sqlite.hash(&mut hash);
    }
    let file = std::env::temp_dir().join(format!("pappus-template-{:016x}.sqlite", hash.finish()));
    if !file.exists() {
        let folder = tempfile::tempdir_in(std::env::temp_dir()).unwrap();
        let fresh = folder.path().join("fresh.sqlite");
        let db = Db::open_sqlite(&fresh, 1).await.unwrap();
        db::migrate(&db).await.unwrap();
        db.close().await;
        std::fs::rename(fresh, &file).unwrap();
    }
    file
}

/// Entropy whose RSA keys are real and made beforehand: each key of a test run is another, and the next run
/// takes the same ones from the folder for temporary files instead of making them anew.
struct ReadyKeys(TestEntropy);

impl Entropy for ReadyKeys {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    fn private_key(&self) -> Result<PrivateKey, KeyError> {
        static TAKEN: AtomicU32 = AtomicU32::new(0);
        let number = TAKEN.fetch_add(1, Ordering::Relaxed);
        let file = std::env::temp_dir().join(format!("pappus-test-key-{number}.pem"));
        if let Some(key) = std::fs::read_to_string(&file).ok().and_then(|pem| PrivateKey::from_pem(&pem).ok())
        {
            return Ok(key);
        }
        let key = PrivateKey::generate()?;
        let mut fresh = tempfile::NamedTempFile::new().unwrap();
        fresh.write_all(key.to_pem()?.as_bytes()).unwrap();
        fresh.persist(file).unwrap();
        Ok(key)
    }
}

/// A way out that leads nowhere.
#[derive(Debug, Clone, Copy)]
pub struct NoFetch;

#[async_trait::async_trait]
impl Fetch for NoFetch {
    async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        Err(FetchError::Network(format!("a test without a network asked for {}", request.url)))
    }
}

/// What a test may choose about its pod.
pub struct Options {
    /// Where the pod says that it is; empty leaves it to the setup form.
    pub base_url: String,
    /// What it reaches.
    pub fetch: Arc<dyn Fetch>,
    /// What loads its plugins.
    pub plugin_host: Arc<dyn PluginHost>,
    /// Its clock; two pods of one story share one.
    pub clock: Arc<TestClock>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            base_url: "https://pod.test/".into(),
            fetch: Arc::new(NoFetch),
            plugin_host: Arc::new(NoPlugins),
            clock: Arc::new(TestClock::at(START)),
        }
    }
}

/// A pod with its clock; it is a [`Pod`] to every operation.
pub struct TestPod {
    /// The pod.
    pub pod: Arc<Pod>,
    /// Its clock.
    pub clock: Arc<TestClock>,
    _folder: Option<TempDir>,
}

impl Deref for TestPod {
    type Target = Pod;

    fn deref(&self) -> &Pod {
        &self.pod
    }
}

/// Somebody on the pod.
#[derive(Debug, Clone)]
pub struct Member {
    /// The proof that it is them.
    pub owner: Owner,
    /// The name across pods.
    pub guid: String,
    /// `alice@pod.test`.
    pub diaspora_id: String,
}

impl Member {
    /// Their account.
    pub const fn user(&self) -> UserId {
        self.owner.user()
    }

    /// Their identity.
    pub const fn person(&self) -> PersonId {
        self.owner.person()
    }

    /// As somebody who looks.
    pub const fn viewer(&self) -> Viewer {
        Viewer::Member(self.owner)
    }
}

impl TestPod {
    /// A pod on a database.
    pub async fn new(place: Place) -> Self {
        Self::with(place, Options::default()).await
    }

    /// A pod on a database, as the test wants it.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn with(place: Place, options: Options) -> Self {
        let mut seed = DefaultHasher::new();
        options.base_url.hash(&mut seed);
        let parts = Parts {
            db: place.db,
            clock: options.clock.clone(),
            entropy: Arc::new(ReadyKeys(TestEntropy::seeded(seed.finish()))),
            fetch: options.fetch,
            vault: Vault::new(&[7; 32]).unwrap(),
            media: Files::in_memory(),
            plugin_host: options.plugin_host,
            base_url: (!options.base_url.is_empty()).then(|| options.base_url.parse().unwrap()),
        };
        Self { pod: Pod::open(parts).await.unwrap(), clock: options.clock, _folder: place.folder }
    }

    /// A new member without aspects, whose password and key nobody knows: for stories that neither sign in
    /// nor send.
    ///
    /// # Panics
    /// When the name is taken.
    pub async fn member(&self, name: &str) -> Member {
        let now = self.clock.now();
        let (guid, diaspora_id) = (self.new_guid().to_string(), format!("{name}@{}", self.site().host()));
        let mut tx = self.db.begin().await.unwrap();
        let person = people::insert_local(&mut tx, &guid, &diaspora_id, "no key", now).await.unwrap();
        let user = tx.query(sql!(
            "INSERT INTO users (person_id, username, email, password_hash, private_key, role, language, color_mode,
                                default_public, last_seen_at, created_at)
             VALUES ($1, $2, $3, 'none', $4, 'member', 'en', 'auto', FALSE, $5, $5) RETURNING id"
        ));
        let user =
            user.bind(person).bind(name).bind(format!("{name}@mail.test")).bind(Vec::<u8>::new()).bind(now);
        let user: UserId = user.scalar().await.unwrap().unwrap();
        tx.commit().await.unwrap();
        Member { owner: Owner::new(user, person), guid, diaspora_id }
    }

    /// Somebody of another pod.
    ///
    /// # Panics
    /// When the ID has no host.
    pub async fn remote(&self, diaspora_id: &str) -> PersonId {
        let now = self.clock.now();
        let host = diaspora_id.split_once('@').unwrap().1;
        let mut tx = self.db.begin().await.unwrap();
        let pod = remote_pod::store::ensure(&mut tx, host, &format!("https://{host}/"), now).await.unwrap();
        let new = NewPerson {
            guids: self.new_guid().to_string().into(),
            diaspora_id: diaspora_id.into(),
            public_key: "no key".into(),
            remote_pod: pod,
        };
        let person = people::insert_remote(&mut tx, &new, now).await.unwrap();
        tx.commit().await.unwrap();
        person
    }

    /// A new aspect of a member.
    ///
    /// # Panics
    /// When there is one of that name.
    pub async fn aspect(&self, owner: &Member, name: &str) -> AspectId {
        aspect::create(self, owner.owner, AspectName::try_from(name).unwrap()).await.unwrap()
    }

    /// The proof that a test runs the pod.
    #[allow(clippy::unused_self, reason = "reads as what it is: the pod's admin")]
    pub const fn admin(&self) -> Admin {
        Admin::operator()
    }

    /// What a statement counts.
    ///
    /// # Panics
    /// When it does not count.
    pub async fn count(&self, sql: Sql) -> i64 {
        self.db.read().await.unwrap().query(sql).scalar().await.unwrap().unwrap()
    }

    /// Does something to the rows that no operation does yet.
    ///
    /// # Panics
    /// When the rows refuse.
    pub async fn run(&self, sql: Sql) -> u64 {
        let mut tx = self.db.begin().await.unwrap();
        let rows = tx.query(sql).run().await.unwrap();
        tx.commit().await.unwrap();
        rows
    }
}
