/**
 * Bearer tokens: somebody else reviews them, and what came of it is kept for a few seconds.
 *
 * Invariants: no token is kept, only its digest under a key of this process; equal tokens under review at one time share one
 * review; only an answer is kept, for as long whether it is yes or no, never an error.
 * Sources: k8s.io/apiserver/pkg/authentication/request/bearertoken/bearertoken.go, …/token/cache/cached_token_authenticator.go.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
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

/** Whose token it is; undefined: nobody's. Rejects where that could not be found out. */
export type AuthenticateToken = (token: string) => Promise<User | undefined>;

/** How long and how many answers are kept. */
export interface TokenCacheOptions {
  /** 0: nothing is kept. */
  readonly ttlMs?: number | undefined;
  readonly entriesMax?: number;
  /** Milliseconds of any clock that only goes on. */
  readonly nowMs?: () => number;
}

/** Upstream's default for delegated authentication. */
const TTL_MS = 10_000;
const ENTRIES_MAX = 8192;

/** A token could not be reviewed. The message never holds the token. */
export class TokenReviewError extends Error {
  override readonly name = 'TokenReviewError';
  readonly code = 'TOKEN_REVIEW';
}

/** Puts a cache before a review. */
export function createTokenAuthenticator(
  reviewToken: ReviewToken,
  {
    ttlMs = TTL_MS,
    entriesMax = ENTRIES_MAX,
    nowMs = (): number => performance.now(),
  }: TokenCacheOptions = {},
): AuthenticateToken {
  // To an LRUCache, 0 would mean for ever.
  if (ttlMs <= 0) return (token) => review(reviewToken, token);
  const secret = randomBytes(32);
  const cache = new LRUCache<string, { readonly user: User | undefined }, string>({
    max: entriesMax,
    ttl: ttlMs,
    ttlResolution: 0,
    perf: { now: nowMs },
    // A review under way is waited for, whatever else needs its place in the cache.
    ignoreFetchAbort: true,
    fetchMethod: async (_digest, _stale, { context: token }) => ({ user: await review(reviewToken, token) }),
  });
  return async (token) => {
    const digest = createHmac('sha256', secret).update(token).digest('base64');
    const answer = await cache.fetch(digest, { context: token });
    return answer?.user;
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
