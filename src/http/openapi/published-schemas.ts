/**
 * The schemas as OpenAPI publishes them: v2 (Swagger) for kube-apiserver's merged document, v3 for kubectl explain.
 *
 * Both dialects are older than the JSON Schema that the types give, and kube-apiserver turns the merged v2 document into
 * protobuf, where one unknown word breaks the whole cluster's: so only what every reader of them knows is let through, and
 * anything else stops the build of the document.
 * - `null` is `nullable` in v3; v2 has no word for it.
 * - A word or number that other types name is written out where it is used, and so is a description: kubectl explain does
 *   not look for them behind a reference.
 * - Numbers are whole: all that we have count something. TypeScript has no word for that.
 * - What is always the same (`kind`, `deleted: true`) is only given its type; members that are not listed are not forbidden, so that
 *   a client of today reads the answers of tomorrow.
 */
import { referredName, type Definitions, type JsonSchema } from './json-schema.ts';

/** A schema in one of the two dialects. */
export interface PublishedSchema {
  readonly $ref?: string;
  readonly allOf?: readonly PublishedSchema[];
  readonly oneOf?: readonly PublishedSchema[];
  readonly description?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly nullable?: true;
  readonly items?: PublishedSchema;
  readonly properties?: Readonly<Record<string, PublishedSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: PublishedSchema;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-group-version-kind'?: readonly Readonly<Record<string, string>>[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/** Which OpenAPI. */
export type Dialect = 'v2' | 'v3';

/** Types that are any JSON: what is inside is not described. */
const ANY: ReadonlyMap<string, PublishedSchema> = new Map<string, PublishedSchema>([
  ['JsonValue', { 'x-kubernetes-preserve-unknown-fields': true }],
  ['JsonObject', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }],
  ['JsonArray', { type: 'array', items: { 'x-kubernetes-preserve-unknown-fields': true } }],
]);

/** Every schema that stands on its own, by its published name. */
export function publishedSchemas(
  definitions: Definitions,
  nameOf: (type: string) => string,
  dialect: Dialect,
): Readonly<Record<string, PublishedSchema>> {
  const publisher = new Publisher(definitions, nameOf, dialect);
  return Object.fromEntries(
    Object.entries(definitions)
      .filter(([name, schema]) => !ANY.has(name) && isStandalone(schema))
      .map(([name, schema]): [string, PublishedSchema] => [nameOf(name), publisher.publish(schema)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** A reference to a published schema. */
export function referenceTo(published: string, dialect: Dialect): PublishedSchema {
  return { $ref: `#/${dialect === 'v2' ? 'definitions' : 'components/schemas'}/${published}` };
}

function isStandalone({ type }: JsonSchema): boolean {
  return type === 'object';
}

class Publisher {
  readonly #definitions: Definitions;
  readonly #nameOf: (type: string) => string;
  readonly #dialect: Dialect;

  constructor(definitions: Definitions, nameOf: (type: string) => string, dialect: Dialect) {
    this.#definitions = definitions;
    this.#nameOf = nameOf;
    this.#dialect = dialect;
  }

  publish(schema: JsonSchema): PublishedSchema {
    if (schema.$ref !== undefined) return this.#publishReference(schema.$ref, schema);
    if (schema.anyOf !== undefined) return this.#publishChoice(schema.anyOf, schema);
    const { description, type, format, items, properties, required, additionalProperties } = schema;
    return {
      ...described(description ?? this.#descriptionOf(items)),
      ...this.#typed(type),
      ...(format === undefined ? {} : { format }),
      ...(schema.enum === undefined ? {} : { enum: schema.enum }),
      ...(items === undefined ? {} : { items: this.#publishItem(items) }),
      ...(properties === undefined ? {} : { properties: this.#publishProperties(properties) }),
      ...(required === undefined || required.length === 0 ? {} : { required }),
      ...(typeof additionalProperties !== 'object' || additionalProperties.not !== undefined
        ? {}
        : { additionalProperties: this.publish(additionalProperties) }),
      ...extensions(schema),
    };
  }

  /** The list has the description: readers that look for it in the items too would say it twice. */
  #publishItem(item: JsonSchema): PublishedSchema {
    if (item.$ref === undefined) return this.publish(item);
    const { description: _, allOf, ...published } = this.publish(item);
    return { ...published, ...allOf?.[0] };
  }

  #descriptionOf(schema: JsonSchema | undefined): string | undefined {
    if (schema?.$ref === undefined) return undefined;
    return schema.description ?? this.#target(referredName(schema.$ref)).description;
  }

  #publishProperties(
    properties: Readonly<Record<string, JsonSchema>>,
  ): Readonly<Record<string, PublishedSchema>> {
    return Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name, this.publish(schema)]),
    );
  }

  #publishReference(reference: string, schema: JsonSchema): PublishedSchema {
    const name = referredName(reference);
    const target = this.#target(name);
    const any = ANY.get(name);
    if (any !== undefined) return { ...described(schema.description), ...any };
    const description = schema.description ?? target.description;
    if (!isStandalone(target)) return { ...this.publish(target), ...described(description) };
    const published = referenceTo(this.#nameOf(name), this.#dialect);
    if (this.#dialect === 'v2') return { ...described(description), ...published, ...extensions(schema) };
    // A v3 reader takes nothing that stands beside a $ref.
    return { ...described(description), allOf: [published], ...extensions(schema) };
  }

  /** `X | null`: X is written out, for nothing can be said beside a reference to it. */
  #publishChoice(choices: readonly JsonSchema[], { description }: JsonSchema): PublishedSchema {
    const [some, ...others] = choices.filter(({ type }) => type !== 'null');
    if (some === undefined || others.length > 0 || choices.length !== 2) {
      throw new TypeError(`a choice of ${choices.length} types cannot be published: name one type, or null`);
    }
    const target = some.$ref === undefined ? some : this.#target(referredName(some.$ref));
    return { ...this.publish(target), ...described(description ?? target.description), ...this.#nullable() };
  }

  #typed(type: JsonSchema['type']): PublishedSchema {
    if (type === undefined) return {};
    if (typeof type === 'string') return typeWords(type);
    const [some, ...others] = type.filter((one) => one !== 'null');
    if (some === undefined || others.length > 0) {
      throw new TypeError(`${type.join(' or ')} cannot be published: name one type, or null`);
    }
    return { ...typeWords(some), ...(type.length > 1 ? this.#nullable() : {}) };
  }

  #nullable(): PublishedSchema {
    return this.#dialect === 'v3' ? { nullable: true } : {};
  }

  #target(name: string): JsonSchema {
    const target = Object.hasOwn(this.#definitions, name) ? this.#definitions[name] : undefined;
    if (target === undefined) throw new TypeError(`there is no definition of ${name}`);
    return target;
  }
}

function typeWords(type: string): PublishedSchema {
  return type === 'number' ? { type: 'integer', format: 'int64' } : { type };
}

function described(description: string | undefined): PublishedSchema {
  return description === undefined ? {} : { description };
}

function extensions(schema: JsonSchema): PublishedSchema {
  const listType = schema['x-kubernetes-list-type'];
  const kinds = schema['x-kubernetes-group-version-kind'];
  const preserve = schema['x-kubernetes-preserve-unknown-fields'];
  return {
    ...(listType === undefined ? {} : { 'x-kubernetes-list-type': listType }),
    ...(kinds === undefined ? {} : { 'x-kubernetes-group-version-kind': kinds }),
    ...(preserve === undefined ? {} : { 'x-kubernetes-preserve-unknown-fields': preserve }),
  };
}
