import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthority } from '../testing/certificates.ts';
import {
  clientCaBundle,
  mergeAuthenticationConfig,
  parseAuthenticationConfigMap,
  REQUEST_HEADER_DEFAULTS,
  type AuthenticationConfig,
} from './authentication-config.ts';
import { parseCertificates } from './certificate-pem.ts';

const { certPem: proxyCa } = await createAuthority('front-proxy-ca');
const { certPem: usersCa } = await createAuthority('users-ca');

/** As kube-apiserver 1.34 writes it. */
const DATA = {
  'client-ca-file': usersCa,
  'requestheader-allowed-names': '["front-proxy-client"]',
  'requestheader-client-ca-file': proxyCa,
  'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
  'requestheader-group-headers': '["X-Remote-Group"]',
  'requestheader-uid-headers': '["X-Remote-Uid"]',
  'requestheader-username-headers': '["X-Remote-User"]',
};

const CONFIG: AuthenticationConfig = {
  requestHeader: {
    clientCa: proxyCa,
    allowedNames: ['front-proxy-client'],
    usernameHeaders: ['X-Remote-User'],
    uidHeaders: ['X-Remote-Uid'],
    groupHeaders: ['X-Remote-Group'],
    extraHeadersPrefixes: ['X-Remote-Extra-'],
  },
  clientCa: usersCa,
};

test('the ConfigMap of kube-apiserver is understood', () => {
  assert.deepEqual(parseAuthenticationConfigMap(DATA), CONFIG);
});

test('what the ConfigMap does not say is not trusted', () => {
  assert.deepEqual(parseAuthenticationConfigMap({}), { requestHeader: undefined, clientCa: undefined });
  const { 'requestheader-uid-headers': _uid, 'client-ca-file': _ca, ...older } = DATA;
  const config = parseAuthenticationConfigMap({ ...older, 'requestheader-allowed-names': 'null' });
  assert.deepEqual(config.requestHeader?.uidHeaders, []);
  assert.deepEqual(config.requestHeader?.allowedNames, []);
  assert.equal(config.clientCa, undefined);
});

test('what cannot be understood is refused by the name of its key', () => {
  const lists = ['{"a":1}', '"X-Remote-User"', 'X-Remote-User', '[1]', '[""]', '["a", " "]', '['];
  for (const list of lists) {
    const data = { ...DATA, 'requestheader-extra-headers-prefix': list };
    const error = { name: 'AuthenticationConfigError', message: /^requestheader-extra-headers-prefix / };
    assert.throws(() => parseAuthenticationConfigMap(data), error, list);
  }
  const cut = `${usersCa}\n${proxyCa.replace(/M/, '!')}`;
  for (const pem of ['x', ' ', cut]) {
    const error = { name: 'AuthenticationConfigError', message: /^client-ca-file / };
    assert.throws(() => parseAuthenticationConfigMap({ ...DATA, 'client-ca-file': pem }), error, pem);
  }
});

test('flags come before the ConfigMap, each part for itself', () => {
  const none: AuthenticationConfig = { requestHeader: undefined, clientCa: undefined };
  const requestHeader = { ...REQUEST_HEADER_DEFAULTS, clientCa: usersCa };
  assert.deepEqual(mergeAuthenticationConfig(none, CONFIG), CONFIG);
  assert.deepEqual(mergeAuthenticationConfig(CONFIG, none), CONFIG);
  assert.deepEqual(mergeAuthenticationConfig({ ...none, requestHeader }, CONFIG), {
    requestHeader,
    clientCa: usersCa,
  });
  assert.deepEqual(mergeAuthenticationConfig({ ...none, clientCa: proxyCa }, CONFIG), {
    ...CONFIG,
    clientCa: proxyCa,
  });
});

test('clients are asked for certificates of all CAs', () => {
  const subjects = parseCertificates(clientCaBundle(CONFIG)).map(({ subject }) => subject);
  assert.deepEqual(subjects, ['CN=front-proxy-ca', 'CN=users-ca']);
  assert.equal(clientCaBundle({ requestHeader: undefined, clientCa: undefined }), '');
});
