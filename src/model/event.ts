/**
 * An audit event after decoding: audit.k8s.io v1, whatever version the line was written in.
 * Source: k8s.io/apiserver/pkg/apis/audit/v1/types.go.
 */
import type { JsonObject, JsonValue } from './json.ts';
import type { Micros } from './time.ts';

/** Stages of a request, in the order in which they occur. */
export type Stage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic';

/** How much of a request the audit policy keeps. */
export type Level = 'None' | 'Metadata' | 'Request' | 'RequestResponse';

/** The object a request is about. All but `resource` may be ''; `resourceVersion` is a precondition, never a result. */
export interface ObjectReference {
  readonly group: string;
  readonly apiVersion: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** One audit event. Absent strings are ''; absent bodies are undefined. */
export interface AuditEvent {
  readonly level: Level;
  readonly auditID: string;
  readonly stage: Stage;
  readonly requestURI: string;
  readonly verb: string;
  /** The authenticated user. */
  readonly user: string;
  /** The user that was impersonated: the one the request was authorised as. */
  readonly impersonatedUser: string | undefined;
  readonly sourceIPs: readonly string[];
  readonly userAgent: string;
  readonly objectRef: ObjectReference | undefined;
  /** The HTTP status code; 0 where the event has none (before the response). */
  readonly code: number;
  readonly requestObject: JsonValue | undefined;
  readonly responseObject: JsonObject | undefined;
  readonly requestReceivedTimestamp: Micros;
  readonly stageTimestamp: Micros;
  readonly annotations: JsonObject;
}
