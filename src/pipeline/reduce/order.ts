/**
 * The order of writes on one object: by the resulting resourceVersion where both are known and of one uid, else by
 * stageTimestamp, requestReceivedTimestamp and auditID.
 *
 * Lines stand in a log in the order in which requests were answered, which is not always the order in which they were
 * stored.
 */
import type { Write } from './write.ts';

/** Whether `a` took place after `b`. Writes that nothing tells apart keep the order in which they came. */
export function isAfter(a: Write, b: Write): boolean {
  if (a.uid !== '' && a.uid === b.uid) {
    const byVersion = compareResourceVersions(a.resourceVersion, b.resourceVersion);
    if (byVersion !== undefined) return byVersion > 0;
  }
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp;
  if (a.requestReceivedTimestamp !== b.requestReceivedTimestamp) {
    return a.requestReceivedTimestamp > b.requestReceivedTimestamp;
  }
  return a.auditID > b.auditID;
}

/** Whether two writes are one, read twice. An Audit-ID alone is the client's choice. */
export function isSameWrite(a: Write, b: Write): boolean {
  return (
    a.auditID === b.auditID &&
    a.timestamp === b.timestamp &&
    a.requestReceivedTimestamp === b.requestReceivedTimestamp &&
    a.operation === b.operation &&
    a.resourceVersion === b.resourceVersion &&
    a.actor.user === b.actor.user
  );
}

/**
 * Compares two resourceVersions as the integers they are (KEP-5504: comparable within a resource).
 * @returns undefined where one of them is no positive integer
 */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (!/^[1-9][0-9]*$/.test(a) || !/^[1-9][0-9]*$/.test(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : Number(a > b);
}
