import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createAuthority, userSubject, type Authority } from '../testing/certificates.ts';
import { findChains, isInTime } from './certificate-chain.ts';

const root = await createAuthority('root');

function certificateOf({ certPem }: { readonly certPem: string }): X509Certificate {
  return new X509Certificate(certPem);
}

async function leafOf(authority: Authority, use: 'clientAuth' | 'serverAuth' | 'any' = 'clientAuth') {
  return certificateOf(await authority.issue({ subject: userSubject('alice'), use }));
}

test('a CA vouches for what it issued for clients, or for every use', async () => {
  const set = [certificateOf(root)];
  for (const [use, count] of [
    ['clientAuth', 1],
    ['any', 1],
    ['serverAuth', 0],
  ] as const) {
    const leaf = await leafOf(root, use);
    assert.equal(findChains({ leaf, intermediates: [] }, set).length, count, use);
  }
});

test('the name of a CA is not its signature', async () => {
  const leaf = await leafOf(await createAuthority('root'));
  assert.deepEqual(findChains({ leaf, intermediates: [] }, [certificateOf(root)]), []);
});

test('what the peer sent is no root, in whatever order it came', async () => {
  const outer = await root.intermediate('outer');
  const inner = await outer.intermediate('inner');
  const leaf = await leafOf(inner);
  const sent = [certificateOf(root), certificateOf(outer), certificateOf(inner)];
  assert.equal(
    findChains({ leaf, intermediates: sent }, [certificateOf(await createAuthority('x'))]).length,
    0,
  );
  assert.equal(findChains({ leaf, intermediates: sent.slice(1) }, [certificateOf(root)]).length, 1);
  assert.equal(findChains({ leaf, intermediates: sent.slice(2) }, [certificateOf(root)]).length, 0);
  assert.equal(findChains({ leaf, intermediates: sent.slice(2) }, [certificateOf(outer)]).length, 1);
});

test('who is no CA issues nothing', async () => {
  const pretender = await root.intermediate('pretender', { isCa: false });
  const leaf = await leafOf(pretender);
  assert.deepEqual(
    findChains({ leaf, intermediates: [certificateOf(pretender)] }, [certificateOf(root)]),
    [],
  );
  assert.deepEqual(findChains({ leaf, intermediates: [] }, [certificateOf(pretender)]), []);
});

test('a CA for servers only vouches for no client', async () => {
  const limited = await root.intermediate('limited', { use: 'serverAuth' });
  const leaf = await leafOf(limited);
  assert.deepEqual(findChains({ leaf, intermediates: [certificateOf(limited)] }, [certificateOf(root)]), []);
  assert.deepEqual(findChains({ leaf, intermediates: [] }, [certificateOf(limited)]), []);
});

test('a set may name the certificate itself', async () => {
  const leaf = await leafOf(root);
  const other = await leafOf(root);
  assert.equal(findChains({ leaf, intermediates: [] }, [leaf]).length, 1);
  assert.equal(findChains({ leaf, intermediates: [] }, [other]).length, 0);
});

test('many ways to build a chain are not tried without end', async (t) => {
  const circle = await createAuthority('circle');
  const sent = await Promise.all(Array.from({ length: 7 }, () => circle.renewed()));
  const intermediates = sent.map((pem) => new X509Certificate(pem));
  const leaf = await leafOf(circle);
  const verify = t.mock.method(X509Certificate.prototype, 'verify');
  assert.deepEqual(findChains({ leaf, intermediates }, [certificateOf(root)]), []);
  assert.equal(verify.mock.callCount(), 100);
});

test('a chain counts from when its last certificate begins to when its first one ends', async () => {
  const notAfter = new Date(Math.floor(Date.now() / 1000) * 1000 + 60_000);
  const leaf = certificateOf(await root.issue({ subject: userSubject('alice'), notAfter }));
  const chains = findChains({ leaf, intermediates: [] }, [certificateOf(root)]);
  assert.equal(isInTime(chains, notAfter.getTime()), true);
  assert.equal(isInTime(chains, notAfter.getTime() + 1), false);
  assert.equal(isInTime(chains, leaf.validFromDate.getTime()), true);
  assert.equal(isInTime(chains, leaf.validFromDate.getTime() - 1), false);
  assert.equal(isInTime([], Date.now()), false);
});
