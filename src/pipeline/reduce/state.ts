/**
 * What an object is after one write: its content as far as it is known, how sure that is, and whether it lives. Pure.
 *
 * Nothing is guessed in silence: where the base or an effect of the server is not known, the fidelity says so.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { isObject, objectMember, shareJson, stringMember } from '../../model/json.ts';
import { isBuiltInGroup } from '../../model/object-key.ts';
import { type Fidelity, isComplete, type Version } from '../../model/version.ts';
import { contentOf, hasFinalizers, withMetadata } from './content.ts';
import { applyMergePatch } from './merge-patch.ts';
import type { Life, Write } from './write.ts';

/** The object before a write: its newest version, none where it did not exist or is not known. */
export interface Before {
  readonly base: Version | undefined;
  readonly terminating: boolean;
}

/** The object after a write. Content is undefined where it is not known, and where the object is gone. */
export interface State {
  readonly content: JsonObject | undefined;
  /** Whether the content is all there is; see Version. */
  readonly contentComplete: boolean;
  readonly fidelity: Fidelity;
  readonly apiVersion: string;
  readonly kind: string;
  readonly life: Life;
}

/** The effect of a write; what the write does not tell is as it was. */
type Known = Pick<State, 'content' | 'fidelity'> & Partial<State>;

/**
 * The state after a write. Parts of the content that did not change are the base's own.
 * @throws JsonTooDeep where a body nests too deep
 */
export function stateAfter(before: Before, write: Write, bookkeeping: ReadonlySet<string>): State {
  const { base } = before;
  const known = effectOn(before, write, bookkeeping);
  const content = known.content === undefined ? undefined : shareContent(base?.content, known.content);
  return {
    content,
    contentComplete: known.contentComplete ?? (base !== undefined && isComplete(base)),
    fidelity: known.fidelity,
    apiVersion: known.apiVersion ?? base?.apiVersion ?? '',
    kind: known.kind ?? base?.kind ?? '',
    life: known.life ?? lifeAfter(before, content),
  };
}

/** A deletion that finalizers held is finished by the write that removes the last of them. */
function lifeAfter({ base, terminating }: Before, content: JsonObject | undefined): Life {
  if (!terminating) return 'alive';
  const released = base?.content !== undefined && hasFinalizers(base.content) && content !== undefined;
  return released && !hasFinalizers(content) ? 'gone' : 'terminating';
}

function effectOn(before: Before, write: Write, bookkeeping: ReadonlySet<string>): Known {
  const { base } = before;
  const { effect } = write;
  const isCustom = !isBuiltInGroup(write.key.group);
  switch (effect.type) {
    case 'stored':
      return { ...effect, contentComplete: true, fidelity: 'exact' };
    case 'stored-metadata': {
      const content = withMetadata(base?.content ?? {}, effect.metadata);
      return { content, fidelity: replayed(base, true), life: effect.life };
    }
    case 'sent': {
      const { content, apiVersion, kind } = effect;
      // Without the server's defaults, what a request does not say is not absent.
      const known = isCustom && !effect.mutated;
      return { content, contentComplete: known, apiVersion, kind, fidelity: known ? 'derived' : 'partial' };
    }
    case 'merge-patch': {
      const content = contentOf(asObject(applyMergePatch(base?.content, effect.patch)), bookkeeping);
      // An apply also removes what its manager no longer names: that does not show in its body.
      const known = isCustom && !effect.mutated && write.operation !== 'apply';
      return { ...typeNamedIn(effect.patch), content, fidelity: replayed(base, known) };
    }
    case 'replicas':
      // A custom resource says where its replicas are (specReplicasPath), and its definition is not at hand.
      return inSpec(base, 'replicas', effect.replicas, !isCustom);
    case 'node':
      return inSpec(base, 'nodeName', effect.nodeName, true);
    case 'unrecorded':
      return { content: undefined, fidelity: 'unknown' };
    case 'evicted':
      return { content: base?.content, fidelity: base?.fidelity ?? 'unknown', life: 'terminating' };
    case 'deleted':
      // A Status that names the uid is the store's word that it is gone (finalizeDelete in registry/generic/registry/store.go).
      return write.uid === ''
        ? afterDeletion(base, 'exact')
        : { content: undefined, fidelity: 'exact', life: 'gone' };
    case 'deletion-unrecorded':
      // A pod has a grace period, which the answer would have told.
      return afterDeletion(base, isKnown(base) && write.key.resource !== 'pods' ? 'derived' : 'partial');
  }
}

function afterDeletion(base: Version | undefined, fidelity: Fidelity): Known {
  const held = base?.content !== undefined && hasFinalizers(base.content);
  return held
    ? { content: base.content, fidelity: base.fidelity, life: 'terminating' }
    : { content: undefined, fidelity, life: 'gone' };
}

/** The base with one member of its spec set. */
function inSpec(base: Version | undefined, key: string, value: JsonValue, effectsKnown: boolean): Known {
  const content = base?.content ?? {};
  const spec = { ...objectMember(content, 'spec'), [key]: value };
  return { content: { ...content, spec }, fidelity: replayed(base, effectsKnown) };
}

/** The fidelity of a request replayed on a base. */
function replayed(base: Version | undefined, effectsKnown: boolean): Fidelity {
  return isKnown(base) && effectsKnown ? 'derived' : 'partial';
}

function isKnown(base: Version | undefined): boolean {
  return base?.fidelity === 'exact' || base?.fidelity === 'derived';
}

function typeNamedIn(patch: JsonObject): { readonly apiVersion?: string; readonly kind?: string } {
  const apiVersion = stringMember(patch, 'apiVersion');
  const kind = stringMember(patch, 'kind');
  return apiVersion === undefined || kind === undefined ? {} : { apiVersion, kind };
}

function shareContent(known: JsonObject | undefined, next: JsonObject): JsonObject {
  return asObject(shareJson(known, next));
}

function asObject(value: JsonValue): JsonObject {
  return isObject(value) ? value : {};
}
