/**
 * Metadata of an object whose values are not kept: it stays, less what repeats the object.
 *
 * An annotation can hold anything. It stays where it is a short text that is no JSON, is not known to hold what was applied,
 * and repeats none of the values that came with it.
 */
import type { JsonValue } from '../../model/json.ts';
import { isObject } from '../../model/json.ts';
import { type Digest, mark } from './marker.ts';

/** What must be known of the values beside the metadata. */
export interface Beside {
  readonly digest: Digest;
  /** Whether a text holds one of the values that came in the same event. */
  readonly repeats: (text: string) => boolean;
}

/**
 * Annotations that hold the object as it was applied: kubectl's and Banzai Cloud's (last-applied), kopf's (last-handled),
 * kapp's (original, original-diff), Rancher's (applied); and the token of an OpenShift registry's Secret.
 */
const APPLIED =
  /(?:^|\/)(?:applied|original|last-applied|last-handled)(?:[-.]|$)|^openshift\.io\/token-secret\.value$/;

/** Longer texts are configuration rather than notes. In characters. */
const NOTE_LENGTH_MAX = 256;

/**
 * Metadata, or a patch of it. managedFields go: their keys repeat the entries of lists (`v:"…"`), and no version holds them.
 */
export function redactMetadata(beside: Beside, metadata: JsonValue): JsonValue {
  if (!isObject(metadata)) return metadata === null ? null : mark(beside.digest, metadata);
  return Object.fromEntries(
    Object.entries(metadata)
      .filter(([key]) => key !== 'managedFields')
      .map(([key, value]) => [key, key === 'annotations' ? redactAnnotations(beside, value) : value]),
  );
}

function redactAnnotations(beside: Beside, annotations: JsonValue): JsonValue {
  if (!isObject(annotations)) return annotations === null ? null : mark(beside.digest, annotations);
  return Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [key, redactAnnotation(beside, key, value)]),
  );
}

function redactAnnotation({ digest, repeats }: Beside, key: string, value: JsonValue): JsonValue {
  if (value === null) return null;
  const isNote =
    typeof value === 'string' &&
    value.length <= NOTE_LENGTH_MAX &&
    !/^\s*[[{]/.test(value) &&
    !APPLIED.test(key);
  return isNote && !repeats(value) ? value : mark(digest, value);
}

/** What a JSON Patch puts at a place in the metadata. @param keys the place, below `metadata` */
export function redactMetadataAt(beside: Beside, keys: readonly string[], value: JsonValue): JsonValue {
  const [first, second] = keys;
  if (first === undefined) return redactMetadata(beside, value);
  if (first === 'managedFields') return mark(beside.digest, value);
  if (first !== 'annotations') return value;
  return second === undefined ? redactAnnotations(beside, value) : redactAnnotation(beside, second, value);
}
