/** Credentials that are not what they say, on the server's own port: tests that authorization.e2e.ts runs on its cluster. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { BOT } from './authorization-grants.ts';
import type { Identity } from './cluster/identities.ts';
import { askDirect, type DirectRequest, type RawHeaders } from './testing/direct-request.ts';
import type { ProvenanceCluster } from './testing/provenance-cluster.ts';

/** Declares the tests. `identity` gives somebody of the matrix. */
export function describeCredentials(
  running: () => ProvenanceCluster,
  identity: (name: 'nobody' | 'bot') => Identity,
): void {
  describe('by credentials on its own port', () => {
    const MASTERS: RawHeaders = [
      ['X-Remote-User', 'admin'],
      ['X-Remote-Group', 'system:masters'],
      ['X-Remote-Uid', '1'],
      ['X-Remote-Extra-Scopes', 'all'],
    ];

    /** Asks for what only some may: a refusal says who is asking. */
    async function whoAmI(request: Omit<DirectRequest, 'port' | 'path'>): Promise<string> {
      const { status, body } = await askDirect({ ...request, port: running().port, path: '/' });
      return `${status} ${/User \\"(?<user>[^\\]*)\\"/.exec(body)?.groups?.['user'] ?? ''}`.trim();
    }

    it('takes nobody’s word without the front proxy’s certificate', async () => {
      assert.equal(await whoAmI({}), '403 system:anonymous');
      assert.equal(await whoAmI({ headers: MASTERS }), '403 system:anonymous');
    });

    it('knows users by certificates of the cluster’s CA, whatever their headers say', async () => {
      const pair = await running().cluster.authorities.cluster.issue({
        commonName: 'mallory',
        organizations: ['devs'],
      });
      assert.equal(await whoAmI({ pair }), '403 mallory');
      assert.equal(await whoAmI({ pair, headers: MASTERS }), '403 mallory');
      assert.equal(
        await whoAmI({ pair, headers: [...MASTERS, ['Authorization', 'Bearer x']] }),
        '403 mallory',
      );
      const proxy = await running().cluster.authorities.cluster.issue({ commonName: 'front-proxy-client' });
      assert.equal(await whoAmI({ pair: proxy, headers: MASTERS }), '403 front-proxy-client');
    });

    it('refuses certificates of others’ CAs, and of the front proxy’s CA for others', async () => {
      const { wrong, frontProxy, serving } = running().cluster.authorities;
      for (const authority of [wrong, serving]) {
        const pair = await authority.issue({
          commonName: 'front-proxy-client',
          organizations: ['system:masters'],
        });
        assert.equal(await whoAmI({ pair, headers: MASTERS }), '401');
        assert.equal(await whoAmI({ pair }), '401');
      }
      const other = await frontProxy.issue({ commonName: 'somebody', organizations: ['system:masters'] });
      assert.equal(await whoAmI({ pair: other, headers: MASTERS }), '401');
      assert.equal(await whoAmI({ pair: other }), '401');
      const server = await frontProxy.issue({
        commonName: 'front-proxy-client',
        serverNames: ['DNS:localhost'],
      });
      assert.equal(await whoAmI({ pair: server, headers: MASTERS }), '401', 'it is for servers');
    });

    it('takes the front proxy’s word', async () => {
      const pair = running().cluster.plane.frontProxyClient;
      assert.equal(await whoAmI({ pair, headers: [['X-Remote-User', 'nobody']] }), '403 nobody');
      assert.equal(await whoAmI({ pair, headers: [['X-Remote-User', 'monitor']] }), '200');
      assert.equal(await whoAmI({ pair, headers: MASTERS }), '200');
      const joined: RawHeaders = [
        ['X-Remote-User', 'nobody'],
        ['X-Remote-Group', 'devs, system:masters'],
      ];
      assert.equal(await whoAmI({ pair, headers: joined }), '403 nobody', 'a group’s name may hold a comma');
      assert.equal(await whoAmI({ pair }), '401', 'it speaks for nobody');
    });

    it('knows service accounts by their tokens, and refuses what is none', async () => {
      const { credentials } = identity('bot');
      assert.ok('tokenFile' in credentials);
      const token = await readFile(credentials.tokenFile, 'utf8');
      const bearer = (text: string): RawHeaders => [['Authorization', `Bearer ${text}`]];
      assert.equal(await whoAmI({ headers: bearer(token) }), `403 ${BOT}`);
      assert.equal(await whoAmI({ headers: [...bearer(token), ...MASTERS] }), `403 ${BOT}`);
      assert.equal(await whoAmI({ headers: bearer('garbage') }), '401');
      assert.equal(await whoAmI({ headers: [...bearer('garbage'), ...MASTERS] }), '401');
      assert.equal(
        await whoAmI({ headers: bearer(`${token.slice(0, -8)}AAAAAAAA`) }),
        '401',
        'another signature',
      );
      const pair = await running().cluster.authorities.wrong.issue({ commonName: 'front-proxy-client' });
      assert.equal(await whoAmI({ pair, headers: bearer(token) }), `403 ${BOT}`, 'one that is good suffices');
    });

    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`makes nobody more than anonymous by resuming a session (${version})`, async () => {
        const pair = running().cluster.plane.frontProxyClient;
        const { port } = running();
        const only = { minVersion: version, maxVersion: version };
        const first = await askDirect({ port, path: '/', pair, headers: MASTERS, connect: only });
        assert.equal(first.status, 200);
        assert.equal(first.protocol, version);
        assert.ok(first.session, 'there is something to resume');
        const connect = { ...only, session: first.session };
        assert.equal(await whoAmI({ connect, headers: MASTERS }), '403 system:anonymous');
        const nobody = identity('nobody').credentials;
        assert.ok('pair' in nobody);
        assert.equal(await whoAmI({ connect, pair: nobody.pair, headers: MASTERS }), '403 nobody');
      });
    }

    it('reads nothing of a name that would end a header or a certificate’s attribute', async () => {
      const { cluster, port } = running();
      const pair = await cluster.authorities.cluster.issue({ commonName: 'a/O=system:masters' });
      const { status, body } = await askDirect({ port, path: '/', pair });
      assert.equal(status, 403);
      assert.match(body, /User \\"a\/O=system:masters\\" cannot get path/);
    });
  });
}
