import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createSecureContext } from 'node:tls';
import { CertificateAuthority, type KeyPair } from './pki.ts';
import { ServingCertificate } from './serving-certificate.ts';

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pki-'));
  t.after(async () => rm(folder, { recursive: true }));
  return folder;
}

async function read({ cert, key }: KeyPair): Promise<X509Certificate> {
  const pem = await readFile(cert);
  createSecureContext({ cert: pem, key: await readFile(key) }); // Throws unless they belong together.
  return new X509Certificate(pem);
}

test('a user is the subject, byte for byte', async (t) => {
  const authority = await CertificateAuthority.create(await temporaryFolder(t), 'a-ca');
  const user = await authority.issue({ commonName: 'kim/é+x', organizations: ['devs, east', 'b'] });
  const { subject, ca, keyUsage } = await read(user);
  assert.equal(
    subject,
    String.raw`O=devs\, east
O=b
CN=kim/é\+x`,
  );
  assert.equal(ca, false);
  assert.deepEqual(keyUsage, ['1.3.6.1.5.5.7.3.2'], 'client authentication only');
});

test('a certificate is verified by its authority, and by no other of the same name', async (t) => {
  const [one, other] = await Promise.all([
    CertificateAuthority.create(await temporaryFolder(t), 'a-ca'),
    CertificateAuthority.create(await temporaryFolder(t), 'a-ca'),
  ]);
  const issued = await Promise.all(
    ['a', 'a', 'b'].map(async (commonName) => read(await one.issue({ commonName }))),
  );
  assert.equal(new Set(issued.map(({ serialNumber }) => serialNumber)).size, 3);
  const { publicKey: ours } = new X509Certificate(await one.readCertificate());
  const { publicKey: theirs } = new X509Certificate(await other.readCertificate());
  for (const certificate of issued) {
    assert.ok(certificate.verify(ours));
    assert.ok(!certificate.verify(theirs));
  }
});

test('a serving certificate keeps its paths through a rotation', async (t) => {
  const folder = await temporaryFolder(t);
  const authority = await CertificateAuthority.create(folder, 'serving-ca');
  const serving = await ServingCertificate.create(authority, join(folder, 'tls'), [
    'DNS:a.b.svc',
    'IP:127.0.0.1',
  ]);
  const first = await read(serving.pair);
  assert.equal(first.subjectAltName, 'DNS:a.b.svc, IP Address:127.0.0.1');
  await serving.rotate(authority);
  const second = await read(serving.pair);
  assert.notEqual(second.serialNumber, first.serialNumber);
  assert.equal(second.subjectAltName, first.subjectAltName);
});
