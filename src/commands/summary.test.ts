import assert from 'node:assert/strict';
import { it } from 'node:test';
import { PlainStore } from '../model/store/plain-store.ts';
import type { SourceStatus } from '../model/source-status.ts';
import { renderSummary, summarize } from './summary.ts';

function source(status: Partial<SourceStatus>): () => SourceStatus {
  return () => ({
    name: 'audit.log',
    position: undefined,
    bytesBehind: 0,
    bytesRead: 0,
    events: 0,
    versions: 0,
    dropped: {},
    problem: undefined,
    ...status,
  });
}

it('sums up what all sources brought, drops by how frequent they are', () => {
  const store = new PlainStore();
  store.addSource(source({ bytesRead: 1000, events: 5, dropped: { read: 1, failed: 2 } }));
  store.addSource(
    source({ name: 'b.log', bytesRead: 500, events: 2, dropped: { read: 3 }, problem: 'it is gone' }),
  );
  const summary = summarize(store, 0.5);
  assert.deepEqual([summary.bytes, summary.bytesPerSecond, summary.events], [1500, 3000, 7]);
  assert.deepEqual(Object.entries(summary.dropped), [
    ['read', 4],
    ['failed', 2],
  ]);
  assert.deepEqual(summary.problems, ['b.log: it is gone']);
  const text = renderSummary(summary);
  assert.match(text, /^bytes +1,500\nseconds +0\.50 \(0\.0 MB\/s\)\nevents +7\n/);
  assert.match(text, /\ndropped: read +4\ndropped: failed +2\nproblem +b\.log: it is gone\n$/);
});
