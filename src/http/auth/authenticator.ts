/**
 * Who sent a request: the front proxy's word, else a client certificate, else a bearer token, else nobody.
 *
 * Invariants: the first that succeeds counts; credentials that failed, and none that succeeded, are 401, never anonymous;
 * the client never learns why. That a token cannot be reviewed now, because too many are, is 429 and no failure. Order and rules are upstream's (k8s.io/apiserver/pkg/authentication/authenticatorfactory/
 * delegating.go, …/group/authenticated_group_adder.go).
 */
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { messageOf } from '../../model/message-of.ts';
import { StatusError } from '../status.ts';
import type { Authenticate } from './access-control.ts';
import type { AuthenticationConfig } from './authentication-config.ts';
import { bearerToken, createTokenAuthenticator, TokenReviewError, type ReviewToken } from './bearer-token.ts';
import { certificateUser } from './certificate-user.ts';
import { createCertificateCheck } from './client-certificate.ts';
import { requestHeaderUser } from './request-header.ts';
import { ANONYMOUS, AUTHENTICATED_GROUP, UNAUTHENTICATED_GROUP, type User } from './user.ts';

/** What it needs from outside. */
export interface AuthenticatorOptions {
  /** The configuration of this moment; asked at every request. */
  readonly config: () => AuthenticationConfig;
  /** Without it every token is passed over, as upstream. */
  readonly reviewToken: ReviewToken | undefined;
  /** How long what came of a review is kept; 0: not at all. Ten seconds unless said otherwise. */
  readonly tokenTtlMs?: number;
  /** Where the reasons of refusals go. */
  readonly logger: Logger;
  /** Milliseconds since 1970, for the validity of certificates. */
  readonly nowMs: () => number;
  /** Whether a request without credentials is system:anonymous rather than refused. As upstream it is, unless said otherwise. */
  readonly anonymousAuth?: boolean;
}

/** A success, a failure, or (undefined) that these credentials were not given. */
type Attempt = { readonly user: User } | { readonly problem: string } | undefined;

/** One way to authenticate. */
type Way = (request: IncomingMessage) => Attempt | Promise<Attempt>;

/** Puts the ways together. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticate {
  const { reviewToken, tokenTtlMs, logger, anonymousAuth = true } = options;
  const logRefusal = refusalLog(logger, options.nowMs);
  const ways: readonly Way[] = [
    frontProxy(options),
    clientCertificate(options),
    ...(reviewToken === undefined ? [] : [bearer(reviewToken, tokenTtlMs, logger)]),
  ];
  return async (request) => {
    const problems: string[] = [];
    for (const way of ways) {
      const attempt = await way(request);
      if (attempt === undefined) continue;
      if ('user' in attempt) return withAuthenticatedGroup(attempt.user);
      problems.push(attempt.problem);
    }
    if (problems.length === 0 && anonymousAuth) return ANONYMOUS;
    logRefusal({ problems, remoteAddress: request.socket.remoteAddress });
    throw new StatusError('Unauthorized', 'Unauthorized');
  };
}

/** How often a refusal is logged for everybody to see. */
const REFUSAL_LOG_MS = 10_000;

/** Anybody can be refused at will: above debug, only now and then one is logged, with how many there were since the last. */
function refusalLog(logger: Logger, nowMs: () => number): (refusal: object) => void {
  let nextMs = -Infinity;
  let refused = 0;
  return (refusal) => {
    refused += 1;
    if (nowMs() < nextMs) {
      logger.debug(refusal, 'request is not authenticated');
      return;
    }
    logger.info({ ...refusal, refused }, 'request is not authenticated');
    nextMs = nowMs() + REFUSAL_LOG_MS;
    refused = 0;
  };
}

function frontProxy({ config, nowMs }: AuthenticatorOptions): Way {
  const check = createCertificateCheck();
  return (request) => {
    const { requestHeader } = config();
    if (requestHeader === undefined) return undefined;
    const checked = check(request.socket, requestHeader.clientCa, nowMs());
    if (checked.kind === 'absent') return undefined;
    if (checked.kind === 'bad') return { problem: `front proxy: ${checked.problem}` };
    const { allowedNames } = requestHeader;
    const { commonName } = checked.subject;
    if (allowedNames.length > 0 && !allowedNames.includes(commonName)) {
      return { problem: `front proxy: the common name ${JSON.stringify(commonName)} is not allowed` };
    }
    const user = requestHeaderUser(request.rawHeaders, requestHeader);
    return user && { user };
  };
}

function clientCertificate({ config, nowMs }: AuthenticatorOptions): Way {
  const check = createCertificateCheck();
  return (request) => {
    const { clientCa } = config();
    if (clientCa === undefined) return undefined;
    const checked = check(request.socket, clientCa, nowMs());
    if (checked.kind === 'absent') return undefined;
    if (checked.kind === 'bad') return { problem: `client certificate: ${checked.problem}` };
    const user = certificateUser(checked.subject);
    if (user === undefined) return undefined;
    return 'problem' in user ? { problem: `client certificate: ${user.problem}` } : { user };
  };
}

function bearer(reviewToken: ReviewToken, ttlMs: number | undefined, logger: Logger): Way {
  const authenticateToken = createTokenAuthenticator(reviewToken, { ttlMs });
  return async (request) => {
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) return undefined;
    try {
      const user = await authenticateToken(token, request.socket.remoteAddress ?? '');
      return user === undefined ? { problem: 'bearer token: it is nobody’s' } : { user };
    } catch (error) {
      if (error instanceof StatusError) throw error;
      // A fault of ours or of the cluster's: the token may be good.
      if (!(error instanceof TokenReviewError))
        logger.error(`a token could not be reviewed: ${messageOf(error)}`);
      return { problem: `bearer token: ${messageOf(error)}` };
    }
  };
}

/** RBAC's bindings for everybody count on it, and the aggregator's own calls carry no groups at all. */
function withAuthenticatedGroup(user: User): User {
  const hasOne = user.groups.some(
    (group) => group === AUTHENTICATED_GROUP || group === UNAUTHENTICATED_GROUP,
  );
  if (hasOne || user.name === ANONYMOUS.name) return user;
  return { ...user, groups: [...user.groups, AUTHENTICATED_GROUP] };
}
