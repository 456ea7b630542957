/**
 * An event → the same event without what must not be kept: values of Secrets (and of other resources, as configured),
 * tokens, the arguments of commands. Pure, given a digest; nothing behind the decoder sees another event.
 *
 * An event that holds none of these is handed on as it is.
 */
import type { AuditEvent, ObjectReference } from '../../model/event.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { isArray, isObject, member, parseJson, stringifyJson } from '../../model/json.ts';
import { isConnecting } from '../filter.ts';
import { redactBody, redactDeletion } from './body.ts';
import { isOfConfigMaps, isOfRelease, redactReleasesIn } from './helm.ts';
import { redactJsonPatch } from './json-patch.ts';
import { type Digest, mark } from './marker.ts';
import { redactNested } from './nested.ts';
import type { Redactor } from './redactor.ts';
import { redactConnectQuery, redactPathBehind } from './request-uri.ts';
import { knownResource, type Reading } from './values.ts';

/** The event as it may be kept. */
export function redactEvent(given: AuditEvent, redactor: Redactor): AuditEvent {
  const event = READS.has(given.verb) ? withoutBodies(given) : given;
  const { objectRef } = event;
  const resource = redactedResource(event, redactor);
  const redacted =
    resource === undefined ? redactKept(event, redactor) : redactBodies(event, resource, redactor);
  if (objectRef === undefined) return redacted;
  const { digest } = redactor;
  if (isConnecting(event) || event.verb === 'proxy') return redactConnection(redacted, objectRef, digest);
  if (isBuildWebhook(objectRef)) {
    return { ...redacted, requestURI: redactPathBehind(digest, event.requestURI, 'webhooks') };
  }
  return holdsCredentials(objectRef) ? withoutBodies(redacted) : redacted;
}

/** Verbs whose bodies say of no change: nobody asks for them. */
const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** Whose values the bodies of an event hold; undefined where they may be kept. */
function redactedResource(
  event: AuditEvent,
  { isRedacted, redactsSecrets }: Redactor,
): Reading['resource'] | undefined {
  const { objectRef, requestObject, responseObject } = event;
  if (objectRef !== undefined && isRedacted(objectRef)) return knownResource(objectRef);
  if (!redactsSecrets) return undefined;
  if (isOfRelease(event)) return 'configmaps';
  // Other resources may answer with Secrets, as OpenShift's imagestreams/secrets do.
  return isSecret(requestObject) || isSecret(responseObject) ? 'secrets' : undefined;
}

function isSecret(body: JsonValue | undefined): boolean {
  if (!isObject(body) || member(body, 'apiVersion') !== 'v1') return false;
  const kind = member(body, 'kind');
  return kind === 'Secret' || kind === 'SecretList';
}

/** An event whose own values are kept: those of Secrets inside its bodies are not. */
function redactKept(event: AuditEvent, { digest, redactsSecrets }: Redactor): AuditEvent {
  if (!redactsSecrets) return event;
  const { requestObject, responseObject } = event;
  const request = requestObject === undefined ? undefined : redactNested(requestObject, digest);
  const answer = responseObject === undefined ? undefined : redactAnswer(event, responseObject, digest);
  if (request === requestObject && answer === responseObject) return event;
  return { ...event, requestObject: request, responseObject: isObject(answer) ? answer : undefined };
}

function redactAnswer(event: AuditEvent, answer: JsonObject, digest: Digest): JsonValue {
  return redactNested(isOfConfigMaps(event) ? redactReleasesIn(answer, digest) : answer, digest);
}

function redactBodies(event: AuditEvent, resource: Reading['resource'], { digest }: Redactor): AuditEvent {
  const { requestObject, responseObject, annotations } = event;
  const reading: Reading = { digest, resource, isPatch: false };
  const answer = responseObject === undefined ? undefined : redactBody(responseObject, reading);
  return {
    ...event,
    requestObject: requestObject === undefined ? undefined : redactRequest(event, requestObject, reading),
    responseObject: isObject(answer) ? answer : undefined,
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [key, redactEventAnnotation(key, value, reading)]),
    ),
  };
}

