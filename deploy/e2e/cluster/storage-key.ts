/**
 * The keys under which kube-apiserver stores objects in etcd.
 *
 * Built-in kinds are at `/registry/RESOURCE/[NAMESPACE/]NAME`, those of kube-aggregator and of apiextensions and all custom
 * resources at `/registry/GROUP/RESOURCE/[NAMESPACE/]NAME`. A few have a place of their own
 * (kubernetes/pkg/kubeapiserver/default_storage_factory_builder.go, SpecialDefaultResourcePrefixes). A group always has a
 * dot in it here, a built-in resource never has.
 */
const PREFIX = '/registry/';

const SPECIAL: readonly (readonly [prefix: string, resource: string])[] = [
  ['services/specs/', 'services'],
  ['services/endpoints/', 'endpoints'],
  ['minions/', 'nodes'],
  ['controllers/', 'replicationcontrollers'],
  ['ingress/', 'ingresses'],
];

/** What stands under /registry without being an object of the API: which ports and addresses are taken, and by which servers. */
const NO_OBJECTS: readonly string[] = ['ranges/', 'masterleases/', 'peerserverleases/'];

/**
 * The plural of the resource that a key belongs to; the rest of the identity is in the value.
 * @returns undefined where the key is no object's
 */
export function resourceOfKey(key: string): string | undefined {
  if (!key.startsWith(PREFIX)) return undefined;
  const path = key.slice(PREFIX.length);
  if (NO_OBJECTS.some((prefix) => path.startsWith(prefix))) return undefined;
  const special = SPECIAL.find(([prefix]) => path.startsWith(prefix));
  if (special !== undefined) return special[1];
  const [first = '', second] = path.split('/');
  return first.includes('.') ? second : first;
}
