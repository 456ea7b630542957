/**
 * One source's bytes → batches of decoded events, with the position that is reached when the batch is in the index.
 *
 * Invariant: nothing leaves here that holds a value which must not be kept.
 */
import type { AuditEvent } from '../model/event.ts';
import type { Rejection, SourcePosition } from '../model/source-status.ts';
import { redactEvent } from './redact/event.ts';
import type { Redactor } from './redact/redactor.ts';
import { RecordReader, type Records } from './records.ts';
import type { Source } from './sources/source.ts';

/** The events of one chunk. */
export interface Batch {
  readonly type: 'batch';
  readonly events: readonly AuditEvent[];
  readonly rejected: ReadonlyMap<Rejection, number>;
  readonly position: SourcePosition;
  /** Bytes of decompressed content that the batch was made of. */
  readonly bytes: number;
}

/** The source has nothing more for now: others need not wait for it. */
export interface Idle {
  readonly type: 'idle';
}

/** Reads a source to its end, or until `signal` aborts. */
export async function* readBatches(
  source: Source,
  options: { readonly lineLengthMax?: number | undefined; readonly redactor: Redactor },
  signal: AbortSignal,
): AsyncGenerator<Batch | Idle, void, undefined> {
  const { redactor } = options;
  let reader: RecordReader | undefined;
  for await (const item of source.items(signal)) {
    switch (item.type) {
      case 'bytes': {
        reader ??= new RecordReader(item.offset, options);
        yield toBatch(
          redacted(reader.push(item.bytes), redactor),
          { file: item.file, offset: reader.resumeOffset },
          item.bytes.length,
        );
        break;
      }
      case 'end': {
        if (reader === undefined) break;
        const records = redacted(reader.end(item.torn), redactor);
        yield toBatch(records, { file: item.file, offset: reader.resumeOffset }, 0);
        reader = undefined;
        break;
      }
      case 'caught-up':
        yield { type: 'idle' };
    }
  }
}

function redacted({ events, rejected }: Records, redactor: Redactor): Records {
  return { events: events.map((event) => redactEvent(event, redactor)), rejected };
}

function toBatch(records: Records, position: SourcePosition, bytes: number): Batch {
  return { type: 'batch', ...records, position, bytes };
}
