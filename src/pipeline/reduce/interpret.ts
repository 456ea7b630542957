/**
 * A write event → the writes it is, one per object. The one place that knows what each verb and subresource does to its
 * object, and which body tells of it.
 *
 * Where a body is missing or of another kind, the effect says so; nothing is made up here.
 */
import type { AuditEvent, ObjectReference } from '../../model/event.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { isArray, isObject, member, objectMember, stringMember } from '../../model/json.ts';
import { objectKey } from '../../model/object-key.ts';
import type { Drop } from '../../model/source-status.ts';
import type { Actor, Operation } from '../../model/version.ts';
import { contentOf, metadataOf } from './content.ts';
import { lifeOf, lifeOfListed } from './life.ts';
import type { Effect, Life, Write } from './write.ts';

/** The writes of an event that passed the filter, or why it is none. */
export function interpret(
  event: AuditEvent,
  actor: Actor,
  bookkeeping: ReadonlySet<string>,
): readonly Write[] | Drop {
  const { objectRef } = event;
  if (objectRef === undefined) return 'non-resource';
  if (event.verb === 'deletecollection') return interpretCollection(event, objectRef, actor, bookkeeping);
  const effect = effectOf(event, objectRef, bookkeeping);
  if (effect === undefined) return 'subresource';
  const name = nameOf(event, objectRef);
  if (name === '') return 'no-name';
  return [newWrite(event, objectRef, actor, name, event.responseObject, effect)];
}

/** The name of the object that an event is about: from the answer where the server chose it; '' where none is told. */
export function nameOf(event: AuditEvent, objectRef: ObjectReference): string {
  return (
    objectRef.name ||
    bodyMetadata(event.responseObject, 'name') ||
    bodyMetadata(event.requestObject, 'name') ||
    ''
  );
}

/** The namespace, from the body where the reference lacks it. */
export function namespaceOf(event: AuditEvent, objectRef: ObjectReference): string {
  return objectRef.namespace || bodyMetadata(event.requestObject, 'namespace') || '';
}

function newWrite(
  event: AuditEvent,
  objectRef: ObjectReference,
  actor: Actor,
  name: string,
  body: JsonObject | undefined,
  effect: Effect,
): Write {
  const metadata = objectMember(body ?? {}, 'metadata') ?? {};
  const generation = member(metadata, 'generation');
  const showsObject = effect.type === 'stored' || effect.type === 'stored-metadata';
  return {
    key: objectKey(objectRef.group, objectRef.resource, namespaceOf(event, objectRef), name),
    operation: operationOf(event, objectRef),
    actor,
    auditID: event.auditID,
    timestamp: event.stageTimestamp,
    requestReceivedTimestamp: event.requestReceivedTimestamp,
    uid: uidIn(event, body, effect) ?? objectRef.uid,
    creates: objectRef.subresource === '' && (event.verb === 'create' || event.code === 201),
    // A Scale carries its object's own resourceVersion; a Status carries none.
    resourceVersion: stringMember(metadata, 'resourceVersion') ?? '',
    generation: showsObject && typeof generation === 'number' ? generation : undefined,
    effect,
  };
}

/** The object's uid: a Scale has its object's own, a Status names that of what it deleted, a Binding is sent with it. */
function uidIn(event: AuditEvent, body: JsonObject | undefined, effect: Effect): string | undefined {
  if (effect.type === 'node') return bodyMetadata(event.requestObject, 'uid');
  if (body === undefined) return undefined;
  if (stringMember(body, 'kind') === 'Status')
    return stringMember(objectMember(body, 'details') ?? {}, 'uid');
  return bodyMetadata(body, 'uid');
}

function operationOf(event: AuditEvent, { subresource }: ObjectReference): Operation {
  if (subresource === 'scale') return 'scale';
  if (subresource === 'binding') return 'bind';
  if (subresource === 'eviction') return 'delete';
  switch (event.verb) {
    case 'create':
    case 'update':
      return event.verb;
    case 'patch':
      return isApply(event) ? 'apply' : 'patch';
    default:
      return 'delete';
  }
}

/** Server-side apply: it has a field manager, its body names what it is, and only it may be forced (apiserver/pkg/endpoints/handlers/patch.go). */
function isApply(event: AuditEvent): boolean {
  if (!/[?&]fieldManager=/.test(event.requestURI)) return false;
  const body = event.requestObject;
  if (!isObject(body)) return /[?&]force=/.test(event.requestURI);
  return stringMember(body, 'apiVersion') !== undefined && stringMember(body, 'kind') !== undefined;
}

function effectOf(
  event: AuditEvent,
  ref: ObjectReference,
  bookkeeping: ReadonlySet<string>,
): Effect | undefined {
  switch (ref.subresource) {
    case 'scale':
      return replicasEffect(event);
    case 'binding':
      return nodeEffect(event);
    case 'eviction':
      return { type: 'evicted' };
    case '':
      return event.verb === 'delete' ? deletionEffect(event, bookkeeping) : bodyEffect(event, bookkeeping);
    default:
      // finalize, approval, ephemeralcontainers, resize, …: told only by an answer that is the object itself.
      return answeredEffect(event.responseObject, false, bookkeeping);
  }
}

