"""The only Scrapy settings. Facts about a site, its pace among them, stand in `sources/<name>.toml`."""

import os

BOT_NAME = "intake-desk"
SPIDER_MODULES = ["crawlers.spiders"]
NEWSPIDER_MODULE = "crawlers.spiders"
COMMANDS_MODULE = "crawlers.commands"

# The workspace. What follows from these four is worked out by the add-on, when the command line is known.
DATA_DIR = os.environ.get("DATA_DIR") or "data"
DATABASE_URL = os.environ.get("DATABASE_URL") or ""
REPLAY_ORIGIN = os.environ.get("REPLAY_ORIGIN") or ""
INTAKE_CONTACT = os.environ.get("INTAKE_CONTACT") or ""
ADDONS = {"crawlers.workspace.Workspace": 0}

# Manners. A source may ask for more distance between requests, never for less care.
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = BOT_NAME  # RFC 9309 matches the product token, without version and comment
DOWNLOAD_DELAY = 1.0  # seconds; one page a second is what a reader with several tabs does
CONCURRENT_REQUESTS_PER_DOMAIN = 2  # a slow picture then does not hold up the pages
CONCURRENT_REQUESTS = 8  # at Ctrl-C these are still fetched, at the pace of their source, before the run ends
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 30.0  # a site this slow is in trouble, and 30 s still lets a night of 1,000 pages end
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0  # never more than one answer under way for each latency measured

# A page that refreshes itself is a challenge, not a case.
METAREFRESH_ENABLED = False

# Scrapy verifies no certificate, unless told otherwise.
DOWNLOAD_VERIFY_CERTIFICATES = True

DOWNLOAD_TIMEOUT = 60  # seconds; the largest film of the published collection takes 20 s at 1 MB/s
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024  # bytes; an uncompressed 16-bit film of 4,096 x 4,096 pixels is half of it
DOWNLOAD_WARNSIZE = DOWNLOAD_MAXSIZE // 2

RETRY_TIMES = 3
RETRY_PRIORITY_ADJUST = 1  # the page that failed asks whether the site is back, before all others run into the same
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # whoever asked for the page says that it did not come
RETRY_BACKOFF = 2.0  # seconds before the first retry of a 429 or 503 that names no time; doubled at each further one
RETRY_AFTER_MAX = 300.0  # seconds; a site that asks for longer is left alone until the next run

# Pages are asked for again only if they changed (ETag, Last-Modified); picture bytes live in the blobs.
HTTPCACHE_ENABLED = True
HTTPCACHE_POLICY = "crawlers.middlewares.cache.ChangedPagesPolicy"
HTTPCACHE_GZIP = True

# With JOBDIR set, the default queues lose a URL at SIGKILL; these keep all 60 of 60.
SCHEDULER_DISK_QUEUE = "scrapy.squeues.PickleLifoSQLiteQueue"
SCHEDULER_START_DISK_QUEUE = "scrapy.squeues.PickleFifoSQLiteQueue"

DOWNLOADER_MIDDLEWARES = {
    # No session is kept: nothing we crawl needs one, and the cookie jar would fetch a suffix list from the network.
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "crawlers.middlewares.snapshot.SnapshotMiddleware": 80,  # keeps only what was not refused as blocked
    "crawlers.middlewares.blocked.BlockedMiddleware": 90,  # before robots.txt can hide a redirect to a sign-in
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawlers.middlewares.robots.RobotsTxtMiddleware": 100,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "crawlers.middlewares.retry_after.RetryAfterMiddleware": 550,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    "crawlers.middlewares.cache.ChangedPagesMiddleware": 900,
}

ITEM_PIPELINES = {
    "pipelines.stages.KnownStage": 50,
    "pipelines.stages.MediaStage": 100,
    "pipelines.stages.FiguresStage": 200,
    "pipelines.stages.ReferencesStage": 300,
    "pipelines.stages.ReadingStage": 400,
    "pipelines.stages.DuplicatesStage": 500,
    "pipelines.stages.CandidatesStage": 600,
}
MEDIA_ALLOW_REDIRECTS = True  # sites move pictures to content hosts; Scrapy would take the redirect for a loss
PIPELINE_WORKERS = 2  # processes for decoding, hashing and reading; fetching keeps a core of its own
PIPELINE_PATIENCE = 120.0  # seconds; a film takes 30 ms, so a task this long hangs

EXTENSIONS = {
    # Two consoles that run Python, on unless told otherwise.
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
    "crawlers.extensions.run_log.RunLog": 0,
    "crawlers.extensions.run_report.RunReport": 0,
    "crawlers.extensions.progress.ProgressReport": 0,
}

# The terminal belongs to the progress bar and to what a person must act on; the run's own file holds the rest.
LOG_LEVEL = "WARNING"
LOG_FORMAT = "%(levelname)s %(name)s: %(message)s"
RUN_LOG_LEVEL = "INFO"  # DEBUG costs a third more processor time
