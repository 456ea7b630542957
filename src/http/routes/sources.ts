/** `sources`: where each source stands, and what became of what it brought. */
import { API_VERSION, GROUP } from '../api-group.ts';
import { sourcesText } from '../text/sources-text.ts';
import type { SourcePosition, SourceStatus } from '../../model/source-status.ts';
import { defineRoute } from './route.ts';

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
  readonly items: readonly SourceItem[];
}

/** The answer to where the sources stand. */
export function sourceList(sources: readonly SourceStatus[]): SourceList {
  return { kind: 'SourceList', apiVersion: API_VERSION, metadata: {}, items: sources.map(sourceItem) };
}

function sourceItem({
  name,
  position,
  problem,
  bytesBehind,
  bytesRead,
  ...counts
}: SourceStatus): SourceItem {
  return {
    name,
    position: position ?? null,
    bytesBehind,
    bytesRead,
    ...counts,
    ...(problem !== undefined && { problem }),
  };
}

/** It answers without a source too: that there is none is the answer. */
export const sourcesRoute = defineRoute({
  paths: ['/sources'],
  parameters: { names: [] },
  needsSource: false,
  subject: () => ({ group: GROUP, kind: 'sources' }),
  answer: ({ reader }) => sourceList(reader.sources()),
  text: sourcesText,
});
