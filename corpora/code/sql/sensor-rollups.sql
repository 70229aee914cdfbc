-- Hourly rollups for the greenhouse sensors. SQLite dialect (3.28 or newer).
-- Run from cron a few minutes past the hour; running it twice is safe.

CREATE TABLE IF NOT EXISTS reading (
    sensor   TEXT    NOT NULL,
    taken_at INTEGER NOT NULL,          -- unix seconds, UTC
    celsius  REAL    NOT NULL,
    PRIMARY KEY (sensor, taken_at)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS hourly (
    sensor  TEXT    NOT NULL,
    hour    INTEGER NOT NULL,           -- taken_at rounded down to the hour
    samples INTEGER NOT NULL,
    low     REAL    NOT NULL,
    high    REAL    NOT NULL,
    mean    REAL    NOT NULL,
    PRIMARY KEY (sensor, hour)
) WITHOUT ROWID;

-- Only whole hours are rolled up. Late readings are common (the far tunnel
-- has poor radio), so the last two days are always recomputed.
INSERT INTO hourly (sensor, hour, samples, low, high, mean)
SELECT sensor,
       taken_at - taken_at % 3600 AS bucket,
       count(*),
       min(celsius),
       max(celsius),
       avg(celsius)
FROM reading
WHERE taken_at >= (strftime('%s', 'now') / 3600 - 48) * 3600
  AND taken_at <  (strftime('%s', 'now') / 3600) * 3600
  AND celsius BETWEEN -40 AND 70        -- outside this the probe is unplugged
GROUP BY sensor, bucket
ON CONFLICT (sensor, hour) DO UPDATE SET
    samples = excluded.samples,
    low     = excluded.low,
    high    = excluded.high,
    mean    = excluded.mean;

-- Hours in which a sensor jumped more than 6 degrees against its own
-- six-hour trend: usually a door left open.
WITH trend AS (
    SELECT sensor,
           hour,
           mean,
           avg(mean) OVER prior AS usual,
           count(*)  OVER prior AS seen
    FROM hourly
    WINDOW prior AS (
        PARTITION BY sensor ORDER BY hour
        RANGE BETWEEN 21600 PRECEDING AND 3600 PRECEDING
    )
)
SELECT sensor,
       datetime(hour, 'unixepoch') AS at_utc,
       round(mean, 1)              AS mean_c,
       round(mean - usual, 1)      AS departure
FROM trend
WHERE seen >= 4
  AND abs(mean - usual) > 6
ORDER BY hour DESC, sensor
LIMIT 50;

-- Raw readings are kept for ninety days.
DELETE FROM reading WHERE taken_at < strftime('%s', 'now', '-90 days') + 0;
