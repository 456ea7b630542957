/** The part of JSON Schema (draft 7) in which the answers' types are described. */

/** A schema, or a reference to one: then only `description` stands beside `$ref`. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly not?: JsonSchema;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  /** Kubernetes' own words for lists; source: k8s.io/kube-openapi/pkg/generators. */
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-group-version-kind'?: readonly Readonly<Record<string, string>>[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/** Schemas by name; each may refer to the others as `#/definitions/NAME`. */
export type Definitions = Readonly<Record<string, JsonSchema>>;

const PREFIX = '#/definitions/';

/** The name that a reference means. */
export function referredName(reference: string): string {
  if (reference.startsWith(PREFIX)) return decodeURIComponent(reference.slice(PREFIX.length));
  throw new TypeError(`${reference} refers to no definition`);
}
