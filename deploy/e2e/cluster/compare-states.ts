/**
 * An object's versions against the states that were stored of it.
 *
 * A state counts if its content differs from the state before; a deletion is one without content. Under a policy that
 * records every body, versions and such states must be the same in number, order and content.
 */
import { equalJson, type JsonObject, member, objectMember, stringMember } from '../../../src/model/json.ts';
import { formatVersion, type Version } from '../../../src/model/version.ts';
import { BOOKKEEPING_ANNOTATIONS, contentOf } from '../../../src/pipeline/reduce/content.ts';
import type { StoredState } from './stored-states.ts';

const BOOKKEEPING: ReadonlySet<string> = new Set(BOOKKEEPING_ANNOTATIONS);

/** A stored state as a version shows it. */
export interface StoredContent {
  readonly resourceVersion: string;
  /** The API version it is stored in, which need not be the one that it was sent in; '' for a deletion. */
  readonly apiVersion: string;
  /** undefined for a deletion. */
  readonly content: JsonObject | undefined;
}

/** The states of one object whose content differs from the state before, in order. */
export function storedContents(states: readonly StoredState[]): StoredContent[] {
  const contents: StoredContent[] = [];
  for (const { resourceVersion, value } of states) {
    const content = value === undefined ? undefined : contentOf(asServed(value), BOOKKEEPING);
    const before = contents.at(-1);
    if (before !== undefined && equalJson(before.content, content)) continue;
    const apiVersion = value === undefined ? '' : (stringMember(value, 'apiVersion') ?? '');
    contents.push({ resourceVersion, apiVersion, content });
  }
  return contents;
}

/**
 * A stored object with the defaults that kube-apiserver fills in when it reads one, so that nobody ever sees it without. Of the
 * kinds that are stored here it is only a Job that is stored without: its labels are those of its template
 * (kubernetes/pkg/apis/batch/v1/defaults.go, SetDefaults_Job).
 */
function asServed(value: JsonObject): JsonObject {
  const metadata = objectMember(value, 'metadata') ?? {};
  if (member(value, 'kind') !== 'Job' || member(metadata, 'labels') !== undefined) return value;
  const template = objectMember(objectMember(value, 'spec') ?? {}, 'template') ?? {};
  const labels = member(objectMember(template, 'metadata') ?? {}, 'labels') ?? null;
  return { ...value, metadata: { ...metadata, labels } };
}

/** What is wrong with the versions of an object; empty if they are what was stored. */
export function differences(versions: readonly Version[], stored: readonly StoredContent[]): string[] {
  const found: string[] = [];
  if (versions.length !== stored.length) {
    found.push(`${versions.length} versions of ${stored.length} stored contents`);
  }
  for (const [index, version] of versions.entries()) {
    const state = stored[index];
    if (state !== undefined) found.push(...differencesOf(version, state));
  }
  return found.length === 0
    ? []
    : [...found, `versions ${formatVersions(versions)}`, `stored ${format(stored)}`];
}

function differencesOf(version: Version, state: StoredContent): string[] {
  const { content, fidelity, resourceVersion, apiVersion } = version;
  const name = `${formatVersion(version.number)} (${version.operation}, ${fidelity})`;
  const found: string[] = [];
  if (fidelity !== 'exact' && fidelity !== 'derived') found.push(`${name}: its content is not known`);
  if (resourceVersion !== '' && resourceVersion !== state.resourceVersion) {
    found.push(`${name}: resourceVersion ${resourceVersion} was stored as ${state.resourceVersion}`);
  }
  // Some kinds are stored in another API version than they are sent in: nothing can be held against each other there.
  const comparable = content === undefined || state.content === undefined || apiVersion === state.apiVersion;
  if (comparable && !equalJson(content, state.content))
    found.push(`${name}: not the content that was stored`);
  return found;
}

function formatVersions(versions: readonly Version[]): string {
  return versions
    .map(({ operation, resourceVersion, fidelity }) => `${operation}@${resourceVersion || '?'}:${fidelity}`)
    .join(' ');
}

function format(stored: readonly StoredContent[]): string {
  return stored
    .map(({ resourceVersion, content }) => `${resourceVersion}${content === undefined ? ' (deleted)' : ''}`)
    .join(', ');
}
