import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkProperty } from '../testing/property.ts';
import { parseAccept, pickOffer, type Offer } from './accept-clauses.ts';

const LIST = { group: 'apidiscovery.k8s.io', kind: 'APIGroupDiscoveryList' };
const PLAIN: Offer = { mediaType: 'application/json' };
const YAML: Offer = { mediaType: 'application/yaml' };
const V2: Offer = { mediaType: 'application/json', as: { ...LIST, version: 'v2' } };
const V2BETA1: Offer = { mediaType: 'application/json', as: { ...LIST, version: 'v2beta1' } };
const OFFERS = [PLAIN, YAML, V2, V2BETA1];

const ASK_V2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const ASK_V2BETA1 = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';

describe('pickOffer', () => {
  const cases: readonly (readonly [string, Offer | undefined])[] = [
    ['', PLAIN],
    ['*/*', PLAIN],
    ['application/*', PLAIN],
    ['*', PLAIN],
    ['application/json', PLAIN],
    ['APPLICATION/JSON', PLAIN],
    ['application/json; charset=utf-8', PLAIN],
    ['application/yaml', YAML],
    ['application/json;q=0.5, application/yaml', YAML],
    ['application/json, */*', PLAIN],
    ['*/*, application/yaml', YAML],
    // kube-aggregator 1.34
    [`${ASK_V2},${ASK_V2BETA1}`, V2],
    // kube-aggregator 1.27 to 1.29
    [ASK_V2BETA1, V2BETA1],
    [`${ASK_V2BETA1},${ASK_V2}`, V2BETA1],
    // client-go 0.36
    [`${ASK_V2};profile=nopeer,application/json`, V2],
    [`application/json,${ASK_V2}`, PLAIN],
    // client-go, which likes protobuf best
    ['application/vnd.kubernetes.protobuf;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' + ASK_V2, V2],
    ['application/json;as=Table;v=v1;g=meta.k8s.io, application/json', PLAIN],
    ['application/json;as=Table;v=v1;g=meta.k8s.io', undefined],
    ['application/json;g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList', undefined],
    ['application/vnd.kubernetes.protobuf', undefined],
    ['application/json;q=0', undefined],
    ['text/html', undefined],
    [',;,', undefined],
  ];
  for (const [header, offer] of cases) {
    it(`answers ${JSON.stringify(header)} by ${JSON.stringify(offer)}`, () => {
      assert.equal(pickOffer(header, OFFERS), offer);
    });
  }

  it('gives an offer or none for whatever stands in the header', () => {
    const part = fc.constantFrom(...'application json yaml * / ; , q = 0.5 as g v v2 " '.split(' '), ' ');
    checkProperty(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (header) => {
          const offer = pickOffer(header, OFFERS);
          assert.ok(offer === undefined || OFFERS.includes(offer));
        },
      ),
    );
  });
});

describe('parseAccept', () => {
  it('orders clauses by their quality and keeps the order of equal ones', () => {
    const types = parseAccept('a/a;q=0.1, b/b;q=0.9, c/c, d/d, e/*').map(({ type }) => type);
    assert.deepEqual(types, ['c', 'd', 'e', 'b', 'a']);
  });

  it('reads parameters, quoted or not', () => {
    const [clause] = parseAccept(' Application/JSON ; AS="Table" ; v=v1;flag');
    assert.deepEqual(clause, {
      type: 'application',
      subtype: 'json',
      quality: 1,
      parameters: new Map([
        ['as', 'Table'],
        ['v', 'v1'],
        ['flag', ''],
      ]),
    });
  });
});
