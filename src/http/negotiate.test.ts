import assert from 'node:assert/strict';
import { test } from 'node:test';
import Koa from 'koa';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import {
  isPretty,
  negotiateFormat,
  negotiateRepresentation,
  wantsPretty,
  type OutputFormat,
} from './negotiate.ts';
import { StatusError } from './status.ts';
import { conversionsTo } from './table.ts';

const READABLE: readonly OutputFormat[] = ['json', 'yaml', 'text'];
const CHANGE: readonly OutputFormat[] = [...READABLE, 'patch'];

/** The form for an Accept header and an output parameter. */
function negotiated(accept: string | undefined, output?: string, formats = READABLE): OutputFormat {
  const request = new IncomingMessage(new Socket());
  if (accept !== undefined) request.headers.accept = accept;
  const ctx = new Koa().createContext(request, new ServerResponse(request));
  return negotiateFormat(ctx, new Map(output === undefined ? [] : [['output', output]]), formats);
}

test('the Accept header chooses, JSON where it does not care', () => {
  assert.equal(negotiated(undefined), 'json');
  assert.equal(negotiated('*/*'), 'json');
  assert.equal(negotiated('application/json, */*'), 'json');
  assert.equal(negotiated('application/*'), 'json');
  assert.equal(negotiated('application/json; charset=UTF-8'), 'json');
  assert.equal(negotiated('application/yaml'), 'yaml');
  assert.equal(negotiated('text/plain'), 'text');
  assert.equal(negotiated('text/plain;charset=utf-8'), 'text');
  assert.equal(negotiated('text/*'), 'text');
  assert.equal(negotiated('application/json;q=0.5, application/yaml'), 'yaml');
  assert.equal(negotiated('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'), 'json');
});

/** What an answer that comes as a table, and as metadata, comes as for an Accept header. */
function represented(accept: string, output?: string): string {
  const conversions = conversionsTo(['Table', 'PartialObjectMetadataList']);
  const { format, as } = negotiateRepresentation(
    { get: () => accept },
    new Map(output === undefined ? [] : [['output', output]]),
    READABLE,
    conversions,
  );
  return as === undefined ? format : `${format} ${as.kind} ${as.group}/${as.version}`;
}

test('the clauses decide in their order, those that ask for another kind too', () => {
  const v1 = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const v1beta1 = 'application/json;as=Table;v=v1beta1;g=meta.k8s.io';
  const metadata = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
  for (const [accept, expected] of [
    [`${v1},${v1beta1},application/json`, 'json Table meta.k8s.io/v1'],
    [`${v1beta1},${v1}`, 'json Table meta.k8s.io/v1beta1'],
    [`application/json,${v1}`, 'json'],
    [`${v1};q=0.5,application/json`, 'json'],
    [`application/json;q=0.5,${v1}`, 'json Table meta.k8s.io/v1'],
    [`*/*,${v1}`, 'json Table meta.k8s.io/v1'],
    ['application/yaml;as=Table;v=v1;g=meta.k8s.io', 'yaml Table meta.k8s.io/v1'],
    [
      `application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,${metadata}`,
      `json PartialObjectMetadataList meta.k8s.io/v1`,
    ],
    // Kubernetes passes over parameters that it does not know, and over spaces.
    [' APPLICATION/JSON ; g=meta.k8s.io ; v=v1 ; profile=x ; as=Table ', 'json Table meta.k8s.io/v1'],
    ['application/json;as="Table";v=v1;g=meta.k8s.io', 'json Table meta.k8s.io/v1'],
    ['*/*;as=Table;v=v1;g=meta.k8s.io', 'json Table meta.k8s.io/v1'],
    // What is no kind, group or version of ours fits nothing.
    ['application/json;as=Table;v=v2;g=meta.k8s.io,application/yaml', 'yaml'],
    ['application/json;as=Table;v=v1,application/yaml', 'yaml'],
    ['application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,text/plain', 'text'],
    ['text/plain;as=Table;v=v1;g=meta.k8s.io,application/yaml', 'yaml'],
    [`;,,=;/,,${v1}`, 'json Table meta.k8s.io/v1'],
    ['', 'json'],
  ] as const)
    assert.equal(represented(accept), expected, accept);
  assert.equal(represented(v1, 'text'), 'text', 'output comes before the header');
  assert.throws(
    () => represented('application/json;as=Table;v=v2;g=meta.k8s.io'),
    /only the following media types/,
  );
});

test('a table of what has none falls through to plain JSON', () => {
  const accept =
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
  assert.equal(negotiated(accept), 'json');
});

test('a client that accepts none of the forms is refused', () => {
  for (const accept of [
    'application/vnd.kubernetes.protobuf',
    'image/png',
    'application/json;q=0',
    'application/json;as=Table;v=v1;g=meta.k8s.io',
    'application/json-patch+json',
    'garbage',
    `"${','.repeat(100_000)}`,
  ]) {
    assert.throws(
      () => negotiated(accept),
      (error) => {
        assert.ok(error instanceof StatusError);
        assert.equal(error.reason, 'NotAcceptable');
        assert.equal(
          error.message,
          'only the following media types are accepted: application/json, application/yaml, text/plain',
        );
        return true;
      },
    );
  }
});

test('output comes before the Accept header', () => {
  assert.equal(negotiated('image/png', 'yaml'), 'yaml');
  assert.equal(negotiated('application/json', 'text'), 'text');
});

test('only a change has the form of a patch', () => {
  assert.equal(negotiated(undefined, 'patch', CHANGE), 'patch');
  assert.equal(negotiated('application/json-patch+json', undefined, CHANGE), 'patch');
  assert.throws(
    () => negotiated(undefined, 'patch'),
    /there is no output=patch here: give json, yaml or text/,
  );
  assert.throws(() => negotiated(undefined, 'xml'), /output is "xml": give json, yaml or text/);
});

test('JSON is pretty for the programs of people, unless they say otherwise', () => {
  const none = new Map<string, string>();
  for (const userAgent of [
    'kubectl/v1.32.0 (linux/amd64) kubernetes/70d3cc9',
    'curl/8.5.0',
    'Wget/1.21',
    'Mozilla/5.0 (X11)',
  ]) {
    assert.equal(wantsPretty(userAgent, none), true);
    assert.equal(wantsPretty(userAgent, new Map([['pretty', '']])), true);
    for (const no of ['false', '0', 'F'])
      assert.equal(wantsPretty(userAgent, new Map([['pretty', no]])), false);
    assert.equal(isPretty(userAgent, 'pretty=0'), false);
    assert.equal(isPretty(userAgent, 'pretty=maybe'), true);
  }
  for (const userAgent of ['', 'undici', 'Go-http-client/2.0', 'not curl']) {
    assert.equal(wantsPretty(userAgent, none), false);
    assert.equal(wantsPretty(userAgent, new Map([['pretty', 'true']])), true);
    assert.equal(isPretty(userAgent, 'pretty=1'), true);
    assert.equal(isPretty(userAgent, ''), false);
  }
  assert.throws(() => wantsPretty('', new Map([['pretty', 'maybe']])), /neither true nor false/);
});
