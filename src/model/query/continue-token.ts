/**
 * Where the next page of actions begins.
 *
 * A token names the last action of the page before: actions that arrive in the meantime are newer, or get another ref, and do
 * not shift what follows. It is opaque to the asker, and holds nothing but a time and a number.
 */
import { actionRef, type ActionRef } from '../action.ts';
import { QueryError } from '../errors.ts';
import { micros, type Micros } from '../time.ts';

/** A place between two actions: just before (older than) this one. */
export interface ActionPlace {
  readonly timestamp: Micros;
  readonly ref: ActionRef;
}

/** The token for what comes after an action. */
export function formatContinue({ timestamp, ref }: ActionPlace): string {
  return Buffer.from(`1:${timestamp}:${ref}`).toString('base64url');
}

/**
 * The place a token names.
 * @throws QueryError CONTINUE_INVALID
 */
export function parseContinue(token: string): ActionPlace {
  const match = /^1:(-?\d{1,16}):(\d{1,15})$/.exec(Buffer.from(token, 'base64url').toString('latin1'));
  if (match === null) {
    throw new QueryError(
      'CONTINUE_INVALID',
      'continue is no token of this server: give metadata.continue of the page before, or leave it out to begin anew',
      { parameter: 'continue' },
    );
  }
  return { timestamp: micros(Number(match[1])), ref: actionRef(Number(match[2])) };
}
