/**
 * How many deployments occurred: the distinct changes of the pod templates of Deployments, StatefulSets and DaemonSets.
 *
 * A rollout is a version whose `spec.template` differs from that of the last version before it with content, or one that
 * created the object, or created it again. A scale, a change of labels and a deletion are none. An object first seen at
 * a later write is not known to have been rolled out by it: that version only says what the next ones are compared with.
 * Where not all of a version was recorded, only what differs for certain counts (proof.ts), and a version that shows no
 * template is passed over.
 */
import { keyStep, type FieldPath } from '../field-path.ts';
import { isArray, isObject, member, objectMember, stringMember } from '../json.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { ObjectHistory, Reader } from '../reader.ts';
import type { Micros } from '../time.ts';
import { formatVersion, isComplete, isCreation, type Fidelity, type Version } from '../version.ts';
import { API_VERSION, identityOf, originOf, type ObjectIdentity, type Origin } from './answer.ts';
import { canonicalText } from './canonical.ts';
import { diffAt } from './changes.ts';
import { pauses } from './pauses.ts';
import { isProven, markUnproven, proofBetween, type Proof } from './proof.ts';
import type { ScanOptions } from './scan-actions.ts';
import { ALL_VISIBLE } from './visibility.ts';

/** A container whose image differs; `from` is absent for an added container, `to` for a removed one. */
export interface ImageChange {
  /** The name of the container. */
  readonly container: string;
  /** The image before. */
  readonly from?: string;
  /** The image after. */
  readonly to?: string;
}

/** A change of a workload's pod template. */
export interface Rollout extends Origin {
  readonly fidelity: Fidelity;
  /** Containers and init containers whose image changed; empty where something else in the template did. */
  readonly images: readonly ImageChange[];
  /** The paths in `spec.template` that changed; null where the object was created. */
  readonly changed: readonly string[] | null;
  /** The first version that had this very template, where it is an earlier one. */
  readonly returnsTo?: string;
  /** The template may have changed at an earlier version, whose content was not recorded, or not all of it. */
  readonly uncertain?: true;
}

/** The rollouts of one workload. */
export interface WorkloadRollouts {
  /** The workload. */
  readonly object: ObjectIdentity;
  /** How many there are. */
  readonly count: number;
  /** The rollouts, the oldest first. */
  readonly rollouts: readonly Rollout[];
}

/** The distinct changes of the pod templates of Deployments, StatefulSets and DaemonSets. */
export interface RolloutList {
  readonly kind: 'RolloutList';
  readonly apiVersion: typeof API_VERSION;
  readonly metadata: Readonly<Record<string, never>>;
  /** The sum of all counts. */
  readonly total: number;
  /** Workloads are missing: it would have taken too many reviews to find out whether the reader may see them. */
  readonly incomplete?: true;
  /** Workloads with at least one rollout in the time asked for. */
  readonly items: readonly WorkloadRollouts[];
}

export interface RolloutQuery {
  /** undefined: all namespaces. */
  readonly namespace?: string | undefined;
  /** Included. */
  readonly since?: Micros | undefined;
  /** Excluded, so that adjacent spans count nothing twice. */
  readonly until?: Micros | undefined;
}

const TEMPLATE_PATH: FieldPath = [keyStep('spec'), keyStep('template')];
const ALL_PROVEN: Proof = { additions: true, removals: true };
const WORKLOADS = ['daemonsets', 'deployments', 'statefulsets'] as const;

/** The rollouts of all workloads that fit and that the asker may see, workload by workload, the oldest rollout first. */
export async function listRollouts(
  reader: Reader,
  query: RolloutQuery = {},
  { visibility = ALL_VISIBLE, signal }: ScanOptions = {},
): Promise<RolloutList> {
  const histories = WORKLOADS.flatMap((resource) =>
    Array.from(reader.histories({ group: 'apps', resource, namespace: query.namespace })),
  );
  const sightOf = await visibility.look(histories.map(({ key }) => key));
  const items: WorkloadRollouts[] = [];
  const pause = pauses(signal);
  for (const history of histories) {
    if (sightOf(history.key) !== 'visible') continue;
    const rollouts = rolloutsOf(history)
      .filter(({ version }) => isWithin(version.timestamp, query))
      .map(({ rollout }) => rollout);
    if (rollouts.length > 0)
      items.push({ object: identityOf(history.key), count: rollouts.length, rollouts });
    await pause();
  }
  const total = items.reduce((sum, { count }) => sum + count, 0);
  const isIncomplete = histories.some(({ key }) => sightOf(key) === 'unchecked');
  return {
    kind: 'RolloutList',
    apiVersion: API_VERSION,
    metadata: {},
    total,
    ...(isIncomplete ? { incomplete: true } : {}),
    items,
  };
}

