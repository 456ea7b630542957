/**
 * More columns of the matrix: those who are, or say they are, somebody else. Each has the cells of whom they really are,
 * at every row. Tests that authorization.e2e.ts runs on its cluster.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { API_TABLE, OTHER_TABLE, parseTable, wrongCells, type Row } from './authorization-table.ts';
import type { ApiResponse } from './cluster/api-client.ts';
import type { Identity } from './cluster/identities.ts';
import type { KeyPair } from './cluster/pki.ts';
import { askDirect, type DirectRequest, type RawHeaders } from './testing/direct-request.ts';
import { API_PATH, type ProvenanceCluster } from './testing/provenance-cluster.ts';

const MASTERS: RawHeaders = [
  ['X-Remote-User', 'admin'],
  ['X-Remote-Group', 'system:masters'],
  ['X-Remote-Uid', '1'],
  ['X-Remote-Extra-Scopes', 'all'],
];

/** Declares the tests. `identity` gives somebody of the matrix. */
export function describeDisguises(
  running: () => ProvenanceCluster,
  identity: (name: 'nobody' | 'shopper' | 'deputy' | 'master') => Identity,
): void {
  const apiRows = parseTable(API_TABLE, API_PATH);
  const allRows = [...apiRows, ...parseTable(OTHER_TABLE)];

  /** Asks our own port, on a connection for each request. */
  function directly(more: Omit<DirectRequest, 'port' | 'path'>): (path: string) => Promise<ApiResponse> {
    const { port } = running();
    return async (path) => {
      const { headers = [] } = more;
      const request = { ...more, port, path, headers: [...headers, ['Accept', 'application/json']] as const };
      const { status, headers: answered, body } = await askDirect(request);
      return { status, headers: answered, body };
    };
  }

  function pairOf(name: 'nobody' | 'shopper'): KeyPair {
    const { credentials } = identity(name);
    assert.ok('pair' in credentials);
    return credentials.pair;
  }

  /** Asks through kube-apiserver with more headers. */
  function through(
    name: 'shopper' | 'deputy' | 'master',
    headers: Readonly<Record<string, string>>,
  ): (path: string) => Promise<ApiResponse> {
    const { client } = identity(name);
    return async (path) => client.send({ method: 'GET', path, headers });
  }

  describe('in disguise, for every route', () => {
    it('gets what the user gets who is acted as', async () => {
      const acting = { 'impersonate-user': 'shopper' };
      const shopper = ({ codes }: Row): number => codes.shopper;
      assert.deepEqual(await wrongCells('deputy', apiRows, shopper, through('deputy', acting)), []);
      // The rights of who acts are not added.
      assert.deepEqual(await wrongCells('master', apiRows, shopper, through('master', acting)), []);
    });

    it('gets nothing by acting as somebody without the right to', async () => {
      const acting = { 'impersonate-user': 'viewer' };
      assert.deepEqual(await wrongCells('deputy', apiRows, () => 403, through('deputy', acting)), []);
    });

    it('gets nothing by acting as somebody on our own port, which is kube-apiserver’s to check', async () => {
      const { credentials } = identity('master');
      assert.ok('pair' in credentials);
      const ask = directly({ pair: credentials.pair, headers: [['Impersonate-User', 'shopper']] });
      assert.deepEqual(await wrongCells('master', allRows, () => 400, ask), []);
    });

    it('gets nothing by a certificate of a wrong CA', async () => {
      const pair = await running().cluster.authorities.wrong.issue({
        commonName: 'front-proxy-client',
        organizations: ['system:masters'],
      });
      for (const headers of [MASTERS, []]) {
        const ask = directly({ pair, headers });
        assert.deepEqual(await wrongCells('wrong CA', allRows, () => 401, ask), []);
      }
    });

    it('gets what anybody gets by headers without a certificate', async () => {
      const ask = directly({ headers: MASTERS });
      assert.deepEqual(await wrongCells('no certificate', allRows, ({ codes }) => codes.anonymous, ask), []);
    });

    it('gets what their own name gets by headers with a user’s certificate', async () => {
      for (const name of ['nobody', 'shopper'] as const) {
        const ask = directly({ pair: pairOf(name), headers: MASTERS });
        assert.deepEqual(await wrongCells(name, allRows, ({ codes }) => codes[name], ask), []);
      }
    });

    it('gets what their own name gets by headers that kube-apiserver is sent', async () => {
      const ask = through('shopper', Object.fromEntries(MASTERS));
      assert.deepEqual(await wrongCells('shopper', apiRows, ({ codes }) => codes.shopper, ask), []);
    });

    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`gets what anybody gets by the front proxy’s session without its certificate (${version})`, async () => {
        const only = { minVersion: version, maxVersion: version };
        const pair = running().cluster.plane.frontProxyClient;
        const first = await askDirect({
          port: running().port,
          path: '/',
          pair,
          headers: MASTERS,
          connect: only,
        });
        assert.equal(first.status, 200);
        assert.ok(first.session, 'there is something to resume');
        const connect = { ...only, session: first.session };
        // Sessions are not resumed at all: who has one is asked for a certificate again.
        const { isResumed } = await askDirect({ port: running().port, path: '/livez', connect });
        assert.equal(isResumed, false);
        const ask = directly({ headers: MASTERS, connect });
        assert.deepEqual(await wrongCells(version, allRows, ({ codes }) => codes.anonymous, ask), []);
      });
    }
  });
}
