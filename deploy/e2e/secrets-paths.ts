/** All that can be asked of our API group, about all objects that are known. */
import assert from 'node:assert/strict';
import { ROUTES } from '../../src/http/routes/index.ts';
import type { Route } from '../../src/http/routes/route.ts';
import {
  isArray,
  isObject,
  member,
  objectMember,
  stringMember,
  type JsonObject,
} from '../../src/model/json.ts';
import type { Identity } from './cluster/identities.ts';
import { API_PATH } from './testing/provenance-cluster.ts';

/** Every path of every route, for every object that is known, with every parameter that shows more of it, in every output. */
export async function everyPath({ client }: Identity): Promise<readonly string[]> {
  const list = await client.expect({ method: 'GET', path: `${API_PATH}/objecthistories?user=admin` });
  const items = isObject(list) ? member(list, 'items') : undefined;
  assert.ok(isArray(items));
  const objects = items.filter(isObject).map((item) => ({
    identity: identityOf(objectMember(item, 'object') ?? {}),
    history: stringMember(objectMember(item, 'metadata') ?? {}, 'name') ?? '',
    versions: Number(member(item, 'versions')),
  }));
  assert.ok(
    objects.some(({ identity }) => identity.resource === 'secrets') &&
      objects.some(({ identity }) => identity.resource === 'pods'),
  );
  const paths = ROUTES.flatMap((route) =>
    route.paths.flatMap((pattern) =>
      objects.flatMap(({ identity, history, versions }) => {
        const name = pattern.includes('objecthistories') ? history : identity.name;
        const path = pattern
          .replace(':namespace', identity.namespace)
          .replace(':resource', identity.resource)
          .replace(':name', encodeURIComponent(name));
        const isOf =
          pattern.includes(':namespace') === (identity.namespace !== '') || !pattern.includes(':name');
        return isOf ? withParameters(route, `${API_PATH}${path}`, versions) : [];
      }),
    ),
  );
  return [...new Set(paths)];
}

function identityOf(object: JsonObject): {
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
} {
  const text = (key: string): string => stringMember(object, key) ?? '';
  return { namespace: text('namespace'), resource: text('resource'), name: text('name') };
}

function withParameters({ parameters, formats }: Route, path: string, versions: number): readonly string[] {
  const takes = (name: string): boolean => parameters.names.includes(name);
  const numbers = Array.from({ length: versions }, (_, index) => index + 1);
  const queries = [
    '',
    ...(takes('version') ? numbers.map((number) => `version=${number}`) : []),
    ...(takes('start')
      ? numbers.flatMap((start) =>
          numbers.filter((end) => end >= start).map((end) => `start=${start}&end=${end}`),
        )
      : []),
    ...(takes('field') ? ['a', 'b', 'c', 'g', 'h'].map((key) => `field=data.${key}&start=1`) : []),
    ...(takes('groupBy')
      ? ['user', 'verb', 'resource', 'namespace', 'day'].map((by) => `groupBy=${by}`)
      : []),
    ...(takes('at') ? ['at=-1s'] : []),
    ...(parameters.pairs === true ? ['field=data.a&value=x'] : []),
  ];
  const outputs = ['', ...formats.map((format) => `output=${format}`)];
  return queries.flatMap((query) =>
    outputs.map((output) => `${path}?${[query, output].filter((part) => part !== '').join('&')}`),
  );
}
