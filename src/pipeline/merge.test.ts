import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AuditEvent } from '../model/event.ts';
import { rawEvent } from '../testing/events.ts';
import { checkAsyncProperty } from '../testing/property.ts';
import type { Batch, Idle } from './batches.ts';
import { decodeEvents } from './decode.ts';
import { Merger } from './merge.ts';

function event(atSeconds: number): AuditEvent {
  const [decoded] = decodeEvents(rawEvent({ atSeconds }));
  assert.ok(typeof decoded === 'object');
  return decoded;
}

function batch(...times: readonly number[]): Batch {
  return {
    type: 'batch',
    events: times.map(event),
    rejected: new Map(),
    position: { file: 'f', offset: 0 },
    bytes: 1,
  };
}

async function* from(
  items: readonly (Batch | Idle)[],
  idleForever?: AbortSignal,
): AsyncGenerator<Batch | Idle> {
  for (const item of items) yield await Promise.resolve(item);
  if (idleForever === undefined || idleForever.aborted) return;
  yield { type: 'idle' };
  await new Promise<void>((resolve) => {
    idleForever.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** `input@second` of everything that comes out, and how many batches were completed. */
async function drain(merger: Merger<string>): Promise<{ order: string[]; completed: number }> {
  const order: string[] = [];
  let completed = 0;
  for await (const run of merger) {
    order.push(...run.events.map(({ auditID }) => `${run.input}@${auditID.slice('audit-'.length)}`));
    if (run.completed !== undefined) completed += 1;
  }
  return { order, completed };
}

describe('Merger', () => {
  it('hands on the events of all inputs in the order of their time', async () => {
    const merger = new Merger<string>();
    merger.add('a', from([batch(1, 4, 5), batch(9)]));
    merger.add('b', from([batch(2, 3), batch(), batch(6, 10)]));
    merger.close();
    const { order, completed } = await drain(merger);
    assert.deepEqual(order, ['a@1', 'b@2', 'b@3', 'a@4', 'a@5', 'b@6', 'a@9', 'b@10']);
    assert.equal(completed, 5);
  });

  it('does not wait for an input that is idle', async () => {
    const stop = new AbortController();
    const merger = new Merger<string>();
    merger.add('idle', from([batch(1)], stop.signal));
    merger.add('busy', from([batch(2), batch(3)]));
    merger.close();
    const order: string[] = [];
    for await (const run of merger) {
      order.push(...run.events.map(({ auditID }) => `${run.input} ${auditID}`));
      if (order.length === 3) stop.abort();
    }
    assert.deepEqual(order, ['idle audit-1', 'busy audit-2', 'busy audit-3']);
  });

  it('takes inputs that are added while it runs', async () => {
    const merger = new Merger<string>();
    merger.add('first', from([batch(1)]));
    const order: string[] = [];
    for await (const run of merger) {
      order.push(run.input);
      if (run.input === 'first') {
        merger.add('second', from([batch(2)]));
        merger.close();
      }
    }
    assert.deepEqual(order, ['first', 'second']);
  });

  it('passes on the failure of an input', async () => {
    const merger = new Merger<string>();
    const failing = async function* (): AsyncGenerator<Batch> {
      yield await Promise.resolve(batch(1));
      throw new Error('disk on fire');
    };
    merger.add('a', failing());
    merger.close();
    await assert.rejects(drain(merger), /disk on fire/);
  });

  it('loses and doubles nothing, and keeps each input in its own order', async () => {
    const times = fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }), { maxLength: 4 });
    await checkAsyncProperty(
      fc.asyncProperty(fc.array(times, { maxLength: 4 }), async (inputs) => {
        const merger = new Merger<string>();
        inputs.forEach((batches, index) =>
          merger.add(String(index), from(batches.map((each) => batch(...each)))),
        );
        merger.close();
        const { order, completed } = await drain(merger);
        inputs.forEach((batches, index) => {
          const own = order.filter((each) => each.startsWith(`${index}@`));
          assert.deepEqual(
            own,
            batches.flat().map((time) => `${index}@${time}`),
          );
        });
        assert.equal(completed, inputs.flat().length);
        if (inputs.every((batches) => isSorted(batches.flat()))) {
          assert.ok(isSorted(order.map((each) => Number(each.split('@')[1]))));
        }
      }),
    );
  });
});

function isSorted(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || (values[index - 1] ?? 0) <= value);
}
