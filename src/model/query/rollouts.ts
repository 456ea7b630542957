/**
 * How many deployments occurred: the distinct changes of the pod templates of Deployments, StatefulSets and DaemonSets.
 *
 * A rollout is a version whose `spec.template` differs from that of the last version before it with content, or one that
 * created the object, or created it again. A scale, a change of labels and a deletion are none. An object first seen at
 * a later write is not known to have been rolled out by it: that version only says what the next ones are compared with.
 */
import { equalJson, isArray, isObject, member, objectMember, stringMember } from '../json.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { ObjectHistory, Reader } from '../reader.ts';
import type { Micros } from '../time.ts';
import { formatVersion, type Fidelity, type Version } from '../version.ts';
import { API_VERSION, identityOf, isUnknown, originOf, type ObjectIdentity, type Origin } from './answer.ts';
import { canonicalText } from './canonical.ts';

/** A container whose image differs; `from` is absent for an added container, `to` for a removed one. */
export interface ImageChange {
  readonly container: string;
  readonly from?: string;
  readonly to?: string;
}

export interface Rollout extends Origin {
  readonly fidelity: Fidelity;
  /** Containers and init containers whose image changed; empty where something else in the template did. */
  readonly images: readonly ImageChange[];
  /** The first version that had this very template, where it is an earlier one. */
  readonly returnsTo?: string;
  /** The template may have changed at an earlier version, whose content was not recorded. */
  readonly uncertain?: true;
}

export interface WorkloadRollouts {
  readonly object: ObjectIdentity;
  readonly count: number;
  readonly rollouts: readonly Rollout[];
}

export interface RolloutList {
  readonly kind: 'RolloutList';
  readonly apiVersion: typeof API_VERSION;
  readonly metadata: Readonly<Record<string, never>>;
  /** The sum of all counts. */
  readonly total: number;
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

const WORKLOADS = ['daemonsets', 'deployments', 'statefulsets'] as const;

/** The rollouts of all workloads that fit, workload by workload, the oldest rollout first. */
export function listRollouts(reader: Reader, query: RolloutQuery = {}): RolloutList {
  const items: WorkloadRollouts[] = [];
  for (const resource of WORKLOADS) {
    for (const history of reader.histories({ group: 'apps', resource, namespace: query.namespace })) {
      const rollouts = rolloutsOf(history)
        .filter(({ version }) => isWithin(version.timestamp, query))
        .map(({ rollout }) => rollout);
      if (rollouts.length > 0) {
        items.push({ object: identityOf(history.key), count: rollouts.length, rollouts });
      }
    }
  }
  const total = items.reduce((sum, { count }) => sum + count, 0);
  return { kind: 'RolloutList', apiVersion: API_VERSION, metadata: {}, total, items };
}

function rolloutsOf(history: ObjectHistory): { readonly version: Version; readonly rollout: Rollout }[] {
  const found: { readonly version: Version; readonly rollout: Rollout }[] = [];
  /** Template → the first version that had it. */
  const seen = new Map<string, string>();
  let known: { readonly template: JsonValue | undefined } | undefined;
  let isHoleBefore = false;
  for (const version of history.versions) {
    if (version.created) known = undefined;
    if (version.content === undefined) {
      if (isCreation(version)) found.push({ version, rollout: rolloutOf(version, [], undefined, false) });
      isHoleBefore = isUnknown(version);
      continue;
    }
    const template = templateOf(version.content);
    const isRollout =
      isCreation(version) ||
      (known !== undefined && !version.created && !equalJson(known.template, template));
    if (template !== undefined && (isRollout || known === undefined)) {
      const text = canonicalText(template);
      const first = seen.get(text);
      if (first === undefined) seen.set(text, formatVersion(version.number));
      if (isRollout) {
        const images = imageChanges(known?.template, template);
        const uncertain = isHoleBefore && !version.created;
        found.push({ version, rollout: rolloutOf(version, images, first, uncertain) });
      }
    }
    known = { template };
    isHoleBefore = false;
  }
  return found;
}

/** Whether this version is known to have created the object, rather than to be the first that was recorded of it. */
function isCreation(version: Version): boolean {
  if (!version.created || version.deleted) return false;
  // Versions after the first of an object with another uid prove that it was created again.
  if (version.operation === 'create' || version.number > 1) return true;
  // A PUT or an apply may create, too; what it creates has generation 1.
  return version.generation === 1 && (version.operation === 'update' || version.operation === 'apply');
}

function rolloutOf(
  version: Version,
  images: readonly ImageChange[],
  returnsTo: string | undefined,
  uncertain: boolean,
): Rollout {
  return {
    ...originOf(version),
    fidelity: version.fidelity,
    images,
    ...(returnsTo === undefined ? {} : { returnsTo }),
    ...(uncertain ? { uncertain: true } : {}),
  };
}

function templateOf(content: JsonObject): JsonValue | undefined {
  const spec = objectMember(content, 'spec');
  return spec === undefined ? undefined : member(spec, 'template');
}

function imageChanges(from: JsonValue | undefined, to: JsonValue | undefined): ImageChange[] {
  const before = imagesOf(from);
  const after = imagesOf(to);
  return [...new Set([...after.keys(), ...before.keys()])]
    .filter((container) => before.get(container) !== after.get(container))
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
