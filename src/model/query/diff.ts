/**
 * What differs between two versions. The versions in between are not looked at.
 *
 * With a field, the changes are those of its value wherever it occurs: at the field's path, below it, and where all that
 * held it came or went, as an `add` or a `remove` of the field. `values` then has the value at both ends for every
 * occurrence, changed or not, and the patch is the field's alone, left out where there can be none (field-patch.ts).
 *
 * Where not all of a version was recorded, changes that may be none are marked (proof.ts).
 */
import { formatFieldPath, parseFieldPath, type FieldPath } from '../field-path.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { ObjectHistory } from '../reader.ts';
import { isCreation, type Fidelity, type Operation, type Version } from '../version.ts';
import { API_VERSION, identityOf, originOf, type ObjectIdentity, type Origin } from './answer.ts';
import { diffAt, diffContents, type Change } from './changes.ts';
import { contentAt } from './content.ts';
import { fieldNotFound } from './field-suggestions.ts';
import { makeFieldPatch } from './field-patch.ts';
import { makePatch, type PatchOperation } from './patch.ts';
import { markUnproven, proofBetween } from './proof.ts';
import { selectAligned } from './select-aligned.ts';
import { selectField } from './select.ts';

/** One of the two versions compared. */
export interface DiffEnd extends Origin {
  readonly operation: Operation;
  readonly fidelity: Fidelity;
  /** The object did not exist at this version. */
  readonly deleted?: true;
}

/** A field's value at both ends; absent where the field did not occur. */
export interface FieldValues {
  /** Where the field is. */
  readonly path: string;
  /** The value at the start. */
  readonly from?: JsonValue;
  /** The value at the end. */
  readonly to?: JsonValue;
}

/** What differs between two versions of an object. */
export interface DiffResult {
  readonly kind: 'DiffResult';
  readonly apiVersion: typeof API_VERSION;
  /** The object whose versions are compared. */
  readonly object: ObjectIdentity;
  /** null: before the first version, when there was nothing, or as `startUnknown` says. */
  readonly start: DiffEnd | null;
  /** The first version is not the object's creation: what was before it was not recorded. */
  readonly startUnknown?: true;
  /** The later of the two versions. */
  readonly end: DiffEnd;
  /** As asked; absent where all fields were asked for. */
  readonly field?: string;
  /** What differs, path by path, in document order. */
  readonly changes: readonly Change[];
  /** RFC 6902, from what is known of the start's content to that of the end's; absent where a field was asked for. */
  readonly patch?: readonly PatchOperation[];
  /** Only where a field was asked for. */
  readonly values?: readonly FieldValues[];
}

/**
 * Compares two versions of an object.
 * @throws QueryError CONTENT_UNKNOWN, FIELD_MALFORMED or FIELD_NOT_FOUND (the field occurs in no version at all)
 */
export function answerDiff(
  history: ObjectHistory,
  range: { readonly start: Version | undefined; readonly end: Version },
  field?: string,
): DiffResult {
  const path = field === undefined ? undefined : parseFieldPath(field);
  const from = contentAt(history, range.start, 'start');
  const to = contentAt(history, range.end, 'end');
  const ends = {
    kind: 'DiffResult',
    apiVersion: API_VERSION,
    object: identityOf(history.key),
    start: range.start === undefined ? null : endOf(range.start),
    ...(range.start === undefined && !isCreation(range.end) ? { startUnknown: true as const } : {}),
    end: endOf(range.end),
  } as const;
  const proof = proofBetween(history, range.start, range.end);
  if (path === undefined || field === undefined) {
    return { ...ends, changes: markUnproven(diffContents(from, to), proof), patch: makePatch(from, to) };
  }
  const { changes, values, patch } = diffField(history, from, to, path);
  return { ...ends, field, changes: markUnproven(changes, proof), values, ...(patch && { patch }) };
}

function diffField(history: ObjectHistory, from: JsonObject, to: JsonObject, path: FieldPath) {
  const occurrences = selectAligned(from, to, path);
  if (occurrences.length === 0 && !occursAnywhere(history, path)) throw fieldNotFound(history, path, 'field');
  return {
    patch: makeFieldPatch(from, to, occurrences),
    changes: occurrences.flatMap(({ path: at, from: before, to: after, nested }) =>
      // What holds a nested occurrence is an occurrence itself, and its changes include these.
      nested ? [] : diffAt(at, before, after),
    ),
    values: occurrences.map(({ path: at, from: before, to: after }): FieldValues => {
      const text = formatFieldPath(at);
      if (before === undefined) return after === undefined ? { path: text } : { path: text, to: after };
      return after === undefined ? { path: text, from: before } : { path: text, from: before, to: after };
    }),
  };
}

function occursAnywhere(history: ObjectHistory, path: FieldPath): boolean {
  return history.versions.some(
    ({ content }) => content !== undefined && selectField(content, path).length > 0,
  );
}

function endOf(version: Version): DiffEnd {
  return {
    ...originOf(version),
    operation: version.operation,
    fidelity: version.fidelity,
    ...(version.deleted ? { deleted: true } : {}),
  };
}
