import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listSources } from '../../model/query/sources.ts';
import { SOURCE } from '../testing/fixture.ts';
import { sourcesText } from './sources-text.ts';

test('where each source stands, the most frequent drops first', () => {
  const fresh = { ...SOURCE, name: '-', position: undefined, dropped: {}, problem: 'no such file' };
  assert.equal(
    sourcesText(listSources({ sources: () => [SOURCE, fresh] })),
    `source /var/log/kubernetes/audit.log
Position: audit.log, byte 4096
Behind:   12 bytes
Read:     4096 bytes
Events:   40
Versions: 16

    read       20
    stage      4
    malformed  1

source -
Position: at the start
Behind:   12 bytes
Read:     4096 bytes
Events:   40
Versions: 16
Problem:  no such file
`,
  );
  assert.equal(
    sourcesText(listSources({ sources: () => [] })),
    'No sources: start the server with --audit-log and a path.\n',
  );
});