/** A version that shows its template. */
interface Shown {
  readonly version: Version;
  readonly template: JsonValue | undefined;
}

function rolloutsOf(history: ObjectHistory): { readonly version: Version; readonly rollout: Rollout }[] {
  const found: { readonly version: Version; readonly rollout: Rollout }[] = [];
  /** Template → the first version that had it. */
  const seen = new Map<string, string>();
  let known: Shown | undefined;
  for (const version of history.versions) {
    if (version.created) known = undefined;
    const shown = shownBy(version);
    const change = changeBetween(history, known, shown);
    const isRollout = isCreation(version) || (change !== undefined && shown?.template !== undefined);
    let returnsTo: string | undefined;
    if (shown?.template !== undefined && isComplete(version) && shown.template !== known?.template) {
      const text = canonicalText(shown.template);
      returnsTo = seen.get(text);
      if (returnsTo === undefined) seen.set(text, formatVersion(version.number));
    }
    if (isRollout) {
      const images = change?.images ?? imageChanges(undefined, shown?.template, ALL_PROVEN);
      const rollout: Rollout = {
        ...originOf(version),
        fidelity: version.fidelity,
        images,
        changed: change?.paths ?? null,
        ...(returnsTo === undefined ? {} : { returnsTo }),
        // What is between the two may have changed the template already.
        ...(known !== undefined && known.version.number + 1 < version.number ? { uncertain: true } : {}),
      };
      found.push({ version, rollout });
    }
    const isLessThanKnown = known !== undefined && change === undefined && !isComplete(version);
    if (shown !== undefined && !isLessThanKnown) known = shown;
  }
  return found;
}

/** undefined where it is not known which template the version has, if any. */
function shownBy(version: Version): Shown | undefined {
  if (version.content === undefined) return undefined;
  const template = templateOf(version.content);
  return template === undefined && !isComplete(version) ? undefined : { version, template };
}

/** What of the template changed for certain; undefined where nothing did. */
function changeBetween(history: ObjectHistory, from: Shown | undefined, to: Shown | undefined) {
  if (from === undefined || to === undefined || from.template === to.template) return undefined;
  const proof = proofBetween(history, from.version, to.version);
  const changes = diffAt(TEMPLATE_PATH, from.template, to.template);
  const paths = new Set(
    markUnproven(changes, proof)
      .filter(isProven)
      .map(({ path }) => path),
  );
  if (paths.size === 0) return undefined;
  return { paths: [...paths], images: imageChanges(from.template, to.template, proof) };
}

function templateOf(content: JsonObject): JsonValue | undefined {
  const spec = objectMember(content, 'spec');
  return spec === undefined ? undefined : member(spec, 'template');
}

function imageChanges(from: JsonValue | undefined, to: JsonValue | undefined, proof: Proof): ImageChange[] {
  const before = imagesOf(from);
  const after = imagesOf(to);
  return [...new Set([...after.keys(), ...before.keys()])]
    .filter((container) => before.get(container) !== after.get(container))
    .filter((container) => proof.additions || before.has(container))
    .filter((container) => proof.removals || after.has(container))
    .map((container) => {
      const [old, image] = [before.get(container), after.get(container)];
      if (old === undefined) return image === undefined ? { container } : { container, to: image };
      return image === undefined ? { container, from: old } : { container, from: old, to: image };
    });
}

/** Container → image; a pod's init containers and containers have one space of names. */
function imagesOf(template: JsonValue | undefined): ReadonlyMap<string, string> {
  const spec = isObject(template) ? objectMember(template, 'spec') : undefined;
  if (spec === undefined) return new Map();
  const lists = [member(spec, 'initContainers'), member(spec, 'containers')];
  const containers = lists.flatMap((list) => (isArray(list) ? list.filter((entry) => isObject(entry)) : []));
  return new Map(
    containers.flatMap((container): [string, string][] => {
      const [name, image] = [stringMember(container, 'name'), stringMember(container, 'image')];
      return name === undefined || image === undefined ? [] : [[name, image]];
    }),
  );
}

function isWithin(time: Micros, { since, until }: RolloutQuery): boolean {
  return (since === undefined || time >= since) && (until === undefined || time < until);
}
