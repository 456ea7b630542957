/** Paths → a running pipeline. What `serve` and `index` have in common. */
import type { Writer } from '../model/store/writer.ts';
import { Pipeline, type PipelineOptions } from '../pipeline/pipeline.ts';
import { discoverSources } from '../pipeline/sources/resolve-paths.ts';

/** A pipeline at work. */
export interface Ingest {
  /** Settles when all sources have ended, or the signal aborted. */
  readonly done: Promise<void>;
  /** What is wrong with folders and globs, in words. */
  problems(): readonly string[];
}

/**
 * Reads logs into an index.
 * @param follow whether to wait for what is written later
 * @throws SourceError where a path names nothing that can be read
 */
export async function startIngest(
  paths: readonly string[],
  writer: Writer,
  options: PipelineOptions & { readonly follow: boolean },
  signal: AbortSignal,
): Promise<Ingest> {
  const discovery = await discoverSources(paths, { follow: options.follow });
  const pipeline = new Pipeline(writer, options, signal);
  for (const source of discovery.sources) pipeline.addSource(source);
  const discover = async (): Promise<void> => {
    for await (const source of discovery.added(signal)) pipeline.addSource(source);
    pipeline.noMoreSources();
  };
  return {
    done: Promise.all([pipeline.run(), discover()]).then(() => undefined),
    problems: () => discovery.problems(),
  };
}
