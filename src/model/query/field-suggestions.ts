/** What a field that occurs nowhere may have been meant to be. */
import { bareName, formatFieldPath, keyStep, type FieldPath } from '../field-path.ts';
import { QueryError } from '../errors.ts';
import { isArray, isObject, type JsonValue } from '../json.ts';
import { describeObject } from '../object-key.ts';
import type { ObjectHistory } from '../reader.ts';

/** How many members of a content are looked at. */
const MEMBERS_MAX = 20_000;
const SUGGESTIONS_MAX = 3;

/** The error for a field that occurs in no version, with the nearest fields of the newest content. */
export function fieldNotFound(history: ObjectHistory, path: FieldPath, parameter: string): QueryError {
  const candidates = nearFields(history, path);
  const advice = adviceFor(history, candidates);
  return new QueryError(
    'FIELD_NOT_FOUND',
    `${parameter} "${formatFieldPath(path)}" occurs in no version of ${describeObject(history.key)}: ${advice}`,
    { parameter, candidates },
  );
}

function adviceFor(history: ObjectHistory, candidates: readonly string[]): string {
  if (candidates.length > 0) return `did you mean ${candidates.map((text) => `"${text}"`).join(' or ')}?`;
  const isRecorded = history.versions.some(({ content }) => content !== undefined);
  return isRecorded
    ? 'ask for spechistory to see its fields'
    : 'the audit log holds the content of none (the audit policy recorded no body)';
}

function nearFields(history: ObjectHistory, path: FieldPath): string[] {
  const content = history.versions.findLast((version) => version.content !== undefined)?.content;
  const wanted = path.findLast((step) => step.type === 'key')?.key;
  if (content === undefined || wanted === undefined) return [];
  const isBare = bareName(path) !== undefined;
  const distances = new Map<string, number>();
  for (const { key, path: at } of membersOf(content)) {
    const distance = distanceOf(wanted, key);
    const text = isBare ? formatFieldPath([keyStep(key)]) : formatFieldPath(at);
    if (distance <= (wanted.length < 5 ? 1 : 2)) distances.set(text, distance);
  }
  return [...distances]
    .sort((a, b) => a[1] - b[1])
    .slice(0, SUGGESTIONS_MAX)
    .map(([text]) => text);
}

interface Member {
  readonly key: string;
  /** Without list steps: such a path goes through all entries. */
  readonly path: FieldPath;
}

/** The members of a content at any depth, those near the root first. */
function membersOf(content: JsonValue): readonly Member[] {
  const members: Member[] = [];
  const waiting: { readonly path: FieldPath; readonly value: JsonValue }[] = [{ path: [], value: content }];
  for (const { path, value } of waiting) {
    if (waiting.length > MEMBERS_MAX) break;
    if (isArray(value)) {
      for (const entry of value) waiting.push({ path, value: entry });
    } else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        const at = [...path, keyStep(key)];
        members.push({ key, path: at });
        waiting.push({ path: at, value: item });
      }
    }
  }
  return members;
}

/** Levenshtein's distance, letters of either case alike; names of very different length are just far. */
function distanceOf(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > 2) return Infinity;
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? Infinity;
}
