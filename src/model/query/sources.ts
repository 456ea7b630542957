/** Where each source stands, and what became of what it brought. */
import type { Reader } from '../reader.ts';
import type { SourcePosition, SourceStatus } from '../source-status.ts';
import { API_VERSION } from './answer.ts';

/** One source in the answer. */
export interface SourceItem extends Omit<SourceStatus, 'position' | 'problem'> {
  /** null before the first byte. */
  readonly position: SourcePosition | null;
  /** Absent while all is well. */
  readonly problem?: string;
}

/** The answer. */
export interface SourceList {
  readonly kind: 'SourceList';
  readonly apiVersion: typeof API_VERSION;
  readonly metadata: Readonly<Record<string, never>>;
  /** The sources. */
  readonly items: readonly SourceItem[];
}

/** All sources, as they stand now. */
export function listSources(reader: Pick<Reader, 'sources'>): SourceList {
  return {
    kind: 'SourceList',
    apiVersion: API_VERSION,
    metadata: {},
    items: reader.sources().map(sourceItem),
  };
}

function sourceItem({ name, position, problem, ...counts }: SourceStatus): SourceItem {
  return { name, position: position ?? null, ...counts, ...(problem !== undefined && { problem }) };
}
