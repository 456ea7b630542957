/** Whether an answer may be partial because the logs are not read to their end. */
import type { Reader } from '../model/reader.ts';

/** What to tell the client, in ASCII; undefined once every source is read to its end. */
export function stillReading(reader: Reader): string | undefined {
  const bytes = reader.sources().reduce((sum, { bytesBehind }) => sum + bytesBehind, 0);
  if (bytes === 0) return undefined;
  return `still reading: ${bytes} bytes of the audit logs are not in this answer yet`;
}
