/**
 * All definitions of the OpenAPI documents: the answers (generated from their types), what of them the types cannot say,
 * and the kinds of Kubernetes that go with them.
 */
import { API_VERSION_NAME, GROUP } from '../api-group.ts';
import { ANSWER_TYPES } from './answer-types.ts';
import generated from './definitions.json' with { type: 'json' };
import type { Definitions, JsonSchema } from './json-schema.ts';
import { META_DEFINITIONS, META_PREFIX } from './meta-definitions.ts';

/** `io.cloudark.kubeprovenance.v1.`: the group backwards, as Go's packages make the names of Kubernetes' own. */
const OWN_PREFIX = `${GROUP.split('.').toReversed().join('.')}.${API_VERSION_NAME}.`;

/** A kind of our group, as OpenAPI's extension names it. */
export function groupVersionKind(kind: string): Readonly<Record<string, string>> {
  return { group: GROUP, kind, version: API_VERSION_NAME };
}

/** The name under which a type is published. */
export function publishedName(type: string): string {
  return type.startsWith(META_PREFIX) ? type : `${OWN_PREFIX}${type}`;
}

/** The object itself: whatever its kind may be. */
const MANIFEST: JsonSchema = {
  description: 'An object of any kind as it was at a version, fit for kubectl replace.',
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
  'x-kubernetes-preserve-unknown-fields': true,
};

/** Type → the kind that clients know it by. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ...ANSWER_TYPES.map(({ type, kind }) => [type, kind] as const),
  ['Manifest', 'Manifest'],
]);

const STATUS = META_DEFINITIONS[`${META_PREFIX}Status`];
const USUAL_WORDS = new Map(
  ['apiVersion', 'kind', 'metadata'].map((name) => [name, STATUS?.properties?.[name]?.description] as const),
);
const GENERATED: Definitions = generated;

/** All of them, by their type. */
export const DEFINITIONS: Definitions = Object.fromEntries([
  ...Object.entries({ ...GENERATED, Manifest: MANIFEST }).map(([type, schema]) => [
    type,
    withKind(withUsualWords(schema), KINDS.get(type)),
  ]),
  ...Object.entries(META_DEFINITIONS),
]);

/** The type that describes a kind. @throws where there is none */
export function typeOfKind(kind: string): string {
  for (const [type, known] of KINDS) {
    if (known === kind) return type;
  }
  throw new TypeError(`no type describes the kind ${kind}`);
}

function withKind(schema: JsonSchema, kind: string | undefined): JsonSchema {
  return kind === undefined
    ? schema
    : { ...schema, 'x-kubernetes-group-version-kind': [groupVersionKind(kind)] };
}

/** `apiVersion`, `kind` and `metadata` are Kubernetes', and so are the words for them, where the type has none. */
function withUsualWords(schema: JsonSchema): JsonSchema {
  const { properties } = schema;
  if (properties === undefined || !Object.hasOwn(properties, 'kind')) return schema;
  const described = Object.entries(properties).map(([name, property]) => {
    const description = property.description ?? USUAL_WORDS.get(name);
    return [name, description === undefined ? property : { ...property, description }];
  });
  return { ...schema, properties: Object.fromEntries(described) };
}
