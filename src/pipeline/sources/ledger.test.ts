import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FileInfo } from './file-system.ts';
import { Ledger } from './ledger.ts';

const info: FileInfo = { id: '1:2', sizeBytes: 100, modifiedNs: 5n, kind: 'file' };

describe('Ledger', () => {
  it('has seen a file only as it was: an inode may be another file the next time', () => {
    const ledger = new Ledger();
    ledger.see(info);
    assert.equal(ledger.isSeen({ ...info }), true);
    assert.equal(ledger.isSeen({ ...info, sizeBytes: 101 }), false);
    assert.equal(ledger.isSeen({ ...info, modifiedNs: 6n }), false);
    assert.equal(ledger.isSeen({ ...info, id: '1:3' }), false);
  });

  it('counts what a file has grown by as pending, and all of one it does not know', () => {
    const ledger = new Ledger();
    ledger.see(info);
    assert.equal(ledger.pendingBytes({ ...info, sizeBytes: 130 }), 30);
    assert.equal(ledger.pendingBytes({ ...info, sizeBytes: 10 }), 0);
    assert.equal(ledger.pendingBytes({ ...info, id: '1:3' }), 100);
  });

  it('forgets files that are gone, and not what was read of them', () => {
    const ledger = new Ledger();
    ledger.see(info);
    ledger.know('digest', { lengthBytes: 100, lineStart: 100, done: true });
    ledger.keepOnly([]);
    assert.equal(ledger.isSeen(info), false);
    assert.equal(ledger.known('digest')?.lengthBytes, 100);
  });

  it('keeps ten thousand identities, the newest', () => {
    const ledger = new Ledger();
    for (let i = 0; i <= 10_000; i++)
      ledger.know(`digest ${i}`, { lengthBytes: i, lineStart: i, done: true });
    assert.equal(ledger.known('digest 0'), undefined);
    assert.equal(ledger.known('digest 1')?.lengthBytes, 1);
  });
});
