/** What the app needs to know who asks and what they may do. One for each listener. */
import type { IncomingMessage } from 'node:http';
import type { Attributes } from './attributes.ts';
import { UNSECURED, type User } from './user.ts';

/**
 * Who sent a request.
 * @throws StatusError Unauthorized where credentials were given and none is good; TooManyRequests where too many are being
 * looked at
 */
export type Authenticate = (request: IncomingMessage) => Promise<User>;

/** An authorizer's word. */
export interface Decision {
  readonly allowed: boolean;
  /** Why not, for the message of the refusal; '' where nothing was said. */
  readonly reason: string;
}

/**
 * Whether a user may do something.
 * @throws StatusError InternalError where that could not be found out: it never means yes
 */
export type Authorize = (user: User, attributes: Attributes) => Promise<Decision>;

/** The two together. */
export interface AccessControl {
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
}

const ALLOWED: Decision = { allowed: true, reason: '' };

/** A listener that only who is on the machine can reach: everybody may do everything. */
export const UNRESTRICTED: AccessControl = {
  authenticate: () => Promise.resolve(UNSECURED),
  authorize: () => Promise.resolve(ALLOWED),
};
