import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { contentPairs } from '../../testing/arbitraries.ts';
import { checkProperty } from '../../testing/property.ts';
import { parseFieldPath } from '../field-path.ts';
import { equalJson, isObject, type JsonObject, type JsonValue, stringifyJson } from '../json.ts';
import { makeFieldPatch } from './field-patch.ts';
import { draftOf, applyToDraft, type Draft } from './patch-draft.ts';
import type { PatchOperation } from './patch.ts';
import { selectAligned } from './select-aligned.ts';

const FIELDS = ['image', 'env', 'name', 'spec', 'databases', 'password', 'metadata.labels', 'spec.replicas'];

function fieldPatch(from: JsonObject, to: JsonObject, field: string): PatchOperation[] | undefined {
  return makeFieldPatch(from, to, selectAligned(from, to, parseFieldPath(field)));
}

/** Applies a patch as RFC 6902 has it; the paths here have no list positions beyond what a JSON Pointer says. */
function apply(from: JsonObject, patch: readonly PatchOperation[]): JsonObject {
  const draft = draftOf(from);
  for (const { op, path, value } of patch) {
    const location = path
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    assert.ok(applyToDraft(draft, value === undefined ? { op, location } : { op, location, value }), path);
  }
  const patched = plain(draft);
  assert.ok(isObject(patched));
  return patched;
}

function plain(draft: Draft): JsonValue {
  if (Array.isArray(draft)) return draft.map(plain);
  return draft instanceof Map
    ? Object.fromEntries([...draft].map(([key, item]) => [key, plain(item)]))
    : draft;
}

describe('makeFieldPatch', () => {
  const from = { spec: { replicas: 1, databases: ['a'], containers: [{ name: 'web', image: 'web:1' }] } };

  it('changes the field and nothing else', () => {
    const to = {
      spec: { replicas: 3, databases: ['a', 'b'], containers: [{ name: 'web', image: 'web:2' }] },
    };
    assert.deepEqual(fieldPatch(from, to, 'databases'), [
      { op: 'add', path: '/spec/databases/1', value: 'b' },
    ]);
    assert.deepEqual(fieldPatch(from, to, 'image'), [
      { op: 'replace', path: '/spec/containers/0/image', value: 'web:2' },
    ]);
    assert.deepEqual(fieldPatch(from, from, 'image'), []);
  });

  it('adds and removes a member', () => {
    assert.deepEqual(fieldPatch(from, { spec: {} }, 'spec.replicas'), [
      { op: 'remove', path: '/spec/replicas' },
    ]);
    assert.deepEqual(fieldPatch({ spec: {} }, from, 'spec.replicas'), [
      { op: 'add', path: '/spec/replicas', value: 1 },
    ]);
  });

  it('has no patch for a member of something that is not there', () => {
    const sidecar = { name: 'proxy', image: 'proxy:1' };
    const to = { spec: { ...from.spec, containers: [...from.spec.containers, sidecar] } };
    assert.equal(fieldPatch(from, to, 'image'), undefined);
  });

  it('leads to the values that the field has in the other content', () => {
    let made = 0;
    checkProperty(
      fc.property(contentPairs, fc.constantFrom(...FIELDS), ([before, after], field) => {
        const patch = fieldPatch(before, after, field);
        if (patch === undefined || patch.length === 0) return;
        made += 1;
        const patched = apply(before, patch);
        for (const { from: had, to: has } of selectAligned(patched, after, parseFieldPath(field))) {
          assert.ok(equalJson(had, has), `${field}: ${stringifyJson(had)} is ${stringifyJson(has)}`);
        }
      }),
      { runs: 500 },
    );
    assert.ok(made > 20, `patches were made: ${made}`);
  });
});
