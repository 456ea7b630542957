/**
 * The border: an unknown JSON value → typed audit events, or named rejections. Nothing behind this file looks at the raw
 * shape of an event again.
 *
 * Takes audit.k8s.io v1, v1beta1 and v1alpha1 as their own conversions do
 * (k8s.io/apiserver@v0.20/pkg/apis/audit/{v1alpha1,v1beta1}/conversion.go), single events, EventLists (whose items have
 * neither kind nor apiVersion) and arrays of either.
 */
import type { AuditEvent, Level, ObjectReference, Stage } from '../model/event.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import { isArray, isObject, JSON_DEPTH_MAX, member, objectMember, stringMember } from '../model/json.ts';
import type { Rejection } from '../model/source-status.ts';
import { type Micros, parseTime } from '../model/time.ts';

/** An event, or why there is none. */
export type Decoded = AuditEvent | Rejection;

/** All events that one JSON value holds: an event, an EventList, or an array of these. */
export function decodeEvents(value: JsonValue): Decoded[] {
  const decoded: Decoded[] = [];
  decodeInto(decoded, value, 0);
  return decoded;
}

function decodeInto(decoded: Decoded[], value: JsonValue, depth: number): void {
  if (depth > JSON_DEPTH_MAX) decoded.push('too-deep');
  else if (isArray(value)) for (const item of value) decodeInto(decoded, item, depth + 1);
  else if (isObject(value)) {
    const items = listItems(value);
    if (items === undefined) decoded.push(decodeEvent(value));
    else decodeInto(decoded, items, depth + 1);
  } else decoded.push('not-an-event');
}

function listItems(value: JsonObject): readonly JsonValue[] | undefined {
  if (stringMember(value, 'kind') !== 'EventList') return undefined;
  const items = member(value, 'items') ?? [];
  return isArray(items) ? items : undefined;
}

const STAGES: ReadonlySet<string> = new Set<Stage>([
  'RequestReceived',
  'ResponseStarted',
  'ResponseComplete',
  'Panic',
]);
const LEVELS: ReadonlySet<string> = new Set<Level>(['None', 'Metadata', 'Request', 'RequestResponse']);

function isStage(text: string | undefined): text is Stage {
  return text !== undefined && STAGES.has(text);
}

function isLevel(text: string | undefined): text is Level {
  return text !== undefined && LEVELS.has(text);
}

/** One audit event of any API version. */
function decodeEvent(raw: JsonObject): Decoded {
  const stage = stringMember(raw, 'stage');
  const level = stringMember(raw, 'level');
  const verb = stringMember(raw, 'verb');
  const auditID = stringMember(raw, 'auditID');
  const kind = stringMember(raw, 'kind') ?? 'Event';
  const times = decodeTimes(raw);
  if (kind !== 'Event' || !isStage(stage) || !isLevel(level)) return 'not-an-event';
  if (verb === undefined || auditID === undefined || times === undefined) return 'not-an-event';
  return {
    level,
    auditID,
    stage,
    verb,
    requestURI: stringMember(raw, 'requestURI') ?? '',
    user: username(raw, 'user') ?? '',
    impersonatedUser: username(raw, 'impersonatedUser'),
    sourceIPs: strings(member(raw, 'sourceIPs')),
    userAgent: stringMember(raw, 'userAgent') ?? '',
    objectRef: decodeObjectRef(objectMember(raw, 'objectRef')),
    code: decodeCode(objectMember(raw, 'responseStatus')),
    requestObject: member(raw, 'requestObject') ?? undefined,
    responseObject: objectMember(raw, 'responseObject'),
    ...times,
    annotations: objectMember(raw, 'annotations') ?? {},
  };
}

interface Times {
  readonly requestReceivedTimestamp: Micros;
  readonly stageTimestamp: Micros;
}

/** Before 1.10 an event had metadata.creationTimestamp for its stage and timestamp for the request. */
function decodeTimes(raw: JsonObject): Times | undefined {
  const stage =
    nonZeroTime(raw, 'stageTimestamp') ??
    nonZeroTime(objectMember(raw, 'metadata') ?? {}, 'creationTimestamp') ??
    nonZeroTime(raw, 'timestamp');
  if (stage === undefined) return undefined;
  const received = nonZeroTime(raw, 'requestReceivedTimestamp') ?? nonZeroTime(raw, 'timestamp') ?? stage;
  return { stageTimestamp: stage, requestReceivedTimestamp: received };
}

/** Go writes a time that was never set as year 1. */
function nonZeroTime(object: JsonObject, key: string): Micros | undefined {
  const text = stringMember(object, key);
  return text === undefined || text.startsWith('0001-01-01T') ? undefined : parseTime(text);
}

function username(raw: JsonObject, key: string): string | undefined {
  const user = objectMember(raw, key);
  return user === undefined ? undefined : stringMember(user, 'username');
}

function strings(value: JsonValue | undefined): readonly string[] {
  return isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function decodeCode(status: JsonObject | undefined): number {
  const code = status === undefined ? undefined : member(status, 'code');
  return typeof code === 'number' ? code : 0;
}

function decodeObjectRef(ref: JsonObject | undefined): ObjectReference | undefined {
  const resource = ref === undefined ? undefined : stringMember(ref, 'resource');
  if (ref === undefined || resource === undefined || resource === '') return undefined;
  return {
    ...groupVersion(stringMember(ref, 'apiGroup'), stringMember(ref, 'apiVersion') ?? ''),
    resource,
    subresource: stringMember(ref, 'subresource') ?? '',
    namespace: stringMember(ref, 'namespace') ?? '',
    name: stringMember(ref, 'name') ?? '',
    uid: stringMember(ref, 'uid') ?? '',
    resourceVersion: stringMember(ref, 'resourceVersion') ?? '',
  };
}

/** v1alpha1 has no apiGroup: its apiVersion is `group/version`. */
function groupVersion(
  apiGroup: string | undefined,
  apiVersion: string,
): Pick<ObjectReference, 'group' | 'apiVersion'> {
  const slash = apiVersion.lastIndexOf('/');
  if (apiGroup !== undefined || slash === -1) return { group: apiGroup ?? '', apiVersion };
  return { group: apiVersion.slice(0, slash), apiVersion: apiVersion.slice(slash + 1) };
}
