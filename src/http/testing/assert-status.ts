/** What every refusal must be. */
import assert from 'node:assert/strict';
import {
  isArray,
  isObject,
  member,
  objectMember,
  parseJson,
  stringMember,
  type JsonObject,
} from '../../model/json.ts';
import type { Answer } from './serve.ts';

const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** Asserts that an answer is a Status whose parts agree with each other and with the response; returns it. */
export function assertStatus(answer: Answer, code = answer.code): JsonObject {
  assert.equal(answer.code, code, answer.body);
  assert.equal(answer.headers['content-type'], 'application/json');
  assert.equal(answer.headers['cache-control'], 'no-cache, private');
  assert.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)));
  const status = parseJson(answer.body);
  assert.ok(isObject(status));
  assert.deepEqual(Object.keys(status), [
    'kind',
    'apiVersion',
    'metadata',
    'status',
    'message',
    'reason',
    'details',
    'code',
  ]);
  assert.equal(status['kind'], 'Status');
  assert.equal(status['apiVersion'], 'v1');
  assert.deepEqual(status['metadata'], {});
  assert.equal(status['status'], 'Failure');
  assert.equal(status['code'], code);
  assert.equal(status['reason'], REASONS[code]);
  assert.ok((stringMember(status, 'message') ?? '').length > 10, 'the message says something');
  assert.doesNotMatch(answer.body, /\.ts:\d|node_modules|node:internal/, 'no stack shows');
  return status;
}

/** The fields that a Status names as the causes. */
export function causeFields(status: JsonObject): unknown[] {
  const details = objectMember(status, 'details');
  const causes = details === undefined ? undefined : member(details, 'causes');
  return isArray(causes) ? causes.map((cause) => (isObject(cause) ? cause['field'] : undefined)) : [];
}
