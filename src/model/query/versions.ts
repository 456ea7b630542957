/** The list of an object's versions: who made each, when, by what, and which fields it changed. */
import type { ObjectHistory } from '../reader.ts';
import { formatTime } from '../time.ts';
import type { CompletedBy, Fidelity, Operation, Terminating, Version } from '../version.ts';
import {
  API_VERSION,
  identityOf,
  originOf,
  whoOf,
  type ObjectIdentity,
  type Origin,
  type Who,
} from './answer.ts';
import { diffContents, type Change } from './changes.ts';
import { isProven, markUnproven, proofBetween } from './proof.ts';

/** One version, without its content. */
export interface VersionItem extends Origin {
  readonly operation: Operation;
  /** The program that sent the request, as it calls itself. */
  readonly userAgent: string;
  /** Where the request came from: the client, then the proxies on its way. */
  readonly sourceIPs: readonly string[];
  /** The uid of the object; '' where no event told it. A re-created object has another. */
  readonly uid: string;
  /** The resulting resourceVersion; '' where no event told it. */
  readonly resourceVersion: string;
  /** The resulting metadata.generation; null where no event told it. */
  readonly generation: number | null;
  /**
   * Paths that differ from the version before, less those that are `revealed`. null for the first version of a uid, for deletions, and where the content of either
   * version was not recorded.
   */
  readonly changed: readonly string[] | null;
  /**
   * Paths that this version is the first to show, where not all of the version before was recorded: whether they
   * changed is not known. Absent where there are none.
   */
  readonly revealed?: readonly string[];
  readonly fidelity: Fidelity;
  /** The object no longer exists. */
  readonly deleted?: true;
  /** The object waits for its deletion to finish. */
  readonly terminating?: true;
  readonly completedBy?: CompletedBy;
}

/** A deletion that is not finished. */
export interface TerminatingInfo extends Who {
  /** When the deletion was asked for: RFC 3339 in UTC, with microseconds. */
  readonly since: string;
  /** The audit ID of the request. */
  readonly auditID: string;
}

/** All versions of an object, the oldest first. */
export interface VersionList {
  readonly kind: 'VersionList';
  readonly apiVersion: typeof API_VERSION;
  readonly metadata: Readonly<Record<string, never>>;
  /** The object whose versions these are. */
  readonly object: ObjectIdentity;
  /** Who asked for the deletion that the object waits for. */
  readonly terminating?: TerminatingInfo;
  /** The versions, the oldest first. */
  readonly items: readonly VersionItem[];
}

/** All versions of an object, the oldest first. */
export function listVersions(history: ObjectHistory): VersionList {
  return {
    kind: 'VersionList',
    apiVersion: API_VERSION,
    metadata: {},
    object: identityOf(history.key),
    ...(history.terminating === undefined ? {} : { terminating: terminatingInfo(history.terminating) }),
    items: history.versions.map((version, index) =>
      versionItem(history, version, history.versions[index - 1]),
    ),
  };
}

function terminatingInfo({ since, actor, auditID }: Terminating): TerminatingInfo {
  return { since: formatTime(since), ...whoOf(actor), auditID };
}

function versionItem(history: ObjectHistory, version: Version, before: Version | undefined): VersionItem {
  const { version: text, timestamp, ...origin } = originOf(version);
  return {
    version: text,
    operation: version.operation,
    timestamp,
    ...origin,
    userAgent: version.actor.userAgent,
    sourceIPs: version.actor.sourceIPs,
    uid: version.uid,
    resourceVersion: version.resourceVersion,
    generation: version.generation ?? null,
    ...changedPaths(history, version, before),
    fidelity: version.fidelity,
    ...(version.deleted ? { deleted: true } : {}),
    ...(version.terminating ? { terminating: true } : {}),
    ...(version.completedBy === undefined ? {} : { completedBy: version.completedBy }),
  };
}

function changedPaths(
  history: ObjectHistory,
  version: Version,
  before: Version | undefined,
): Pick<VersionItem, 'changed' | 'revealed'> {
  if (version.created || version.content === undefined || before?.content === undefined)
    return { changed: null };
  const changes = markUnproven(
    diffContents(before.content, version.content),
    proofBetween(history, before, version),
  );
  const revealed = pathsOf(changes.filter((change) => change.revealed));
  return {
    changed: pathsOf(changes.filter(isProven)),
    ...(revealed.length === 0 ? {} : { revealed }),
  };
}

/** A list both reordered and replaced by position has its path twice; paths by position can repeat, too. */
function pathsOf(changes: readonly Change[]): readonly string[] {
  return [...new Set(changes.map(({ path }) => path))];
}
