/**
 * The members of an object whose values are not kept, by their names. Which members there are stays visible, what they
 * hold does not.
 *
 * What is not known to be harmless becomes a marker.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { isArray, isObject, stringMember } from '../../model/json.ts';
import type { GroupResource } from '../../model/object-key.ts';
import { type Digest, mark, markBase64 } from './marker.ts';
import { redactMetadata } from './metadata.ts';

/** How the values of a body are read. */
export interface Reading {
  readonly digest: Digest;
  /** Whose members are known by name: Secrets' and ConfigMaps'. */
  readonly resource: 'secrets' | 'configmaps' | 'other';
  /** Whether the body is a merge, strategic or apply patch, in which null removes. */
  readonly isPatch: boolean;
}

/** How the members of a redacted resource are told apart. */
export function knownResource({ group, resource }: GroupResource): Reading['resource'] {
  return group === '' && (resource === 'secrets' || resource === 'configmaps') ? resource : 'other';
}

/** What a strategic merge patch does to a map (apimachinery/pkg/util/strategicpatch/patch.go). */
const DIRECTIVES: ReadonlySet<JsonValue> = new Set(['replace', 'merge', 'delete']);
/** kubernetes/pkg/apis/core/types.go; the fold asks for it where a whole collection of pods is deleted. */
const POD_PHASES: ReadonlySet<JsonValue> = new Set(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown']);

/** What cannot be told without stringData. */
export const UNTOLD = Symbol('untold');

/** What a member at the top of an object becomes; a Secret's stringData is read by secretData. */
export function redactMember(key: string, value: JsonValue, reading: Reading): JsonValue {
  switch (key) {
    case 'apiVersion':
    case 'kind':
    case 'type':
      return typeof value === 'string' ? value : redactDeep(value, reading);
    case 'immutable':
      return typeof value === 'boolean' ? value : redactDeep(value, reading);
    case 'metadata':
      return redactMetadata(reading.digest, value);
    case 'status':
      return redactStatus(value);
    case 'data':
      return reading.resource === 'secrets' ? redactData(value, reading) : redactDeep(value, reading);
    case 'binaryData':
      return reading.resource === 'configmaps' ? redactData(value, reading) : redactDeep(value, reading);
    default:
      return redactEntry(key, value, reading);
  }
}

/** No version holds a status: what little is asked of it stays. */
function redactStatus(status: JsonValue): JsonObject {
  const phase = isObject(status) ? stringMember(status, 'phase') : undefined;
  return phase !== undefined && POD_PHASES.has(phase) ? { phase } : {};
}

/** Every scalar below becomes a marker; null, which is no value, stays. */
export function redactDeep(value: JsonValue, reading: Reading): JsonValue {
  if (value === null) return null;
  if (isArray(value)) return value.map((item) => redactDeep(item, reading));
  if (!isObject(value)) return mark(reading.digest, value);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, redactEntry(key, item, reading)]),
  );
}

/** A member of what lies deeper: the directive of a patch stays. */
export function redactEntry(key: string, value: JsonValue, reading: Reading): JsonValue {
  return isDirective(key, value) ? value : redactDeep(value, reading);
}

function isDirective(key: string, value: JsonValue): boolean {
  return key === '$patch' && DIRECTIVES.has(value);
}

/** A map of base64: markers are of the bytes, so that they can be compared with those of texts. */
function redactData(data: JsonValue, reading: Reading): JsonValue {
  if (!isObject(data)) return data === null ? null : mark(reading.digest, data);
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      isDirective(key, value) ? value : redactDatum(value, reading),
    ]),
  );
}

/** One value of a map of base64. Go reads null as no bytes. */
export function redactDatum(value: JsonValue, { digest, isPatch }: Reading): JsonValue {
  if (value === null) return isPatch ? null : mark(digest, '');
  return markBase64(digest, value);
}

/**
 * A Secret's `data` after its `stringData` was written over it, as the server stores it
 * (kubernetes/pkg/apis/core/v1/conversion.go); undefined where there is neither.
 *
 * A patch is applied before that, and what is stored has no stringData: null in it removes nothing.
 * @returns UNTOLD for a patch that removes all of `data` and sets some of `stringData`: no merge patch does both
 */
export function secretData(
  data: JsonValue | undefined,
  stringData: JsonValue | undefined,
  reading: Reading,
): JsonValue | undefined | typeof UNTOLD {
  const { digest, isPatch } = reading;
  const redacted = data === undefined ? undefined : redactData(data, reading);
  const texts = Object.entries(isObject(stringData) ? stringData : {})
    .filter(([key, value]) => !isPatch || (value !== null && !isDirective(key, value)))
    .map(([key, value]) => [key, mark(digest, value ?? '')] as const);
  if (texts.length === 0) return redacted;
  if (redacted === null && isPatch) return UNTOLD;
  if (redacted !== undefined && redacted !== null && !isObject(redacted)) return redacted;
  return Object.fromEntries<JsonValue>([...Object.entries(redacted ?? {}), ...texts]);
}
