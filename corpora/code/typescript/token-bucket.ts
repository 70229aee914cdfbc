/**
 * Per-client throttling with token buckets.
 *
 * A bucket is never ticked by a timer. Its level is worked out from the
 * elapsed time whenever somebody asks, so ten thousand idle clients cost
 * nothing but the memory they sit in, and `sweep` gets that back.
 */

export interface BucketOptions {
  /** Largest burst a client may spend at once. */
  capacity: number;
  /** Tokens regained per second. */
  refillRate: number;
  /** Injected for tests; defaults to the wall clock, in milliseconds. */
  now?: () => number;
}

export type Verdict =
  | { allowed: true; remaining: number }
  | { allowed: false; retryAfterMs: number };

interface Bucket {
  level: number;
  updatedAt: number;
}

export class Throttle {
  private readonly buckets = new Map<string, Bucket>();
  private readonly now: () => number;

  constructor(private readonly options: BucketOptions) {
    if (options.capacity <= 0 || options.refillRate <= 0) {
      throw new RangeError("capacity and refillRate must be positive");
    }
    this.now = options.now ?? Date.now;
  }

  /** Try to spend `cost` tokens on behalf of `client`. */
  take(client: string, cost = 1): Verdict {
    if (cost > this.options.capacity) {
      throw new RangeError(`cost ${cost} can never be met`);
    }
    const bucket = this.topUp(client);
    if (bucket.level >= cost) {
      bucket.level -= cost;
      return { allowed: true, remaining: Math.floor(bucket.level) };
    }
    const missing = cost - bucket.level;
    const retryAfterMs = Math.ceil((missing / this.options.refillRate) * 1000);
    return { allowed: false, retryAfterMs };
  }

  /** Forget clients whose bucket has filled up again. Returns how many. */
  sweep(): number {
    let dropped = 0;
    for (const client of [...this.buckets.keys()]) {
      if (this.topUp(client).level >= this.options.capacity) {
        this.buckets.delete(client);
        dropped += 1;
      }
    }
    return dropped;
  }

  private topUp(client: string): Bucket {
    const at = this.now();
    let bucket = this.buckets.get(client);
    if (bucket === undefined) {
      bucket = { level: this.options.capacity, updatedAt: at };
      this.buckets.set(client, bucket);
      return bucket;
    }
    // A clock that steps backwards must not drain anybody.
    const elapsed = Math.max(0, at - bucket.updatedAt) / 1000;
    const refilled = bucket.level + elapsed * this.options.refillRate;
    bucket.level = Math.min(this.options.capacity, refilled);
    bucket.updatedAt = at;
    return bucket;
  }
}
