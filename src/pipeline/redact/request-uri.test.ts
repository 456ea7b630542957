import assert from 'node:assert/strict';
import { it } from 'node:test';
import { KEY_BYTES, keyedDigest, mark } from './marker.ts';
import { redactConnectQuery, redactPathBehind } from './request-uri.ts';

const digest = keyedDigest(Buffer.alloc(KEY_BYTES, 1));
const POD = '/api/v1/namespaces/proxy/pods/proxy';

/** A marker as it stands in a query. */
function inQuery(text: string): string {
  return encodeURIComponent(mark(digest, text));
}

it('the words of a command become markers, however their name is written', () => {
  assert.equal(
    redactConnectQuery(
      digest,
      `${POD}/exec?command=psql&comm%61nd=p%3Dhunter2+x&container=api&stdin=true&other=y`,
    ),
    `${POD}/exec?command=${inQuery('psql')}&command=${inQuery('p=hunter2 x')}` +
      `&container=api&stdin=true&other=${inQuery('y')}`,
  );
});

it('a query that cannot be decoded is redacted all the same', () => {
  assert.equal(
    redactConnectQuery(digest, `${POD}/exec?command=%E0%A4%A&%ZZ=x`),
    `${POD}/exec?command=${inQuery('\ufffd%A')}&%25ZZ=${inQuery('x')}`,
  );
});

it('a URI without words stays as it is', () => {
  for (const uri of [`${POD}/portforward?ports=80&ports=443`, `${POD}/attach?tty=true`, `${POD}/exec`, '']) {
    assert.equal(redactConnectQuery(digest, uri), uri);
  }
});

it('behind a proxy all is one marker', () => {
  for (const proxy of [
    `${POD}/proxy`,
    '/api/v1/nodes/n1/proxy',
    '/api/v1/namespaces/shop/services/https:web:443/proxy',
    '/apis/example.com/v1/namespaces/shop/things/a/proxy',
  ]) {
    for (const behind of ['/login?token=hunter2', '?token=hunter2', '/proxy/hunter2']) {
      assert.equal(redactPathBehind(digest, proxy + behind, 'proxy'), `${proxy}/${mark(digest, behind)}`);
    }
    assert.equal(redactPathBehind(digest, proxy, 'proxy'), proxy);
  }
});

it('a secret in a path is one marker with what follows it', () => {
  const hook = '/apis/build.openshift.io/v1/namespaces/shop/buildconfigs/webhooks/webhooks';
  for (const behind of ['/hunter2/generic', '/hunter2', '/webhooks/hunter2?x=y']) {
    const shown = `${hook}/${mark(digest, behind)}`;
    assert.equal(redactPathBehind(digest, hook + behind, 'webhooks'), shown);
  }
  const old = '/oapi/v1/namespaces/shop/buildconfigs/web/webhooks/hunter2/github';
  assert.equal(redactPathBehind(digest, old, 'webhooks'), mark(digest, old));
});

it('a proxy of no known shape is one marker altogether', () => {
  for (const uri of ['/api/v1/proxy/nodes/n1/hunter2', '/proxy/hunter2', `${POD}/proxyhunter2`]) {
    assert.equal(redactPathBehind(digest, uri, 'proxy'), mark(digest, uri));
  }
});
