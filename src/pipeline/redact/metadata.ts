/**
 * Metadata of an object whose values are not kept: it stays, less what can repeat the object.
 *
 * An annotation can hold anything. Its name stays, and its value where the name is known to be harmless.
 */
import type { JsonValue } from '../../model/json.ts';
import { isObject } from '../../model/json.ts';
import { isHarmlessAnnotation } from './annotations.ts';
import { type Digest, mark } from './marker.ts';

/**
 * Metadata, or a patch of it. managedFields go: their keys repeat the entries of lists (`v:"…"`), and no version holds them.
 */
export function redactMetadata(digest: Digest, metadata: JsonValue): JsonValue {
  if (!isObject(metadata)) return metadata === null ? null : mark(digest, metadata);
  return Object.fromEntries(
    Object.entries(metadata)
      .filter(([key]) => key !== 'managedFields')
      .map(([key, value]) => [key, key === 'annotations' ? redactAnnotations(digest, value) : value]),
  );
}

function redactAnnotations(digest: Digest, annotations: JsonValue): JsonValue {
  if (!isObject(annotations)) return annotations === null ? null : mark(digest, annotations);
  return Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [key, redactAnnotation(digest, key, value)]),
  );
}

function redactAnnotation(digest: Digest, key: string, value: JsonValue): JsonValue {
  if (value === null) return null;
  return typeof value === 'string' && isHarmlessAnnotation(key) ? value : mark(digest, value);
}

/** What a JSON Patch puts at a place in the metadata. @param keys the place, below `metadata` */
export function redactMetadataAt(digest: Digest, keys: readonly string[], value: JsonValue): JsonValue {
  const [first, second] = keys;
  if (first === undefined) return redactMetadata(digest, value);
  if (first === 'managedFields') return mark(digest, value);
  if (first !== 'annotations') return value;
  return second === undefined ? redactAnnotations(digest, value) : redactAnnotation(digest, second, value);
}
