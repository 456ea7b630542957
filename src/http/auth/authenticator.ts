/**
 * Who sent a request: the front proxy's word, else a client certificate, else a bearer token, else nobody.
 *
 * Invariants: the first that succeeds counts; credentials that failed, and none that succeeded, are 401, never anonymous;
 * the client never learns why. Order and rules are upstream's (k8s.io/apiserver/pkg/authentication/authenticatorfactory/
 * delegating.go, …/group/authenticated_group_adder.go).
 */
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { StatusError } from '../status.ts';
import type { Authenticate } from './access-control.ts';
import type { AuthenticationConfig } from './authentication-config.ts';
import { bearerToken, createTokenAuthenticator, type ReviewToken } from './bearer-token.ts';
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
  const ways: readonly Way[] = [
    frontProxy(options),
    clientCertificate(options),
    ...(reviewToken === undefined ? [] : [bearer(reviewToken, tokenTtlMs)]),
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
    logger.info({ problems, remoteAddress: request.socket.remoteAddress }, 'request is not authenticated');
    throw new StatusError('Unauthorized', 'Unauthorized');
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

function bearer(reviewToken: ReviewToken, ttlMs: number | undefined): Way {
  const authenticateToken = createTokenAuthenticator(reviewToken, { ttlMs });
  return async (request) => {
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) return undefined;
    try {
      const user = await authenticateToken(token);
      return user === undefined ? { problem: 'bearer token: it is nobody’s' } : { user };
    } catch (error) {
      return { problem: `bearer token: ${error instanceof Error ? error.message : String(error)}` };
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
