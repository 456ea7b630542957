/** Places of secret values that are no Secret's own data: Secrets inside other objects, notes, lists of what was deleted. */
import assert from 'node:assert/strict';
import type { Manifest } from './cluster/manifests.ts';
import { waitUntil } from './cluster/processes.ts';
import { VAULT, type Planted } from './secrets-planted.ts';
import type { ProvenanceCluster } from './testing/provenance-cluster.ts';

const PARCELS = '/apis/shop.example.com/v1/namespaces/default/parcels';
const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const MERGE = 'application/merge-patch+json';
const SERVED_MS_MAX = 20_000;

/** Makes a value under the name of its place. */
export type Plant = (where: string, around?: boolean) => Planted;

/** Plants values in the places that are no Secret's data. */
export async function plantNested(at: ProvenanceCluster, plant: Plant): Promise<void> {
  await defineParcels(at);
  await plantInCustomResources(at, plant);
  await plantInNotes(at, plant);
  await plantInDeletedCollection(at, plant);
}

/** A template of a Secret, as many operators have it in their resources. */
function parcel(name: string, data: Manifest, stringData: Manifest): Manifest {
  return {
    apiVersion: 'shop.example.com/v1',
    kind: 'Parcel',
    metadata: { name },
    spec: { template: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'inner' }, data, stringData } },
  };
}

async function plantInCustomResources({ cluster }: ProvenanceCluster, plant: Plant): Promise<void> {
  const { client } = cluster.admin;
  const created = parcel(
    'created',
    { a: plant('nested data').base64 },
    { b: plant('nested stringData').text },
  );
  await client.expect({ method: 'POST', path: PARCELS, body: created });
  const updated = parcel('created', { a: plant('nested data, patched').base64 }, {});
  await client.expect({
    method: 'PATCH',
    path: `${PARCELS}/created`,
    body: { spec: updated['spec'] },
    contentType: MERGE,
  });
  const manifests = ['applied', 'applied again'].map((way) =>
    parcel('applied', { a: plant(`nested data, ${way}`).base64 }, { b: plant(`nested text, ${way}`).text }),
  );
  for (const manifest of manifests) await apply(cluster, manifest);
}

/** A note repeats the value: the one of now, the one of before, and again the one of now. */
async function plantInNotes({ cluster }: ProvenanceCluster, plant: Plant): Promise<void> {
  const { client } = cluster.admin;
  const [before, after] = [plant('note before rotation', false), plant('note after rotation', false)];
  const noteOf = (value: Planted): Manifest => ({
    annotations: { 'example.com/note': `password ${value.text}` },
  });
  const patches: readonly Manifest[] = [{ data: { a: after.base64 } }, { metadata: noteOf(after) }];
  await client.expect({
    method: 'POST',
    path: VAULT,
    body: { metadata: { name: 'noted', ...noteOf(before) }, data: { a: before.base64 } },
  });
  for (const body of patches) {
    await client.expect({ method: 'PATCH', path: `${VAULT}/noted`, body, contentType: MERGE });
  }
}

/** The log has these values of the answer to their deletion only. */
async function plantInDeletedCollection({ cluster }: ProvenanceCluster, plant: Plant): Promise<void> {
  const labels = { batch: 'old' };
  for (const name of ['old-1', 'old-2']) {
    const data = { a: plant(`deletecollection of ${name}`).base64 };
    await cluster.unaudited.client.expect({
      method: 'POST',
      path: VAULT,
      body: { metadata: { name, labels }, data },
    });
  }
  await cluster.admin.client.expect({ method: 'DELETE', path: `${VAULT}?labelSelector=batch%3Dold` });
}

/** Plants values in a ConfigMap: they are kept, unless ConfigMaps are said to hold secrets. */
export async function plantInConfigMap({ cluster }: ProvenanceCluster, plant: Plant): Promise<void> {
  const manifest = (data: Manifest): Manifest => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'sensitive' },
    ...data,
  });
  await apply(cluster, manifest({ data: { a: plant('ConfigMap').text } }));
  await apply(cluster, manifest({ data: { a: plant('ConfigMap, applied again').text } }));
  await cluster.admin.client.expect({
    method: 'PATCH',
    path: `${CONFIGMAPS}/sensitive`,
    body: { binaryData: { b: plant('ConfigMap’s binaryData').base64 } },
    contentType: MERGE,
  });
}

async function apply(cluster: ProvenanceCluster['cluster'], manifest: Manifest): Promise<void> {
  const { exitCode, stderr } = await cluster.kubectl(['apply', '-f', '-'], {
    input: JSON.stringify(manifest),
  });
  assert.equal(exitCode, 0, stderr);
}

async function defineParcels({ cluster }: ProvenanceCluster): Promise<void> {
  const spec = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } };
  await cluster.apply({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'parcels.shop.example.com' },
    spec: {
      group: 'shop.example.com',
      scope: 'Namespaced',
      names: { plural: 'parcels', singular: 'parcel', kind: 'Parcel' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  await waitUntil('the custom resource is served', SERVED_MS_MAX, async () => {
    const { status } = await cluster.unaudited.client.send({ method: 'GET', path: PARCELS });
    return status === 200;
  });
}
