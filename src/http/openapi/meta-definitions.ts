/**
 * What a refusal is described by: metav1.Status and what belongs to it, word by word as kube-apiserver 1.34 publishes them
 * in v2, so that it takes them for its own when it merges our document with the others (one that differs is renamed).
 * Source: kubernetes/api/openapi-spec/swagger.json.
 */
import type { Definitions } from './json-schema.ts';

/** Before the name of each. */
export const META_PREFIX = 'io.k8s.apimachinery.pkg.apis.meta.v1.';

/** The definitions, by their published name. */
export const META_DEFINITIONS: Definitions = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta': {
    description:
      'ListMeta describes metadata that synthetic resources must have, including lists and various status objects. A resource may have only one of {ObjectMeta, ListMeta}.',
    properties: {
      continue: {
        description:
          'continue may be set if the user set a limit on the number of items returned, and indicates that the server has more data available. The value is opaque and may be used to issue another request to the endpoint that served this list to retrieve the next set of available objects. Continuing a consistent list may not be possible if the server configuration has changed or more than a few minutes have passed. The resourceVersion field returned when using this continue value will be identical to the value in the first response, unless you have received this token from an error message.',
        type: 'string',
      },
      remainingItemCount: {
        description:
          'remainingItemCount is the number of subsequent items in the list which are not included in this list response. If the list request contained label or field selectors, then the number of remaining items is unknown and the field will be left unset and omitted during serialization. If the list is complete (either because it is not chunking or because this is the last chunk), then there are no more remaining items and this field will be left unset and omitted during serialization. Servers older than v1.15 do not set this field. The intended use of the remainingItemCount is *estimating* the size of a collection. Clients should not rely on the remainingItemCount to be set or to be exact.',
        format: 'int64',
        type: 'integer',
      },
      resourceVersion: {
        description:
          "String that identifies the server's internal version of this object that can be used by clients to determine when objects have changed. Value must be treated as opaque by clients and passed unmodified back to the server. Populated by the system. Read-only. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#concurrency-control-and-consistency",
        type: 'string',
      },
      selfLink: {
        description:
          'Deprecated: selfLink is a legacy read-only field that is no longer populated by the system.',
        type: 'string',
      },
    },
    type: 'object',
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Status': {
    description: "Status is a return value for calls that don't return other objects.",
    properties: {
      apiVersion: {
        description:
          'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
        type: 'string',
      },
      code: {
        description: 'Suggested HTTP return code for this status, 0 if not set.',
        format: 'int32',
        type: 'integer',
      },
      details: {
        $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails',
        description:
          'Extended data associated with the reason.  Each reason may define its own extended details. This field is optional and the data returned is not guaranteed to conform to any schema except that defined by the reason type.',
        'x-kubernetes-list-type': 'atomic',
      },
      kind: {
        description:
          'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
        type: 'string',
      },
      message: {
        description: 'A human-readable description of the status of this operation.',
        type: 'string',
      },
      metadata: {
        $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta',
        description:
          'Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
      },
      reason: {
        description:
          'A machine-readable description of why this operation is in the "Failure" status. If this value is empty there is no information available. A Reason clarifies an HTTP status code but does not override it.',
        type: 'string',
      },
      status: {
        description:
          'Status of the operation. One of: "Success" or "Failure". More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#spec-and-status',
        type: 'string',
      },
    },
    type: 'object',
    'x-kubernetes-group-version-kind': [
      {
        group: '',
        kind: 'Status',
        version: 'v1',
      },
    ],
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause': {
    description:
      'StatusCause provides more information about an api.Status failure, including cases when multiple errors are encountered.',
    properties: {
      field: {
        description:
          'The field of the resource that has caused this error, as named by its JSON serialization. May include dot and postfix notation for nested attributes. Arrays are zero-indexed.  Fields may appear more than once in an array of causes due to fields having multiple errors. Optional.\n\nExamples:\n  "name" - the field "name" on the current resource\n  "items[0].name" - the field "name" on the first array entry in "items"',
        type: 'string',
      },
      message: {
        description:
          'A human-readable description of the cause of the error.  This field may be presented as-is to a reader.',
        type: 'string',
      },
      reason: {
        description:
          'A machine-readable description of the cause of the error. If this value is empty there is no information available.',
        type: 'string',
      },
    },
    type: 'object',
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails': {
    description:
      'StatusDetails is a set of additional properties that MAY be set by the server to provide additional information about a response. The Reason field of a Status object defines what attributes will be set. Clients must ignore fields that do not match the defined type of each attribute, and should assume that any attribute may be empty, invalid, or under defined.',
    properties: {
      causes: {
        description:
          'The Causes array includes more details associated with the StatusReason failure. Not all StatusReasons may provide detailed causes.',
        items: {
          $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause',
        },
        type: 'array',
        'x-kubernetes-list-type': 'atomic',
      },
      group: {
        description: 'The group attribute of the resource associated with the status StatusReason.',
        type: 'string',
      },
      kind: {
        description:
          'The kind attribute of the resource associated with the status StatusReason. On some operations may differ from the requested resource Kind. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
        type: 'string',
      },
      name: {
        description:
          'The name attribute of the resource associated with the status StatusReason (when there is a single name which can be described).',
        type: 'string',
      },
      retryAfterSeconds: {
        description:
          'If specified, the time in seconds before the operation should be retried. Some errors may indicate the client must take an alternate action - for those errors this field may indicate how long to wait before taking the alternate action.',
        format: 'int32',
        type: 'integer',
      },
      uid: {
        description:
          'UID of the resource. (when there is a single resource which can be described). More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#uids',
        type: 'string',
      },
    },
    type: 'object',
  },
};
