/**
 * Where the next page of actions begins.
 *
 * A token names the last action of the page before: actions that arrive in the meantime are newer, or get another ref, and do
 * not shift what follows.
 */
import assert from 'node:assert/strict';
import { actionRef, type ActionRef } from '../action.ts';
import { micros, type Micros } from '../time.ts';
import { openToken, sealToken } from './sealed-token.ts';

/** A place between two actions: just before (older than) this one. */
export interface ActionPlace {
  readonly timestamp: Micros;
  readonly ref: ActionRef;
}

const PURPOSE = 'actions';

/** The token for what comes after an action. */
export function formatContinue({ timestamp, ref }: ActionPlace): string {
  return sealToken(PURPOSE, `${timestamp}:${ref}`);
}

/**
 * The place a token names.
 * @throws QueryError CONTINUE_EXPIRED
 */
export function parseContinue(token: string): ActionPlace {
  const match = /^(-?\d+):(\d+)$/.exec(openToken(PURPOSE, token));
  assert.ok(match !== null, 'what was sealed is a place');
  return { timestamp: micros(Number(match[1])), ref: actionRef(Number(match[2])) };
}
