/**
 * Bearer tokens: somebody else reviews them, and what came of it is kept for a few seconds.
 *
 * Invariants: no token is kept, only its digest under a key of this process; equal tokens under review at one time share one
 * review (unless nothing is kept); only an answer is kept, for as long whether it is yes or no, never an error; no more than
 * `reviewsMax` tokens are under review at once, and of one address a part of them, for anybody can make up tokens, and each
 * costs the cluster a request.
 * Sources: k8s.io/apiserver/pkg/authentication/request/bearertoken/bearertoken.go, …/token/cache/cached_token_authenticator.go.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { StatusError } from '../status.ts';
import type { User } from './user.ts';

/** What came of a TokenReview. */
export interface TokenReviewResult {
  readonly authenticated: boolean;
  /** There if authenticated. */
  readonly user?: User;
  /** Why the token could not be told; such an answer is an error, and is not kept. */
  readonly error?: string;
}

/** Asks the cluster whose token it is. Rejects where that could not be found out. */
export type ReviewToken = (token: string) => Promise<TokenReviewResult>;

/** Whose token it is, that came from an address; undefined: nobody's. Rejects where that could not be found out. */
export type AuthenticateToken = (token: string, from?: string) => Promise<User | undefined>;

/** A token, and the address it came from. */
interface Presented {
  readonly token: string;
  readonly from: string;
}

/** How long and how many answers are kept. */
export interface TokenCacheOptions {
  /** 0: nothing is kept. */
  readonly ttlMs?: number | undefined;
  readonly entriesMax?: number;
  /** Reviews under way at once. */
  readonly reviewsMax?: number;
  /** Of them, those of one address. */
  readonly reviewsEachMax?: number;
  /** Milliseconds of any clock that only goes on. */
  readonly nowMs?: () => number;
}

/** Upstream's default for delegated authentication. */
const TTL_MS = 10_000;
const ENTRIES_MAX = 8192;
const REVIEWS_MAX = 64;
/** So that it takes several machines to lock out everybody else with made-up tokens. */
const REVIEWS_EACH_MAX = 16;
const RETRY_AFTER_SECONDS = 1;

/** A token could not be reviewed. The message never holds the token. */
export class TokenReviewError extends Error {
  override readonly name = 'TokenReviewError';
  readonly code = 'TOKEN_REVIEW';
}

/**
 * Puts a cache before a review. What it returns throws StatusError TooManyRequests where a token would need a review and too
 * many are under way.
 */
export function createTokenAuthenticator(
  reviewToken: ReviewToken,
  {
    ttlMs = TTL_MS,
    entriesMax = ENTRIES_MAX,
    reviewsMax = REVIEWS_MAX,
    reviewsEachMax = REVIEWS_EACH_MAX,
    nowMs = (): number => performance.now(),
  }: TokenCacheOptions = {},
): AuthenticateToken {
  const bounded = boundedReview(reviewToken, reviewsMax, reviewsEachMax);
  // To an LRUCache, 0 would mean for ever.
  if (ttlMs <= 0) return bounded;
  const secret = randomBytes(32);
  const cache = new LRUCache<string, { readonly user: User | undefined }, Presented>({
    max: entriesMax,
    ttl: ttlMs,
    ttlResolution: 0,
    perf: { now: nowMs },
    // A review under way is waited for, whatever else needs its place in the cache.
    ignoreFetchAbort: true,
    fetchMethod: async (_digest, _stale, { context: { token, from } }) => ({
      user: await bounded(token, from),
    }),
  });
  return async (token, from = '') => {
    const digest = createHmac('sha256', secret).update(token).digest('base64');
    const answer = await cache.fetch(digest, { context: { token, from } });
    return answer?.user;
  };
}

/** Turns away what comes while too many reviews are under way: nobody is helped by a queue of made-up tokens. */
function boundedReview(reviewToken: ReviewToken, max: number, eachMax: number): AuthenticateToken {
  let underWay = 0;
  const underWayFrom = new Map<string, number>();
  return async (token, from = '') => {
    const ofSame = underWayFrom.get(from) ?? 0;
    if (underWay >= max || ofSame >= eachMax) {
      throw new StatusError(
        'TooManyRequests',
        'Too many tokens are under review, please try again later.',
        [],
        {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        },
      );
    }
    underWay += 1;
    underWayFrom.set(from, ofSame + 1);
    try {
      return await review(reviewToken, token);
    } finally {
      underWay -= 1;
      const left = (underWayFrom.get(from) ?? 1) - 1;
      if (left === 0) underWayFrom.delete(from);
      else underWayFrom.set(from, left);
    }
  };
}

async function review(reviewToken: ReviewToken, token: string): Promise<User | undefined> {
  const { authenticated, user, error = '' } = await reviewToken(token);
  if (authenticated && user !== undefined) return user;
  if (authenticated) throw new TokenReviewError('the review names no user');
  if (error !== '') throw new TokenReviewError(error);
  return undefined;
}

/** The token of an Authorization header; undefined where it holds none. Any case of the scheme, one space, as upstream. */
export function bearerToken(authorization: string | undefined): string | undefined {
  const [scheme = '', token = ''] = (authorization ?? '').trim().split(' ');
  return scheme.toLowerCase() === 'bearer' && token !== '' ? token : undefined;
}