function redactRequest({ verb, objectRef }: AuditEvent, body: JsonValue, reading: Reading): JsonValue {
  if (verb === 'patch') {
    const patch = { ...reading, isPatch: true };
    return isArray(body) ? redactJsonPatch(body, patch) : redactBody(body, patch);
  }
  const isDeletion =
    verb === 'delete' || verb === 'deletecollection' || objectRef?.subresource === 'eviction';
  return isDeletion ? redactDeletion(body, reading) : redactBody(body, reading);
}

/** Annotations of events that the API server writes itself, and that hold nothing of an object. */
const HARMLESS = /^(?:mutation\.webhook\.admission|authorization|apiserver\.latency)\.k8s\.io\/|^k8s\.io\//;
/** What a webhook changed (apiserver/pkg/admission/plugin/webhook/mutating/dispatcher.go). */
const WEBHOOK_PATCH = 'patch.webhook.admission.k8s.io/';

/** Others are the words of webhooks and policies, which may quote an object. */
function redactEventAnnotation(key: string, value: JsonValue, reading: Reading): JsonValue {
  if (typeof value !== 'string') return mark(reading.digest, value);
  if (HARMLESS.test(key)) return value;
  return (key.startsWith(WEBHOOK_PATCH) && redactWebhookPatch(value, reading)) || mark(reading.digest, value);
}

/** `{"configuration":…,"webhook":…,"patch":[…],"patchType":"JSONPatch"}`; undefined where it is something else. */
function redactWebhookPatch(text: string, reading: Reading): string | undefined {
  const change = parsed(text);
  const patch = isObject(change) ? member(change, 'patch') : undefined;
  if (!isObject(change) || !isArray(patch)) return undefined;
  const names = ['configuration', 'webhook', 'patchType'].flatMap((key) => {
    const value = member(change, key);
    return typeof value === 'string' ? [[key, value] as const] : [];
  });
  const shown: JsonObject = { ...Object.fromEntries(names), patch: redactJsonPatch(patch, reading) };
  return stringifyJson(shown);
}

function parsed(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** What a connection's bodies hold is asked of nobody. */
function redactConnection(event: AuditEvent, { subresource }: ObjectReference, digest: Digest): AuditEvent {
  const isProxy = subresource === 'proxy' || event.verb === 'proxy';
  const { requestURI: uri } = event;
  const requestURI = isProxy ? redactPathBehind(digest, uri, 'proxy') : redactConnectQuery(digest, uri);
  const isHarmless = requestURI === event.requestURI && !hasBody(event);
  return isHarmless ? event : { ...withoutBodies(event), requestURI };
}

/** OpenShift's builds are started by whoever knows the secret in the path: `…/NAME/webhooks/SECRET/generic`. */
function isBuildWebhook({ resource, subresource }: ObjectReference): boolean {
  return resource === 'buildconfigs' && subresource === 'webhooks';
}

/** Subresources that answer with credentials: the API server's own, and Gardener's. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  'token',
  'kubeconfig',
  'adminkubeconfig',
  'viewerkubeconfig',
]);
/**
 * Resources that are credentials, whatever group serves them: reviews of tokens, OpenShift's and Pinniped's tokens. What
 * certificates.k8s.io holds is public: requests and certificates, but no keys.
 */
const CREDENTIAL_RESOURCES: ReadonlySet<string> = new Set([
  'tokenreviews',
  'tokencredentialrequests',
  'oauthaccesstokens',
  'oauthauthorizetokens',
]);

function holdsCredentials({ resource, subresource }: ObjectReference): boolean {
  return CREDENTIALS.has(subresource) || CREDENTIAL_RESOURCES.has(resource);
}

function hasBody({ requestObject, responseObject }: AuditEvent): boolean {
  return requestObject !== undefined || responseObject !== undefined;
}

function withoutBodies(event: AuditEvent): AuditEvent {
  return hasBody(event) ? { ...event, requestObject: undefined, responseObject: undefined } : event;
}
