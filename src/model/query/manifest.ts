/** An object as it was at a version, fit for `kubectl replace`. */
import { QueryError } from '../errors.ts';
import { objectMember, type JsonObject } from '../json.ts';
import { describeObject } from '../object-key.ts';
import type { ObjectHistory } from '../reader.ts';
import { holdsRedacted } from '../redacted.ts';
import { formatVersion, type Fidelity, type Version } from '../version.ts';
import { contentUnknown } from './content.ts';

/** A manifest, and how far it can be trusted. */
export interface ManifestAnswer {
  readonly version: string;
  readonly fidelity: Fidelity;
  readonly manifest: JsonObject;
  /** What may be wrong with it, in words; absent where nothing is known to be. */
  readonly warning?: string;
}

/**
 * The object's manifest at a version.
 * @throws QueryError CONTENT_DELETED for a deletion, CONTENT_UNKNOWN where the content was not recorded
 */
export function manifestAt(history: ObjectHistory, version: Version): ManifestAnswer {
  const { content } = version;
  if (version.deleted) throw contentDeleted(history, version);
  if (content === undefined)
    throw contentUnknown(history, version, 'version', (other) => other.content !== undefined);
  const type = typeAt(history, version);
  const { namespace, name } = history.key;
  const manifest: JsonObject = {
    ...(type === undefined ? {} : { apiVersion: type.apiVersion, kind: type.kind }),
    ...content,
    metadata: { name, ...(namespace === '' ? {} : { namespace }), ...objectMember(content, 'metadata') },
  };
  const warnings = [
    ...(version.fidelity === 'partial'
      ? [
          `${formatVersion(version.number)} is put together from requests whose full effect is not recorded: fields may be missing or wrong`,
        ]
      : []),
    ...(type === undefined ? ['apiVersion and kind are not recorded: add them'] : []),
    ...(holdsRedacted(content)
      ? ['values of it are not kept, digests stand in their place: it must not be applied as it is']
      : []),
  ];
  return {
    version: formatVersion(version.number),
    fidelity: version.fidelity,
    manifest: inUsualOrder(manifest),
    ...(warnings.length === 0 ? {} : { warning: warnings.join('; ') }),
  };
}

/** The API version and kind of this version, or of the nearest one that has them. */
function typeAt(history: ObjectHistory, version: Version): Version | undefined {
  const isTyped = ({ apiVersion, kind }: Version) => apiVersion !== '' && kind !== '';
  return (
    history.versions.slice(0, version.number).findLast(isTyped) ??
    history.versions.slice(version.number).find(isTyped)
  );
}

/** apiVersion, kind and metadata first, as people write them. */
function inUsualOrder({ apiVersion, kind, metadata, ...rest }: JsonObject): JsonObject {
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    ...(metadata === undefined ? {} : { metadata }),
    ...rest,
  };
}

function contentDeleted(history: ObjectHistory, version: Version): QueryError {
  const known = history.versions.slice(0, version.number).findLast(({ content }) => content !== undefined);
  const last = known === undefined ? undefined : formatVersion(known.number);
  const advice =
    last === undefined ? 'no content of it was recorded' : `ask for ${last}, its last content before`;
  return new QueryError(
    'CONTENT_DELETED',
    `${describeObject(history.key)} does not exist at ${formatVersion(version.number)}, a deletion: ${advice}`,
    { parameter: 'version', candidates: last === undefined ? [] : [last] },
  );
}
