import assert from 'node:assert/strict';
import { test } from 'node:test';
import Koa from 'koa';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { isPretty, negotiateFormat, wantsPretty, type OutputFormat } from './negotiate.ts';
import { StatusError } from './status.ts';

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

test("kubectl get's tables fall through to plain JSON", () => {
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
