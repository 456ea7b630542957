/** One source's bytes → batches of decoded events, with the position that is reached when the batch is in the index. */
import type { AuditEvent } from '../model/event.ts';
import type { Rejection, SourcePosition } from '../model/source-status.ts';
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
  options: { readonly lineLengthMax?: number | undefined },
  signal: AbortSignal,
): AsyncGenerator<Batch | Idle, void, undefined> {
  let reader: RecordReader | undefined;
  for await (const item of source.items(signal)) {
    switch (item.type) {
      case 'bytes': {
        reader ??= new RecordReader(item.offset, options);
        yield toBatch(
          reader.push(item.bytes),
          { file: item.file, offset: reader.resumeOffset },
          item.bytes.length,
        );
        break;
      }
      case 'end': {
        if (reader === undefined) break;
        const records = reader.end(item.torn);
        yield toBatch(records, { file: item.file, offset: reader.resumeOffset }, 0);
        reader = undefined;
        break;
      }
      case 'caught-up':
        yield { type: 'idle' };
    }
  }
}

function toBatch(records: Records, position: SourcePosition, bytes: number): Batch {
  return { type: 'batch', ...records, position, bytes };
}