function bodyEffect(event: AuditEvent, bookkeeping: ReadonlySet<string>): Effect {
  const stored = answeredEffect(event.responseObject, false, bookkeeping);
  if (stored !== undefined) return stored;
  const sent = event.requestObject;
  if (!isObject(sent)) return { type: 'unrecorded' };
  const mutated = wasMutated(event);
  if (event.verb === 'patch') return { type: 'merge-patch', patch: sent, mutated };
  return { type: 'sent', ...typeOf(sent), content: contentOf(sent, bookkeeping), mutated };
}

function deletionEffect(event: AuditEvent, bookkeeping: ReadonlySet<string>): Effect {
  const answer = event.responseObject;
  if (answer === undefined) return { type: 'deletion-unrecorded' };
  return answeredEffect(answer, true, bookkeeping) ?? { type: 'deleted' };
}

/** Kinds of answers that are not the object: a Status, a part of it, another view of it. */
const NOT_THE_OBJECT: ReadonlySet<string> = new Set([
  'Status',
  'Table',
  'Scale',
  'Binding',
  'Eviction',
  'TokenRequest',
]);

function answeredEffect(
  answer: JsonObject | undefined,
  byDeletion: boolean,
  bookkeeping: ReadonlySet<string>,
): Effect | undefined {
  return answer === undefined ? undefined : storedEffect(answer, lifeOf(answer, byDeletion), bookkeeping);
}

function storedEffect(body: JsonObject, life: Life, bookkeeping: ReadonlySet<string>): Effect | undefined {
  const metadata = objectMember(body, 'metadata');
  if (metadata === undefined) return undefined;
  const type = typeOf(body);
  if (NOT_THE_OBJECT.has(type.kind)) return undefined;
  if (type.kind === 'PartialObjectMetadata') {
    return { type: 'stored-metadata', metadata: metadataOf(metadata, bookkeeping), life };
  }
  return { type: 'stored', ...type, content: contentOf(body, bookkeeping), life };
}

function typeOf(body: JsonObject): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion: stringMember(body, 'apiVersion') ?? '', kind: stringMember(body, 'kind') ?? '' };
}

/** A Scale's replicas are left out of its JSON when they are 0 (k8s.io/api/autoscaling/v1, omitempty). */
function replicasEffect(event: AuditEvent): Effect {
  const answered = event.responseObject;
  if (answered !== undefined && stringMember(answered, 'kind') === 'Scale') {
    return { type: 'replicas', replicas: member(objectMember(answered, 'spec') ?? {}, 'replicas') ?? 0 };
  }
  const sent = event.requestObject;
  const spec = isObject(sent) ? objectMember(sent, 'spec') : undefined;
  const replicas = spec === undefined ? undefined : member(spec, 'replicas');
  if (replicas !== undefined) return { type: 'replicas', replicas };
  return event.verb === 'update' && isObject(sent)
    ? { type: 'replicas', replicas: 0 }
    : { type: 'unrecorded' };
}

function nodeEffect(event: AuditEvent): Effect {
  const binding = event.requestObject;
  const target = isObject(binding) ? objectMember(binding, 'target') : undefined;
  const nodeName = target === undefined ? undefined : stringMember(target, 'name');
  return nodeName === undefined ? { type: 'unrecorded' } : { type: 'node', nodeName };
}

/** The deletion of each object that the answer lists; its items have no type of their own. */
function interpretCollection(
  event: AuditEvent,
  objectRef: ObjectReference,
  actor: Actor,
  bookkeeping: ReadonlySet<string>,
): readonly Write[] | Drop {
  const list = event.responseObject;
  const items = list === undefined ? undefined : member(list, 'items');
  if (list === undefined || !isArray(items)) return 'no-name';
  if (items.length === 0) return 'no-op';
  const { apiVersion, kind } = typeOf(list);
  return items.filter(isObject).flatMap((item) => {
    const body: JsonObject = { apiVersion, kind: kind.replace(/List$/, ''), ...item };
    const name = bodyMetadata(body, 'name') ?? '';
    const effect = storedEffect(body, lifeOfListed(body, event.requestObject), bookkeeping);
    if (effect === undefined || name === '') return [];
    const ref = { ...objectRef, namespace: bodyMetadata(body, 'namespace') ?? objectRef.namespace };
    // The resourceVersion is the one from before, too.
    return [{ ...newWrite(event, ref, actor, name, body, effect), resourceVersion: '' }];
  });
}

function bodyMetadata(body: JsonValue | undefined, key: string): string | undefined {
  return isObject(body) ? stringMember(objectMember(body, 'metadata') ?? {}, key) : undefined;
}

/** apiserver/pkg/admission/plugin/webhook/mutating: an annotation per webhook call says whether it changed the object. */
function wasMutated(event: AuditEvent): boolean {
  return Object.entries(event.annotations).some(
    ([key, value]) =>
      key.startsWith('mutation.webhook.admission.k8s.io/') &&
      typeof value === 'string' &&
      /"mutated":\s*true/.test(value),
  );
}
