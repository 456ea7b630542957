/**
 * Whether somebody may do something: by asking the cluster, and remembering for a moment what it said.
 * Sources: k8s.io/apiserver/pkg/server/options/authorization.go, plugin/pkg/authorizer/webhook/webhook.go.
 *
 * Invariants: no failure ever becomes a yes, and none is remembered; equal questions that come while one is under way wait
 * for the same answer.
 */
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { messageOf } from '../../model/message-of.ts';
import { StatusError } from '../status.ts';
import type { Authorize, Decision } from './access-control.ts';
import { accessReviewSpec } from './access-review-spec.ts';
import type { Attributes } from './attributes.ts';
import { MASTERS_GROUP, type User } from './user.ts';

/** Asks the cluster whether a user may do something. Rejects where that could not be found out. */
export type ReviewAccess = (user: User, attributes: Attributes) => Promise<Decision>;

/** The paths that everybody may get: a kubelet's probes have no credentials. `/metrics` is none of them. */
export const ALWAYS_ALLOW_PATHS: readonly string[] = ['/healthz', '/readyz', '/livez'];

/** What an authorizer needs; the defaults are upstream's. */
export interface AuthorizerOptions {
  readonly reviewAccess: ReviewAccess;
  readonly logger: Pick<Logger, 'error'>;
  /** Milliseconds from any fixed point. */
  readonly now?: () => number;
  /** For how long a yes is remembered; 0: not at all. */
  readonly allowTtlMs?: number;
  /** For how long a no is remembered; 0: not at all. */
  readonly denyTtlMs?: number;
  /** How many answers are remembered. */
  readonly size?: number;
  /** Exact paths, or prefixes that end in `*`: `--authorization-always-allow-paths`. */
  readonly alwaysAllowPaths?: readonly string[];
}

const TTL_MS = 10_000;
const SIZE = 8192;
/** Longer questions are not remembered, lest a few fill the memory. UTF-16 code units. */
const ATTRIBUTES_LENGTH_MAX = 10_000;

const ALLOWED: Decision = { allowed: true, reason: '' };

interface Question {
  readonly user: User;
  readonly attributes: Attributes;
}

/**
 * An authorizer. What it returns throws StatusError InternalError where the cluster could not be asked.
 * @throws RangeError where a path has a `*` that is not at its end
 */
export function createAuthorizer({
  reviewAccess,
  logger,
  now = () => performance.now(),
  allowTtlMs = TTL_MS,
  denyTtlMs = TTL_MS,
  size = SIZE,
  alwaysAllowPaths = ALWAYS_ALLOW_PATHS,
}: AuthorizerOptions): Authorize {
  const isAlwaysAllowed = pathMatcher(alwaysAllowPaths);
  const decisions = new LRUCache<string, Decision, Question>({
    max: size,
    ttl: denyTtlMs,
    ttlResolution: 0,
    perf: { now },
    // An answer that is pushed out before it came is still the answer for those who wait for it.
    ignoreFetchAbort: true,
    fetchMethod: async (_key, _stale, { context: { user, attributes }, options }) => {
      const decision = await reviewAccess(user, attributes);
      options.ttl = decision.allowed ? allowTtlMs : denyTtlMs;
      return decision;
    },
  });

  async function review(question: Question): Promise<Decision> {
    const { user, attributes } = question;
    if (attributesLength(attributes) >= ATTRIBUTES_LENGTH_MAX) return reviewAccess(user, attributes);
    // Thousands of groups are no rarity: of a question only its digest is kept.
    const key = hash('sha256', JSON.stringify(accessReviewSpec(user, attributes)), 'base64');
    const decision = await decisions.forceFetch(key, { context: question });
    // To the cache, 0 means for ever.
    if ((decision.allowed ? allowTtlMs : denyTtlMs) === 0) decisions.delete(key);
    return decision;
  }

  return async (user, attributes) => {
    if (user.groups.includes(MASTERS_GROUP)) return ALLOWED;
    if ('path' in attributes && isAlwaysAllowed(attributes.path)) return ALLOWED;
    try {
      return await review({ user, attributes });
    } catch (error) {
      logger.error({ user: user.name }, `access could not be reviewed: ${messageOf(error)}`);
      throw new StatusError('InternalError', 'the cluster could not be asked whether this is allowed');
    }
  };
}

function attributesLength(attributes: Attributes): number {
  return Object.values<string>({ ...attributes }).reduce((sum, text) => sum + text.length, 0);
}

/** Source: k8s.io/apiserver/pkg/authorization/path/path.go. A slash at the beginning makes no difference. */
function pathMatcher(patterns: readonly string[]): (path: string) => boolean {
  const plain = patterns.map(withoutSlash);
  const misplaced = plain.find((pattern) => pattern.slice(0, -1).includes('*'));
  if (misplaced !== undefined) throw new RangeError(`only a trailing * is allowed in ${misplaced}`);
  const exact = new Set(plain.filter((pattern) => !pattern.endsWith('*')));
  const prefixes = plain.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  return (path) => {
    const asked = withoutSlash(path);
    return exact.has(asked) || prefixes.some((prefix) => asked.startsWith(prefix));
  };
}

function withoutSlash(path: string): string {
  return path.startsWith('/') ? path.slice(1) : path;
}
