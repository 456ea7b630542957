import assert from 'node:assert/strict';
import { it } from 'node:test';
import { join } from 'node:path';
import { PlainStore } from '../model/store/plain-store.ts';
import { indexLogs } from '../testing/index-log.ts';
import { greeting, readingLine } from './greeting.ts';

const LOG = join(import.meta.dirname, '../../fixtures/payments-week.log.gz');

it('says what is served and gives three URLs to try, of the workload that changed most', async () => {
  const text = greeting(await indexLogs(LOG), 'http://127.0.0.1:8080');
  assert.match(text, /^Read 4,747 events: [\d,]+ versions of [\d,]+ objects, 2026-\S+Z to 2026-\S+Z\.\n/);
  const urls = [...text.matchAll(/curl '(http:[^']+)'/g)].map(([, url = '']) => new URL(url));
  assert.deepEqual(
    urls.map(({ pathname, search }) => pathname.split('/v1')[1] + search),
    [
      '/namespaces/payments/deployments.apps/api/versions?output=text',
      '/namespaces/payments/deployments.apps/api/diff?output=text',
      '/activities?groupBy=user',
    ],
  );
});

it('gives kubectl where the server asks who one is', async () => {
  const text = greeting(await indexLogs(LOG), 'https://127.0.0.1:8443');
  assert.match(
    text,
    /^ {2}kubectl get --raw '\/apis\/kubeprovenance\.cloudark\.io\/v1\/namespaces\/payments\/\S+\/versions\?output=text'$/m,
  );
  assert.doesNotMatch(text, /curl|8443/);
});

it('gives what it can of an index without versions', () => {
  assert.equal(
    greeting(new PlainStore(), 'http://x'),
    "Read 0 events: 0 versions of 0 objects.\n  curl 'http://x/apis/kubeprovenance.cloudark.io/v1/activities?groupBy=user'\n",
  );
});

it('says how much is to be read, or that nothing is there yet', async () => {
  const store = await indexLogs(LOG);
  const [source] = store.sources();
  assert.ok(source !== undefined);
  assert.equal(readingLine(store), 'Waiting for audit events…\n');
  const behind = new PlainStore();
  behind.addSource(() => ({ ...source, bytesBehind: 12_000 }));
  behind.addSource(() => ({ ...source, bytesBehind: 345 }));
  assert.match(readingLine(behind), /^Reading 12,345 bytes… .*partial.*\n$/);
});
