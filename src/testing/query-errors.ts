/** Assertions on questions that cannot be answered. */
import assert from 'node:assert/strict';
import { QueryError, type QueryErrorCode } from '../model/errors.ts';

/** Asserts that the question is refused with this code and a message like this. */
export function assertRefused(ask: () => unknown, code: QueryErrorCode, message: RegExp): void {
  assert.throws(ask, (error) => isRefusal(error, code, message));
}

/** The same for a question whose answer takes time. */
export async function assertRejected(
  answer: Promise<unknown>,
  code: QueryErrorCode,
  message: RegExp,
): Promise<void> {
  await assert.rejects(answer, (error) => isRefusal(error, code, message));
}

function isRefusal(error: unknown, code: QueryErrorCode, message: RegExp): true {
  assert.ok(error instanceof QueryError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
}
