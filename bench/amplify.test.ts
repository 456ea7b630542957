import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { amplify } from './amplify.ts';

const LINE = '{"auditID":"0a1b2c3d-0000-4000-8000-00000000abcd","namespace":"shop"}';

describe('amplify', () => {
  it('repeats a recording up to a size, with other names and UUIDs in each copy', () => {
    const lines = [...amplify([LINE], LINE.length * 4, 'shop')];
    assert.equal(lines.length, 4);
    assert.equal(new Set(lines).size, 4);
    assert.equal(lines[0], LINE.replace('shop', 'shop-0'));
    assert.match(
      lines[3] ?? '',
      /^\{"auditID":"[0-9a-f]{8}-0000-4000-8000-00000000abcd","namespace":"shop-3"\}$/,
    );
  });

  it('gives the same bytes every time', () => {
    assert.deepEqual([...amplify([LINE, 'x'], 1000, 'shop')], [...amplify([LINE, 'x'], 1000, 'shop')]);
  });
});
