/**
 * A stored or sent object → its content: the object less what the server owns.
 *
 * Left out: apiVersion, kind, status, all metadata but labels, annotations, ownerReferences and finalizers, and annotations
 * that are bookkeeping of controllers and of kubectl. Empty parts of the metadata count as absent, as the server's own
 * encoding has it.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { isArray, isObject, member, objectMember } from '../../model/json.ts';

/** Annotations that change by themselves, or repeat what the object says. */
export const BOOKKEEPING_ANNOTATIONS: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.daemonset.template.generation',
  'control-plane.alpha.kubernetes.io/leader',
  'endpoints.kubernetes.io/last-change-trigger-time',
];

const SERVER_OWNED: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'status']);
const METADATA_KEPT = ['labels', 'annotations', 'ownerReferences', 'finalizers'] as const;

/** The content of a whole object. */
export function contentOf(object: JsonObject, bookkeeping: ReadonlySet<string>): JsonObject {
  const metadata = metadataOf(objectMember(object, 'metadata') ?? {}, bookkeeping);
  const rest = Object.entries(object).filter(([key]) => !SERVER_OWNED.has(key));
  return Object.fromEntries<JsonValue>(metadata === undefined ? rest : [['metadata', metadata], ...rest]);
}

/** The kept part of an object's metadata; undefined where nothing is left. */
export function metadataOf(metadata: JsonObject, bookkeeping: ReadonlySet<string>): JsonObject | undefined {
  const entries = METADATA_KEPT.flatMap((key) => {
    const value = member(metadata, key);
    const kept = key === 'annotations' && isObject(value) ? withoutKeys(value, bookkeeping) : value;
    return kept === undefined || isEmpty(kept) ? [] : [[key, kept] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** A content with other metadata. */
export function withMetadata(content: JsonObject, metadata: JsonObject | undefined): JsonObject {
  const rest = Object.entries(content).filter(([key]) => key !== 'metadata');
  return Object.fromEntries<JsonValue>(metadata === undefined ? rest : [['metadata', metadata], ...rest]);
}

/** Whether finalizers stand in the content's metadata. */
export function hasFinalizers(content: JsonObject): boolean {
  const finalizers = member(objectMember(content, 'metadata') ?? {}, 'finalizers');
  return isArray(finalizers) && finalizers.length > 0;
}

function withoutKeys(object: JsonObject, keys: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.has(key)));
}

function isEmpty(value: JsonValue): boolean {
  if (isArray(value)) return value.length === 0;
  return value === null || (isObject(value) && Object.keys(value).length === 0);
}
