/**
 * The two OpenAPI documents, as pure functions of the routes.
 * Sources: k8s.io/kube-openapi/pkg/spec3 and pkg/validation/spec; kube-apiserver's own documents.
 *
 * Invariant: every reference in them is to a definition in them, and every path stands below the group's own: of other
 * paths kube-apiserver would keep none in v2, and in v3 they could hide those of other servers.
 */
import type { OutputFormat } from '../negotiate.ts';
import { DEFINITIONS, groupVersionKind, publishedName, typeOfKind } from './definitions.ts';
import { META_PREFIX } from './meta-definitions.ts';
import type { Operation, OperationParameter } from './operations.ts';
import { publishedSchemas, referenceTo, type Dialect, type PublishedSchema } from './published-schemas.ts';

const TAGS = ['kubeprovenanceCloudarkIo_v1'];
const TITLE = 'kubeprovenance';
const STATUS = `${META_PREFIX}Status`;

/** The v2 (Swagger) document. */
export function openApiV2(operations: readonly Operation[], version: string) {
  const paths = operations.map((operation) => {
    const { path, parameters, contentTypes } = operation;
    return [
      path,
      {
        get: {
          ...head(operation),
          produces: contentTypes.map(([, type]) => type),
          schemes: ['https'],
          parameters: parameters.filter((one) => one.in === 'query').map(parameterV2),
          responses: {
            200: { description: 'OK', schema: schemaOf(operation.answers.slice(0, 1), 'v2') },
            default: { description: 'A refusal', schema: referenceTo(STATUS, 'v2') },
          },
        },
        parameters: parameters.filter((one) => one.in === 'path').map(parameterV2),
      },
    ] as const;
  });
  return {
    swagger: '2.0',
    info: { title: TITLE, version },
    paths: Object.fromEntries(paths),
    definitions: publishedSchemas(DEFINITIONS, publishedName, 'v2'),
  } as const;
}

/** The v3 document. */
export function openApiV3(operations: readonly Operation[], version: string) {
  const paths = operations.map((operation) => {
    const { path, parameters } = operation;
    return [
      path,
      {
        get: {
          ...head(operation),
          parameters: parameters.filter((one) => one.in === 'query').map(parameterV3),
          responses: {
            200: { description: 'OK', content: contentV3(operation) },
            default: {
              description: 'A refusal',
              content: { 'application/json': { schema: referenceTo(STATUS, 'v3') } },
            },
          },
        },
        parameters: parameters.filter((one) => one.in === 'path').map(parameterV3),
      },
    ] as const;
  });
  return {
    openapi: '3.0.0',
    info: { title: TITLE, version },
    paths: Object.fromEntries(paths),
    components: { schemas: publishedSchemas(DEFINITIONS, publishedName, 'v3') },
  } as const;
}

function head({ description, operationId, action, kind }: Operation) {
  return {
    description,
    operationId,
    tags: TAGS,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': groupVersionKind(kind),
  };
}

function schemaOf(kinds: readonly string[], dialect: Dialect): PublishedSchema {
  const [first, ...others] = kinds.map((kind) => referenceTo(publishedName(typeOfKind(kind)), dialect));
  if (first === undefined) throw new TypeError('an operation answers with nothing');
  return others.length === 0 ? first : { oneOf: [first, ...others] };
}

function contentV3({ answers, contentTypes }: Operation) {
  const contents = contentTypes.map(([format, type]) => [type, { schema: formatSchema(format, answers) }]);
  return Object.fromEntries(contents);
}

function formatSchema(format: OutputFormat, answers: readonly string[]): PublishedSchema {
  switch (format) {
    case 'json':
    case 'yaml':
      return schemaOf(answers, 'v3');
    case 'text':
      return { type: 'string' };
    case 'patch':
      return { type: 'array', items: referenceTo(publishedName('PatchOperation'), 'v3') };
  }
}

function parameterV2({ name, in: place, description, type, values }: OperationParameter) {
  return {
    name,
    in: place,
    description,
    type,
    ...(values === undefined ? {} : { enum: values }),
    ...(place === 'path' ? { required: true } : {}),
  };
}

function parameterV3({ name, in: place, description, type, values }: OperationParameter) {
  return {
    name,
    in: place,
    description,
    ...(place === 'path' ? { required: true } : {}),
    schema: { type, ...(values === undefined ? {} : { enum: values }) },
  };
}
