import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkProperty } from '../../testing/property.ts';
import { resourceSet } from './resource-set.ts';
import { SERVED_API, type ObjectResource } from './served-api.ts';

describe('resourceSet', () => {
  it('holds our own resources without any record', () => {
    const set = resourceSet(SERVED_API, []);
    assert.deepEqual(
      set.map(({ plural, hasObjects }) => [plural, hasObjects]),
      [
        ['activities', false],
        ['objecthistories', false],
        ['rollouts', false],
        ['sources', false],
      ],
    );
  });

  it('gives one scope to a plural that has two', () => {
    const namespaced = { resource: 'widgets', namespaced: true };
    const clustered = { resource: 'widgets', namespaced: false };
    for (const recorded of [
      [namespaced, clustered],
      [clustered, namespaced],
    ]) {
      const found = resourceSet(SERVED_API, recorded).filter(({ plural }) => plural === 'widgets');
      assert.deepEqual(found, [{ plural: 'widgets', namespaced: true, own: undefined, hasObjects: true }]);
    }
  });

  it('keeps our scope for a plural that is ours and recorded', () => {
    const set = resourceSet(SERVED_API, [
      { resource: 'rollouts', namespaced: false },
      { resource: 'sources', namespaced: true },
    ]);
    assert.deepEqual(
      set.map(({ plural, namespaced, hasObjects }) => [plural, namespaced, hasObjects]),
      [
        ['activities', true, false],
        ['objecthistories', true, false],
        ['rollouts', true, true],
        ['sources', false, true],
      ],
    );
  });

  it('leaves out what no resource can be called', () => {
    const names = ['', 'pods/log', 'Pods', '-x', 'x'.repeat(64), '__proto__', 'a,b', '"'];
    const recorded = names.map((resource) => ({ resource, namespaced: true }));
    assert.deepEqual(resourceSet(SERVED_API, recorded), resourceSet(SERVED_API, []));
  });

  it('is the same whatever the order and however often a resource is named', () => {
    const plural = fc.constantFrom('pods', 'nodes', 'widgets', 'rollouts', 'constructor', 'a-b');
    const recorded = fc.array(fc.record<ObjectResource>({ resource: plural, namespaced: fc.boolean() }));
    checkProperty(
      fc.property(recorded, fc.nat(), (resources, turn) => {
        const at = resources.length === 0 ? 0 : turn % resources.length;
        const other = [...resources.slice(at), ...resources.slice(0, at), ...resources.slice(0, 1)];
        const set = resourceSet(SERVED_API, resources);
        assert.deepEqual(resourceSet(SERVED_API, other), set);
        const plurals = set.map((entry) => entry.plural);
        assert.deepEqual(plurals, [...new Set(plurals)].sort());
      }),
    );
  });
});
