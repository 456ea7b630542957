/** Reads logs to their end into a store of their own, as `index` does. */
import { PlainStore } from '../model/store/plain-store.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { resolveSources } from '../pipeline/sources/resolve-paths.ts';

/** The index of some logs. */
export async function indexLogs(...paths: readonly string[]): Promise<PlainStore> {
  const store = new PlainStore();
  const pipeline = new Pipeline(store, {}, new AbortController().signal);
  for (const source of await resolveSources(paths, { follow: false })) pipeline.addSource(source);
  pipeline.noMoreSources();
  await pipeline.run();
  return store;
}
