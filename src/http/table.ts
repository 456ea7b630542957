/**
 * Other representations of an answer, as clients of Kubernetes ask for them by Accept: a Table, which `kubectl get` prints, and
 * the metadata alone. Sources: k8s.io/apimachinery/pkg/apis/meta/v1/types.go and
 * k8s.io/apiserver/pkg/endpoints/handlers/response.go. Upstream sends them all as plain `application/json`.
 *
 * Invariant: every row has as many cells as the table has columns, and an object with a name, which kubectl needs for
 * its NAMESPACE column and for `-o name`.
 */
import type { Conversion } from './accept-clauses.ts';

/** The group of these kinds. */
const META_GROUP = 'meta.k8s.io';

/** The versions of the group that clients ask for, the newer first; they only differ in name. */
const META_VERSIONS = ['v1', 'v1beta1'] as const;

/** A kind that an answer can be turned into. */
export type ConvertedKind = 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

/** What the rows of a table hold beside their cells. */
export const INCLUDE_OBJECT = ['None', 'Metadata', 'Object'] as const;
type IncludeObject = (typeof INCLUDE_OBJECT)[number];

/** A column. */
export interface TableColumn {
  readonly name: string;
  readonly type: 'string' | 'integer';
  /** `name` for the column that has the name of the row's object. */
  readonly format?: 'name' | 'int64' | 'date-time';
  readonly description: string;
  /** 0 (which is the default) is always shown, 1 only by `kubectl get -o wide`. */
  readonly priority?: 0 | 1;
}

/** The object that a row is about, or what stands for it: an item of a list with a name. */
export interface TableObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** A row. Texts are fit for a terminal; integers are small enough for a double. */
export interface TableRow {
  readonly cells: readonly (string | number)[];
  readonly object: TableObject;
}

/** What an answer is as a table. */
export interface TableContents {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  /** Of a page: the token for the next one. */
  readonly continue?: string | undefined;
}

/** Each of some kinds in each version. */
export function conversionsTo(kinds: readonly ConvertedKind[]): readonly Conversion<ConvertedKind>[] {
  return kinds.flatMap((kind) => META_VERSIONS.map((version) => ({ group: META_GROUP, version, kind })));
}

/** The value of `as`. */
export function convert(
  { group, version, kind }: Conversion<ConvertedKind>,
  contents: TableContents,
  include: IncludeObject,
): unknown {
  const apiVersion = `${group}/${version}`;
  const { rows } = contents;
  switch (kind) {
    case 'Table':
      return table(apiVersion, contents, include);
    case 'PartialObjectMetadata':
      return rows.map(({ object }) => metadataOf(object, apiVersion))[0];
    case 'PartialObjectMetadataList':
      return {
        kind,
        apiVersion,
        metadata: listMetadata(contents),
        items: rows.map(({ object }) => metadataOf(object, apiVersion)),
      };
  }
}

function table(apiVersion: string, contents: TableContents, include: IncludeObject): unknown {
  return {
    kind: 'Table',
    apiVersion,
    metadata: listMetadata(contents),
    columnDefinitions: contents.columns.map(({ name, type, format = '', description, priority = 0 }) => ({
      name,
      type,
      format,
      description,
      priority,
    })),
    rows: contents.rows.map(({ cells, object }) => ({
      cells,
      object: includedObject(object, apiVersion, include),
    })),
  };
}

/** null where there is none, as Go writes an empty RawExtension. */
function includedObject(object: TableObject, apiVersion: string, include: IncludeObject): unknown {
  if (include === 'None') return null;
  return include === 'Object' ? object : metadataOf(object, apiVersion);
}

function metadataOf({ metadata }: TableObject, apiVersion: string): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata };
}

function listMetadata({ continue: token }: TableContents): unknown {
  return token === undefined ? {} : { continue: token };
}
