import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 wants its globals
import 'reflect-metadata';
import { Extension } from '@peculiar/x509';
import Koa from 'koa';
import { startServer } from '../server.ts';
import { tlsClient } from '../testing/ask-tls.ts';
import {
  createAuthority,
  userSubject,
  type Authority,
  type IssuedCertificate,
} from '../testing/certificates.ts';
import { createCertificateCheck } from './client-certificate.ts';

const root = await createAuthority('root', true);
const serving = await root.issue({ subject: userSubject('server'), use: 'serverAuth' });
const subject = userSubject('alice', 'devs');
const yesterday = new Date(Date.now() - 1000);

/** The common name, or the problem, of who connects to a server that asks for certificates of `caPem`. */
async function whoIs(
  t: TestContext,
  identity: IssuedCertificate,
  caPem: string,
  options: { readonly asked?: string; readonly afterMs?: number } = {},
): Promise<string> {
  const { asked = caPem, afterMs = 0 } = options;
  const check = createCertificateCheck();
  const app = new Koa().use((ctx) => {
    const checked = check(ctx.req.socket, asked, Date.now() + afterMs);
    if (checked.kind === 'good') ctx.body = checked.subject.commonName;
    else ctx.body = checked.kind === 'bad' ? checked.problem : checked.kind;
  });
  const server = await startServer(app, {
    host: '127.0.0.1',
    port: 0,
    tls: { credentials: { ...serving, caPem } },
  });
  t.after(() => server.close());
  // A client that would show a weak certificate, too.
  const connect = { ciphers: 'DEFAULT:@SECLEVEL=0' };
  return (await tlsClient(t, server.url, { identity, connect }).ask()).body;
}

/** What a client shows that sends the certificates of some authorities as well. */
function withChain({ certPem, keyPem }: IssuedCertificate, ...sent: readonly Authority[]): IssuedCertificate {
  return { keyPem, certPem: [certPem, ...sent.map((authority) => authority.certPem)].join('\n') };
}

function unknownExtension(isCritical: boolean): Extension {
  return new Extension('1.3.6.1.4.1.57683.999', isCritical, Buffer.from([5, 0]));
}

// OpenSSL tells the last thing that it found, so each of these stands for more than that an issuer is missing. UNSPECIFIED is
// what Node calls the rarer ones.
describe('A set of CAs that holds only an intermediate', () => {
  for (const hasKeyIds of [true, false]) {
    const ids = hasKeyIds ? 'with key identifiers' : 'without key identifiers';
    it(`vouches for what it issued, whatever else the client sends, ${ids}`, async (t) => {
      const top = await createAuthority('top', hasKeyIds);
      const outer = await top.intermediate('outer');
      const inner = await outer.intermediate('inner');
      const leaf = await outer.issue({ subject });
      const below = withChain(await inner.issue({ subject }), inner);
      for (const identity of [leaf, withChain(leaf, outer), withChain(leaf, outer, top), below]) {
        assert.equal(await whoIs(t, identity, outer.certPem), 'alice');
      }
    });
  }

  it('vouches for keys of RSA too, but not for short ones', async (t) => {
    const authority = await root.intermediate('issuer');
    const short = await authority.issue({ subject, key: 'rsa-1024' });
    assert.match(await whoIs(t, short, authority.certPem), /handshake: UNSPECIFIED/);
    assert.equal(
      await whoIs(t, await authority.issue({ subject, key: 'rsa-2048' }), authority.certPem),
      'alice',
    );
  });

  it('does not vouch for what others issued', async (t) => {
    const authority = await root.intermediate('issuer');
    const other = await root.intermediate('other');
    const found = await whoIs(t, await other.issue({ subject }), authority.certPem);
    assert.match(found, /not accepted in the handshake: UNABLE_TO_VERIFY_LEAF_SIGNATURE/);
  });

  it('vouches for what keeps to its limits', async (t) => {
    const outer = await root.intermediate('outer', { pathLength: 1, excludedDomain: 'other.net' });
    const inner = await outer.intermediate('inner', { pathLength: 0 });
    const request = { subject: userSubject('alice.other.org'), extensions: [unknownExtension(false)] };
    const leaf = withChain(await inner.issue(request), inner);
    assert.equal(await whoIs(t, leaf, outer.certPem), 'alice.other.org');
  });

  for (const [what, limits, innerLimits, request, problem] of [
    ['a path that is too long', { pathLength: 0 }, {}, {}, 'PATH_LENGTH_EXCEEDED'],
    ['an excluded name', { excludedDomain: 'other.org' }, {}, {}, 'UNSPECIFIED'],
    ['an authority that is none', {}, { isCa: false }, {}, 'INVALID_PURPOSE'],
    ['an authority for servers', {}, { use: 'serverAuth' }, {}, 'INVALID_PURPOSE'],
    ['a certificate for servers', {}, {}, { use: 'serverAuth' }, 'INVALID_PURPOSE'],
    ['an unknown critical extension', {}, {}, { extensions: [unknownExtension(true)] }, 'UNSPECIFIED'],
    ['an authority that has expired', {}, { notAfter: yesterday }, {}, 'CERT_HAS_EXPIRED'],
    ['a certificate that has expired', {}, {}, { notAfter: yesterday }, 'CERT_HAS_EXPIRED'],
  ] as const) {
    it(`does not vouch for ${what}`, async (t) => {
      const outer = await root.intermediate('outer', limits);
      const inner = await outer.intermediate('inner', innerLimits);
      const leaf = await inner.issue({ subject: userSubject('alice.other.org'), ...request });
      assert.match(
        await whoIs(t, withChain(leaf, inner), outer.certPem),
        new RegExp(`handshake: .*(${problem})`),
      );
    });
  }

  it('vouches for nothing when it has expired itself', async (t) => {
    const authority = await root.intermediate('issuer', { notAfter: yesterday });
    const found = await whoIs(t, await authority.issue({ subject }), authority.certPem);
    assert.match(found, /handshake|not valid at this time/);
    const soon = await root.intermediate('soon', { notAfter: new Date(Date.now() + 60_000) });
    const later = await whoIs(t, await soon.issue({ subject }), soon.certPem, { afterMs: 120_000 });
    assert.match(later, /not valid at this time/);
  });

  it('is all that OpenSSL has checked: a root that is trusted later needs a new handshake', async (t) => {
    const authority = await root.intermediate('issuer');
    const leaf = withChain(await authority.issue({ subject }), authority);
    const found = await whoIs(t, leaf, authority.certPem, { asked: root.certPem });
    assert.match(found, /unknown authority/);
  });
});
