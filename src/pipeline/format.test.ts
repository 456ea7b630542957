import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stringifyJson } from '../model/json.ts';
import { rawEvent } from '../testing/events.ts';
import { FORMAT_HEAD_BYTES, recogniseFormat } from './format.ts';

const event = stringifyJson(rawEvent());

describe('recogniseFormat', () => {
  it('takes a first line that nests without end, whole or cut off, as no line', () => {
    const whole = '['.repeat(5000) + ']'.repeat(5000);
    const cut = '{"kind":"EventList","items":['.repeat(FORMAT_HEAD_BYTES / 29 + 1);
    assert.equal(recogniseFormat(Buffer.from(whole), true), 'documents');
    assert.equal(recogniseFormat(Buffer.from(`${whole}\n${event}\n`), true), 'lines');
    assert.equal(recogniseFormat(Buffer.from(cut), false), 'documents');
    assert.equal(recogniseFormat(Buffer.from(`${cut.slice(0, 29 * 5000)}{"kind":"Eve`), true), 'documents');
  });
});
