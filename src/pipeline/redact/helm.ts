/** The ConfigMaps in which Helm can keep its releases: they hold a chart's values, and every manifest. Told by name. */
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { isArray, isObject, member, objectMember, stringMember } from '../../model/json.ts';
import type { AuditEvent } from '../../model/event.ts';
import { redactBody } from './body.ts';
import type { Digest } from './marker.ts';

/** What Helm calls them (helm/pkg/storage/storage.go, makeKey). */
const RELEASE_PREFIX = 'sh.helm.release.v1.';

/** Whether an event is about ConfigMaps. */
export function isOfConfigMaps({ objectRef }: AuditEvent): boolean {
  return objectRef !== undefined && objectRef.resource === 'configmaps' && objectRef.group === '';
}

/** Whether an event is about one ConfigMap of Helm's. A creation's reference need not name it. */
export function isOfRelease(event: AuditEvent): boolean {
  if (!isOfConfigMaps(event)) return false;
  const { objectRef, requestObject, responseObject } = event;
  const name = objectRef?.name || nameIn(responseObject) || nameIn(requestObject) || '';
  return name.startsWith(RELEASE_PREFIX);
}

function nameIn(body: JsonValue | undefined): string | undefined {
  const metadata = isObject(body) ? objectMember(body, 'metadata') : undefined;
  return metadata === undefined ? undefined : stringMember(metadata, 'name');
}

/** A list of ConfigMaps, such as a deletion of many answers with: those of Helm's in it lose their values. */
export function redactReleasesIn(list: JsonObject, digest: Digest): JsonObject {
  const items = member(list, 'items');
  if (!isArray(items)) return list;
  const isRelease = (item: JsonValue): boolean => nameIn(item)?.startsWith(RELEASE_PREFIX) ?? false;
  if (!items.some(isRelease)) return list;
  const reading = { digest, resource: 'configmaps', isPatch: false } as const;
  return { ...list, items: items.map((item) => (isRelease(item) ? redactBody(item, reading) : item)) };
}
