/** Audit events for tests: a successful RequestResponse event, with what a test wants different. */
import type { JsonObject } from '../model/json.ts';

/** The raw JSON of an audit.k8s.io/v1 event. Times are seconds after 2026-11-16T09:00:00Z. */
export function rawEvent(
  overrides: {
    readonly verb?: string;
    readonly atSeconds?: number;
    readonly user?: string;
    readonly name?: string;
    readonly subresource?: string;
    readonly code?: number;
    readonly query?: string;
    readonly fields?: JsonObject;
    readonly objectRef?: JsonObject;
  } = {},
): JsonObject {
  const { verb = 'update', atSeconds = 0, user = 'alice', name = 'web', subresource, code = 200 } = overrides;
  const stageTimestamp = new Date(Date.UTC(2026, 10, 16, 9, 0, 0) + atSeconds * 1000).toISOString();
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    auditID: `audit-${atSeconds}`,
    stage: 'ResponseComplete',
    requestURI: `/apis/apps/v1/namespaces/shop/deployments/${name}${overrides.query ?? ''}`,
    verb,
    user: { username: user, groups: ['system:authenticated'] },
    sourceIPs: ['192.0.2.7'],
    userAgent: 'kubectl/v1.34.4',
    objectRef: {
      resource: 'deployments',
      namespace: 'shop',
      name,
      apiGroup: 'apps',
      apiVersion: 'v1',
      ...(subresource === undefined ? {} : { subresource }),
      ...overrides.objectRef,
    },
    responseStatus: { metadata: {}, code },
    requestReceivedTimestamp: stageTimestamp,
    stageTimestamp,
    ...overrides.fields,
  };
}

/** A stored Deployment as a response shows it. */
export function storedDeployment(
  resourceVersion: number,
  spec: JsonObject,
  metadata: JsonObject = {},
): { readonly responseObject: JsonObject } {
  return {
    responseObject: {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: {
        name: 'web',
        namespace: 'shop',
        uid: 'uid-1',
        resourceVersion: String(resourceVersion),
        generation: resourceVersion,
        creationTimestamp: '2026-11-16T09:00:00Z',
        managedFields: [{ manager: 'kubectl' }],
        ...metadata,
      },
      spec,
      status: { observedGeneration: resourceVersion },
    },
  };
}
