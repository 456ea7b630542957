import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonValue } from '../model/json.ts';
import { rawEvent } from '../testing/events.ts';
import { decodeEvents } from './decode.ts';

describe('decodeEvents', () => {
  it('takes an event of audit.k8s.io/v1', () => {
    const [event] = decodeEvents(
      rawEvent({ verb: 'patch', fields: { impersonatedUser: { username: 'root' } } }),
    );
    assert.ok(typeof event === 'object');
    assert.equal(event.verb, 'patch');
    assert.equal(event.user, 'alice');
    assert.equal(event.impersonatedUser, 'root');
    assert.equal(event.stageTimestamp, Date.UTC(2026, 10, 16, 9, 0, 0) * 1000);
    assert.deepEqual(event.objectRef, {
      group: 'apps',
      apiVersion: 'v1',
      resource: 'deployments',
      subresource: '',
      namespace: 'shop',
      name: 'web',
      uid: '',
      resourceVersion: '',
    });
  });

  it('takes v1alpha1, whose objectRef holds group and version in one', () => {
    const raw = rawEvent({ fields: { apiVersion: 'audit.k8s.io/v1alpha1' } });
    const objectRef = {
      resource: 'deployments',
      namespace: 'shop',
      name: 'web',
      apiVersion: 'extensions/v1beta1',
    };
    const [event] = decodeEvents({ ...raw, objectRef });
    assert.ok(typeof event === 'object');
    assert.equal(event.objectRef?.group, 'extensions');
    assert.equal(event.objectRef.apiVersion, 'v1beta1');
  });

  it('takes the times of v1beta1 before there were micro times', () => {
    const raw = rawEvent({
      fields: {
        apiVersion: 'audit.k8s.io/v1beta1',
        metadata: { creationTimestamp: '2018-07-22T01:59:13Z' },
        timestamp: '2018-07-22T01:59:12Z',
        stageTimestamp: '0001-01-01T00:00:00.000000Z',
        requestReceivedTimestamp: '0001-01-01T00:00:00.000000Z',
      },
    });
    const [event] = decodeEvents(raw);
    assert.ok(typeof event === 'object');
    assert.equal(event.stageTimestamp, Date.UTC(2018, 6, 22, 1, 59, 13) * 1000);
    assert.equal(event.requestReceivedTimestamp, Date.UTC(2018, 6, 22, 1, 59, 12) * 1000);
  });

  it('takes apart EventLists and arrays, whose items have no kind', () => {
    const { kind: _kind, apiVersion: _apiVersion, ...item } = rawEvent();
    const list = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [item, item] };
    assert.equal(decodeEvents([list, item]).filter((event) => typeof event === 'object').length, 3);
    assert.deepEqual(decodeEvents({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [] }), []);
  });

  it('names what is no event', () => {
    for (const value of ['text', 1, null, {}, { kind: 'Pod' }, { ...rawEvent(), stage: 'Nowhere' }]) {
      assert.deepEqual(decodeEvents(value), ['not-an-event']);
    }
    const { stageTimestamp: _stage, ...timeless } = rawEvent();
    assert.deepEqual(decodeEvents(timeless), ['not-an-event']);
  });

  it('does not follow lists in lists without end', () => {
    const arrays: JsonValue = JSON.parse('['.repeat(5000) + ']'.repeat(5000));
    let lists: JsonValue = rawEvent();
    for (let level = 0; level < 5000; level += 1) lists = { kind: 'EventList', items: [lists] };
    assert.deepEqual(decodeEvents(arrays), ['too-deep']);
    assert.deepEqual(decodeEvents(lists), ['too-deep']);
  });

  it('takes members of other types as absent', () => {
    const [event] = decodeEvents({
      ...rawEvent(),
      userAgent: 7,
      sourceIPs: 'x',
      user: [],
      responseStatus: { code: 'OK' },
    });
    assert.ok(typeof event === 'object');
    assert.deepEqual([event.userAgent, event.sourceIPs, event.user, event.code], ['', [], '', 0]);
  });
});
